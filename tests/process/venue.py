"""A practice exchange of its own, which outlives every bot: its process, the options that point a bot at it, its ledger.

Its *marks* are faults that change nothing: each is a line in the ledger when a bot reads a market's orders, trades or book, which the
exchange does not record by itself. So even what a bot has *read* is known from outside.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from tests.emulator.ledger_reader import Event, read_ledger, stream_ledger
from tests.process.bot import MARKETS, ROOT, environment

_LOOK_EVERY = 0.004
_ADDRESSES = ("clob_url", "market_ws_url", "user_ws_url")

Script = Sequence[dict[str, Any]]


_MARKS = {"orders": ("GET", "/data/orders"), "trades": ("GET", "/data/trades"), "books": ("POST", "/books")}


def marked(*markets: str) -> Script:
    """Marks for the reads of these markets; a mark's name is what is read, and of which market."""
    always = {"kind": "delay", "seconds": 0, "for": 1_000_000}
    return [
        {**always, "name": f"{what} {market}", "method": method, "path": path, "market": market}
        for market in markets
        for what, (method, path) in _MARKS.items()
    ]


MARKED = marked(*MARKETS)
TAKER: Script = [{"kind": "take", "name": "taker", "every": 0.7, "percent": 60, "account": "first"}]  # fills in plenty


def is_mark(event: Event) -> bool:
    """Whether the line tells of a read, not of a fault."""
    return event.kind == "fault" and event.line["fault"].split()[0] in _MARKS


@frozen
class Exchange:
    """`home` holds its ledger and its fault file."""

    home: Path
    process: subprocess.Popen[str]
    banner: dict[str, Any]

    @property
    def options(self) -> tuple[str, ...]:
        """What points a bot at it."""
        return tuple(word for name in _ADDRESSES for word in ("--set", f"venue.{name}={self.banner[name]}"))

    @property
    def clob_url(self) -> str:
        return str(self.banner["clob_url"])

    @property
    def ledger(self) -> Path:
        return self.home / "venue.jsonl"

    def events(self) -> list[Event]:
        return read_ledger(self.ledger)

    def stream(self) -> Iterator[Event]:
        """One event after the other, for a ledger of hours."""
        return stream_ledger(self.ledger)


@contextmanager
def exchange(home: Path, *, seed: int, flow: str = "demo", faults: Script = ()) -> Iterator[Exchange]:
    """A running exchange; it ends with the block."""
    command = [sys.executable, "-m", "actors", "exchange", "--json", "--seed", str(seed), "--flow", flow]
    command += ["--ledger", str(home / "venue.jsonl")]
    if faults:
        script = home / "faults.json"
        script.write_text(json.dumps(faults))
        command += ["--faults", str(script)]
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Exchange(home, process, json.loads(process.stdout.readline()))
        finally:
            process.terminate()


@frozen
class Tail:
    """The ledger from now on, line by line, for whoever waits for a moment."""

    file: IO[str]

    @classmethod
    def of(cls, venue: Exchange) -> Tail:
        file = venue.ledger.open(encoding="utf-8")
        file.seek(0, 2)
        return cls(file)

    def until(self, true: Callable[[Event], bool], within: float) -> bool:
        """Read on to the first line like this, and no further; False if none comes."""
        deadline, part = time.monotonic() + within, ""
        while time.monotonic() < deadline:
            part += self.file.readline()
            if not part.endswith("\n"):
                time.sleep(_LOOK_EVERY)
                continue
            line, part = json.loads(part), ""
            if true(Event(line["id"], line["t"], line["kind"], line)):
                return True
        return False

    def close(self) -> None:
        self.file.close()
