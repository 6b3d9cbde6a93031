"""`audit`: the trail of orders, cancels, fills, commands and risk, read from its file; needs no running bot."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

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
@click.option("--kind", help="Rows of this kind alone: order, cancel, fill, command, market, risk, income, run.")
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
    """Show what was asked, sent and answered, filled, cancelled, ordered by hand, and stopped. Times are UTC."""
    path = file or socket_path(instance).with_name("audit.jsonl")
    if not os.path.isfile(path):
        fail(f"there is no audit trail {path}: name the bot with --instance, or its file (audit.path) with --file")
    if not os.access(path, os.R_OK):
        fail(f"the audit trail {path} cannot be read by this user")
    wanted = Wanted(market, kind, order)
    with path.open("rb") as current:
        *lines, waiting = current.read().split(b"\n")
        for row in _last(path, lines, wanted, last):
            _show(row, as_json)
        for row in _news(path, current, waiting) if follow else ():
            if wanted.takes(row):
                _show(row, as_json)


def _last(path: Path, lines: list[bytes], wanted: Wanted, count: int) -> list[dict[str, Any]]:
    """The last `count` rows that are wanted, all for 0: of `lines`, and of no more full files than that takes."""
    found = [row for row in _rows(lines) if wanted.takes(row)]
    for full in _full(path):
        if count and len(found) >= count:
            break
        found = [row for row in _rows(full.read_bytes().split(b"\n")) if wanted.takes(row)] + found
    return found[-count:]


def _full(path: Path) -> list[Path]:
    """The files that were rotated away, the newest first."""
    full = [p for p in path.parent.glob(f"{path.name}.*") if p.suffix[1:].isdigit()]
    return sorted(full, key=lambda p: int(p.suffix[1:]))


def _rows(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """A line that a crash cut short is no row."""
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _news(path: Path, file: BinaryIO, waiting: bytes) -> Iterator[dict[str, Any]]:
    """What is appended from where `file` was read to, over rotations; `waiting` is the beginning of its next line."""
    while True:
        *lines, waiting = (waiting + file.read()).split(b"\n")
        yield from _rows(lines)
        if lines or not path.exists() or path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            time.sleep(_LOOK_EVERY)
        else:
            file.close()
            file, waiting = path.open("rb"), b""


def _show(row: dict[str, Any], as_json: bool) -> None:
    click.echo(json.dumps(row) if as_json else _line(row))


def _line(row: dict[str, Any]) -> str:
    """`2026-11-28 12:30:01.123 demo-cup order accepted side BUY …`; what is empty says nothing."""
    at, kind, event, market = (str(row.get(name, "")) for name in _HEAD)
    rest = "  ".join(f"{name} {text}" for name, value in row.items() if name not in _HEAD and (text := _short(value)))
    line = f"{at[:10]} {at[11:23]} {market or '-':<16}{kind} {event:<10} {rest}".rstrip()
    return "".join(c if c.isprintable() else "?" for c in line)  # no commands to the terminal


def _short(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_short(of)}" for name, of in value.items())
    if isinstance(value, list):
        return ", ".join(map(_short, value))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _orders(row: dict[str, Any]) -> list[str]:
    """Every order id in a row."""
    refused = row.get("refused")
    named = [*_listed(row.get("orders")), *_listed(row.get("done")), *(refused if isinstance(refused, dict) else ())]
    return [str(row.get("order")), *named]


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
