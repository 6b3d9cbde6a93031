"""Options that every command to a running bot shares, and durations as people write them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from actors.commands.link import send

F = TypeVar("F", bound=Callable[..., Any])

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(_: click.Context, __: click.Parameter, text: str | None) -> float | None:
    """`60s`, `5m`, `1.5h`, or plain seconds."""
    if text is None:
        return None
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip())
    if match is None or float(match[1]) == 0:
        raise click.BadParameter(f"{text!r} is no duration: write 60s, 5m or 2h")
    return float(match[1]) * _UNITS[match[2]]


def to_bot(command: F) -> F:
    """Adds --instance, --socket and --json."""
    command = click.option("--instance", default="default", show_default=True, help="Name of the bot's instance.")(
        command
    )
    command = click.option("--socket", default=None, help="Path of its control socket, if config sets one.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")(command)


def order(command: str, instance: str, socket: str | None, as_json: bool, **args: str | bool | int | None) -> None:
    """Send one order and print what was done."""
    result = send(instance, command, socket, **args)
    click.echo(json.dumps(result) if as_json else result["done"])
    if "warning" in result:
        click.echo(f"polyactors: {result['warning']}", err=True)
