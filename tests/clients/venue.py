"""A real `python -m actors exchange` for the clients' sessions, and each session as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, frozen

ROOT = Path(__file__).parents[2]
_SESSION_WITHIN = 60.0


@define(slots=False, eq=False)
class Running:
    """An exchange that runs, or will in a moment; `ledger` is the file it writes."""

    process: subprocess.Popen[bytes]
    ledger: Path
    log: Path

    @cached_property
    def banner(self) -> dict[str, Any]:
        """Its first line; waits for it."""
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first, self.log.read_text(encoding="utf-8")
        banner: dict[str, Any] = json.loads(first)
        return banner

    def lines(self, kind: str) -> list[dict[str, Any]]:
        """What it wrote of that kind so far."""
        rows = (json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines())
        return [row for row in rows if row["kind"] == kind]

    def balances(self, address: str) -> dict[str, Any]:
        """The last balance it wrote for an address."""
        return [row for row in self.lines("balance") if row["address"].lower() == address.lower()][-1]


@contextmanager
def exchange(folder: Path, *options: str) -> Iterator[Running]:
    """Start it, end it by closing its stdin; it has to leave with 0."""
    ledger, log = folder / "ledger.jsonl", folder / "exchange.log"
    command = [sys.executable, "-m", "actors", "exchange", "--json", "--die-with-stdin", "--ledger", str(ledger)]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Running(process, ledger, log)
    finally:
        process.stdin.close()
        try:
            code = process.wait(10)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    assert code == 0, log.read_text(encoding="utf-8")


@frozen
class Session:
    """A client's session under way, and the exchange that it has to itself."""

    running: Running
    process: subprocess.Popen[bytes]
    said: Path

    @classmethod
    def start(cls, running: Running, command: Sequence[str], cwd: Path = ROOT) -> Session:
        said = running.ledger.with_name("session.txt")
        with said.open("wb") as out:
            process = subprocess.Popen(
                [*command, json.dumps(running.banner)], cwd=cwd, stdout=out, stderr=subprocess.STDOUT
            )
        return cls(running, process, said)

    def report(self) -> dict[str, Any]:
        """Wait for its end and give back its last line, a JSON report; what went before is what it did."""
        code = self.process.wait(_SESSION_WITHIN)
        text = self.said.read_text(encoding="utf-8")
        assert code == 0, text
        report: dict[str, Any] = json.loads(text.splitlines()[-1])
        return report

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def python(module: str) -> list[str]:
    return [sys.executable, "-m", f"tests.clients.{module}"]
