"""`config check | show | schema`: what the configuration says, where each value comes from, which keys exist; starts nothing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import asdict
from dotenv import dotenv_values

from actors.commands.link import send
from actors.config import ConfigError, Loaded, load
from actors.config_keys import described, listed
from actors.config_secrets import SECRETS, hidden, secret_values

USAGE_OR_CONFIG = 2  # architecture.md §7

_file = click.argument("file", type=click.Path(path_type=Path), default=Path("config.yaml"))
_set = click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Cover a value, as `run` does.")
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


def load_or_exit(file: Path, overrides: Sequence[str]) -> Loaded:
    """The configuration in force; on any error all of them on stderr, one a line, and exit 2."""
    try:
        return load(file, os.environ, overrides)
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(USAGE_OR_CONFIG)


@click.group()
def config() -> None:
    """Check, show or explain the configuration."""


@config.command()
@_file
@_set
def check(file: Path, overrides: tuple[str, ...]) -> None:
    """Read FILE as `run` would and name everything that is wrong with it. Whether the venue lists its markets only `run` can see."""
    settings = load_or_exit(file, overrides).settings
    names = ", ".join(market.market for market in settings.markets)
    if most := settings.discover.max_markets:
        names = f"{names or 'none named'} and the best {most} discovered"
    click.echo(f"{file}: good. mode {settings.mode}, strategy {settings.strategy.name}, markets {names}")


@config.command()
@_file
@_set
@_json
@click.option("--running", is_flag=True, help="What the running bot goes by, and what its restart would change.")
@click.option("--instance", default="default", show_default=True, help="Name of the running bot's instance.")
@click.option("--socket", default=None, help="Path of its control socket, if config sets one.")
def show(
    file: Path, overrides: tuple[str, ...], as_json: bool, running: bool, instance: str, socket: str | None
) -> None:
    """Every value in force and where it came from. Of secrets, only whether they are there."""
    if running:
        _show_running(send(instance, "config", socket), as_json)
        return
    loaded = load_or_exit(file, overrides)
    dotenv = _dotenv()
    secrets = secret_values(dotenv) + secret_values(os.environ)
    rows = [(path, hidden(text, secrets), str(loaded.origins[path])) for path, text in listed(loaded.settings)]
    rows += _secret_rows(os.environ, dotenv)
    if as_json:
        click.echo(
            json.dumps([{"key": key, "value": value, "origin": origin} for key, value, origin in rows], indent=1)
        )
    else:
        _table(rows)


def _show_running(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=1))
        return
    later = {row["key"]: f"{row['new'] or '(empty)'} after a restart" for row in answer["restart"]}
    rows = [(row["key"], row["value"], row["origin"], later.pop(row["key"], "")) for row in answer["rows"]]
    _table([*rows, *((key, "", "", text) for key, text in later.items())])


@config.command()
@_json
def schema(as_json: bool) -> None:
    """Every key: its kind and unit, its default, what it means."""
    keys = list(described())
    if as_json:
        click.echo(json.dumps([asdict(key) for key in keys], indent=1))
    else:
        _table(
            (key.path, key.kind, "(must be given)" if key.default is None else key.default, key.about) for key in keys
        )


def _dotenv() -> Mapping[str, str]:
    try:
        return {key: value or "" for key, value in dotenv_values(".env", interpolate=False).items()}
    except (OSError, UnicodeDecodeError):
        return {}


def _secret_rows(environ: Mapping[str, str], dotenv: Mapping[str, str]) -> list[tuple[str, str, str]]:
    rows = []
    for name in SECRETS:
        origin = "environment" if environ.get(name) else ".env" if dotenv.get(name) else "not given"
        rows.append((name, "" if origin == "not given" else "(hidden)", origin))
    return rows


def _table(rows: Iterable[tuple[str, ...]]) -> None:
    """Columns as wide as they need to be."""
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
