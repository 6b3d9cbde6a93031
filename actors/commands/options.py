"""Options that every command to a running bot shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from actors.commands.link import send

F = TypeVar("F", bound=Callable[..., Any])


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
