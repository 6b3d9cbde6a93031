"""A real bot in a real process, as its user would run it: the command line, signals, the control socket, the ledger."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from attrs import define, field, frozen

from actors.wiring.demo import DEMO_KEY
from adapters.polymarket.keys import Key
from tests.emulator.ledger_reader import Event, Open, exposure_over_time, open_orders, positions, read_ledger

ROOT = Path(__file__).parents[2]
ADDRESS = Key(DEMO_KEY).address
MIN_SIZE = 5_000_000
MARKETS = ("demo-election", "demo-rates", "demo-cup", "demo-bitcoin", "demo-oscar")


@frozen
class End:
    """How a process ended."""

    code: int
    out: str
    err: str


@define
class Bot:
    """One `python -m actors run`; its state lives under `home`."""

    home: Path
    process: subprocess.Popen[str]
    started: float
    instance: str = "default"
    _seen: dict[str, Any] = field(factory=dict)

    @classmethod
    def start(
        cls,
        home: Path,
        *args: str,
        config: str = "config.yaml",
        instance: str = "default",
        to: IO[str] | int = subprocess.PIPE,
    ) -> Bot:
        """`to` is for a bot that prints more than a pipe holds before somebody reads it at the end: it would block."""
        command = [sys.executable, "-m", "actors", "run", config, "--instance", instance, *args]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=to, stderr=to, text=True)
        return cls(home, process, time.monotonic(), instance)

    @property
    def age(self) -> float:
        return time.monotonic() - self.started

    def command(self, *args: str) -> End:
        """One command to this bot."""
        done = subprocess.run(
            [sys.executable, "-m", "actors", *args, "--instance", self.instance],
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        return End(done.returncode, done.stdout, done.stderr)

    def status(self) -> dict[str, Any] | None:
        """`status --json`, or None while there is no bot to answer."""
        end = self.command("status", "--json")
        if end.code:
            return None
        answer: dict[str, Any] = json.loads(end.out)
        return answer

    def market(self, name: str) -> dict[str, Any]:
        status = self.status()
        assert status is not None, "the bot does not answer"
        found: dict[str, Any] = next(m for m in status["markets"] if m["market"] == name)
        return found

    def until(self, condition: Callable[[dict[str, Any]], bool], within: float, what: str) -> float:
        """Poll `status` until it shows what is wanted; seconds it took. Fails the test past `within`."""
        begun = time.monotonic()
        status: dict[str, Any] | None = None
        while time.monotonic() - begun < within:
            assert self.process.poll() is None, f"the bot ended: {self.process.communicate()}"
            status = self.status()
            if status is not None and condition(status):
                return time.monotonic() - begun
            time.sleep(0.05)
        raise AssertionError(f"not within {within} s: {what}; last status {json.dumps(status)}")

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def end(self, within: float = 30.0) -> End:
        """Wait for the end."""
        try:
            out, err = self.process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"the bot did not end within {within} s\n{out}\n{err}") from None
        return End(self.process.returncode, out or "", err or "")

    # ── the exchange's own word ───────────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> Path:
        return self.home / "polyactors" / self.instance

    def ledger(self) -> list[Event]:
        return read_ledger(self.state / "exchange.ledger.jsonl")

    def left_open(self) -> list[Open]:
        return open_orders(self.ledger(), ADDRESS)

    def left_held(self) -> dict[str, int]:
        """Positions that could still be sold, by token."""
        held = positions(self.ledger(), ADDRESS)
        return {token: size for token, size in held.items() if size >= MIN_SIZE}

    def worst_exposure(self) -> int:
        """The largest exposure of any market at any instant, in cash units."""
        events = self.ledger()
        markets = {event.line["market"] for event in events if event.kind == "market"}
        series = (exposure for market in markets for _, exposure in exposure_over_time(events, ADDRESS, market))
        return max(series, default=0)


def environment(home: Path) -> dict[str, str]:
    """The environment of a fresh user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ACTORS__")}
    return {**kept, "XDG_STATE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


# A strategy that quotes on every book: whoever runs it is at fault where a market is silent. `maker` chooses to be, after a jump.
STEADY = ("--set", "strategy.name=simple")


def quoting(status: dict[str, Any]) -> bool:
    """Every market has a bid and an ask."""
    return all(m["our_bid"] is not None and m["our_ask"] is not None for m in status["markets"])
