"""`audit`: the trail of orders, cancels, fills, commands and risk, read from its file; needs no running bot."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from actors.commands.link import fail, socket_path

_LOOK_EVERY = 0.3  # s between looks at the file's end
_HEAD = ("at", "kind", "event", "market")


@frozen
class Wanted:
    """Which rows are shown; nothing said = all."""

    market: str | None
    kind: str | None
    order: str | None

    def takes(self, row: dict[str, Any]) -> bool:
        return (
            self.market in (None, row.get("market"))
            and self.kind in (None, row.get("kind"))
            and (self.order is None or self.order in _orders(row))
        )


@click.command()
@click.option("--instance", default="default", show_default=True, help="Name of the bot's instance.")
@click.option("--file", type=click.Path(path_type=Path), help="The trail, if config sets audit.path.")
@click.option("--market", help="Rows of this market alone.")
@click.option("--kind", help="Rows of this kind alone: order, cancel, fill, command, risk, run.")
@click.option("--order", help="Rows that name this order id.")
@click.option("--last", type=click.IntRange(0), default=20, show_default=True, help="How many rows; 0 = all.")
@click.option("--follow", is_flag=True, help="Go on with new rows until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="The rows as they are, one JSON object a line.")
def audit(
    instance: str,
    file: Path | None,
    market: str | None,
    kind: str | None,
    order: str | None,
    last: int,
    follow: bool,
    as_json: bool,
) -> None:
    """Show what was asked, sent and answered, filled, cancelled, ordered by hand, and stopped."""
    path = file or socket_path(instance).with_name("audit.jsonl")
    if not path.exists():
        fail(f"there is no audit trail {path}: name the bot with --instance, or its file (audit.path) with --file")
    wanted, begun = Wanted(market, kind, order), path.stat()
    for row in _last(path, wanted, last):
        _show(row, as_json)
    for row in _news(path, begun) if follow else ():
        if wanted.takes(row):
            _show(row, as_json)


def _last(path: Path, wanted: Wanted, count: int) -> list[dict[str, Any]]:
    """The last `count` rows that are wanted, all for 0; no older file is read than that takes."""
    found: list[dict[str, Any]] = []
    for file in _files(path):
        found = [row for row in _rows(file.read_bytes().split(b"\n")) if wanted.takes(row)] + found
        if count and len(found) >= count:
            break
    return found[-count:]


def _files(path: Path) -> list[Path]:
    """The file that is written, and the full ones, the newest first."""
    full = [p for p in path.parent.glob(f"{path.name}.*") if p.suffix[1:].isdigit()]
    return [path, *sorted(full, key=lambda p: int(p.suffix[1:]))]


def _rows(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """A line that a crash cut short is no row."""
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _news(path: Path, begun: os.stat_result) -> Iterator[dict[str, Any]]:
    """What is appended from now on, over rotations."""
    file, number, waiting = path.open("rb"), begun.st_ino, b""
    file.seek(begun.st_size)
    while True:
        *lines, waiting = (waiting + file.read()).split(b"\n")
        yield from _rows(lines)
        if not lines and path.exists() and path.stat().st_ino != number:
            file.close()
            file, number, waiting = path.open("rb"), path.stat().st_ino, b""
            continue
        time.sleep(_LOOK_EVERY)


def _show(row: dict[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(row) if as_json else _line(row))


def _line(row: dict[str, Any]) -> str:
    """`12:30:01.123 demo-cup order accepted side BUY …`; the day stands in the JSON rows."""
    at, kind, event, market = (str(row.get(name, "")) for name in _HEAD)
    rest = "  ".join(f"{name} {_short(value)}" for name, value in row.items() if name not in _HEAD)
    line = f"{at[11:23]} {market or '-':<16}{kind} {event:<10} {rest}".rstrip()
    return "".join(c if c.isprintable() else "?" for c in line)  # no commands to the terminal


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _orders(row: dict[str, Any]) -> list[str]:
    """Every order id in a row."""
    refused = row.get("refused")
    named = [*_listed(row.get("orders")), *_listed(row.get("done")), *(refused if isinstance(refused, dict) else ())]
    return [str(row.get("order")), *named]


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
