"""Connections under faults: what of each frame leaves, when, and which connections are cut. Knows no channel's frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import trio
from attrs import define, field

from adapters.emulator.faults_armed import Armed
from adapters.emulator.faults_frames import Holding, Lag, Selective, Sent, SlowReader
from adapters.emulator.faults_where import Subject, Where, is_account, of_frame, of_socket
from adapters.emulator.keys import Keys
from adapters.emulator.listings import Listings
from adapters.emulator.schedule import Schedule
from adapters.emulator.sockets import MOST_WAITING, Outlet

ABRUPT = 1006
_CHANNELS = {"/ws/market": "market", "/ws/user": "user", "/ws": "spot", "/": "rtds"}


@define(eq=False)
class Line:
    """One connection. `held` are the frames each fault keeps back, `late` how many wait for `busy_until`.

    `account` is the address whose key a login frame carried, empty before.
    """

    lines: Lines
    channel: str
    outlet: Outlet
    account: str = ""
    busy_until: float = 0.0
    late: int = 0
    held: dict[int, list[str]] = field(factory=dict)

    def push(self, text: str) -> None:
        """Send a frame through every fault, in their order. What is not JSON (PONG) is never touched."""
        value = _json(text) if self.lines.stirring(self) else None
        if value is None:
            self._leave(text)
            return
        texts = [text]
        for number, armed in enumerate(self.lines.armed):
            texts = [out for each in texts for out in self._through(number, armed, each)]
        for each in texts:
            self._leave(each)

    def heard(self, text: str) -> None:
        """A frame from the client: its login says whose connection this is."""
        auth = frame.get("auth") if isinstance(frame := _json(text), dict) else None
        credential = self.lines.keys.by_key.get(str(auth.get("apiKey"))) if isinstance(auth, dict) else None
        if credential is not None:
            self.account = credential.address

    def closed(self) -> None:
        self.lines.open_lines.pop(self, None)

    def delay(self, seconds: float) -> None:
        """Everything from now on waits this long, in its order."""
        self.busy_until = max(self.busy_until, trio.current_time() + seconds)

    def _through(self, number: int, armed: Armed, text: str) -> list[str]:
        held = self.held.get(number, [])
        if not (armed.is_open or held) or (value := _json(text)) is None:
            return [text]
        held = self.held.setdefault(number, held)
        subject = partial(of_frame, self.channel, self.account, listings=self.lines.listings)
        sent = Sent(text, value, armed.fault.where, held, subject, partial(self._release, held))
        facts = subject(value)
        picked = not isinstance(armed.effect, Selective) or armed.effect.concerns(value)
        if picked and armed.due(facts):
            return self._bitten(armed, sent, facts)
        return armed.effect.passing(sent) if held and isinstance(armed.effect, Holding) else [text]

    def _bitten(self, armed: Armed, sent: Sent, facts: Subject) -> list[str]:
        """A fault that leaves the frame as it is slows it down; anything else is a bite when it changes something."""
        out: list[str] = armed.effect.frames(sent)
        if isinstance(armed.effect, Lag):
            self.delay(armed.effect.seconds)
        if out != [sent.text] or isinstance(armed.effect, Lag | SlowReader):
            armed.bite(facts.name)
        return out

    def _leave(self, text: str) -> None:
        """Now, or behind what is late already."""
        wait = self.busy_until - trio.current_time()
        if wait <= 0 and not self.late:
            self._send(text)
            return
        self.late += 1
        self.lines.schedule.after(max(wait, 0.0), lambda: self._arrive(text))

    def _arrive(self, text: str) -> None:
        self.late -= 1
        self._send(text)

    def _send(self, text: str) -> None:
        slow = [a.effect for a in self.lines.armed if isinstance(a.effect, SlowReader) and self.lines.covers(a, self)]
        if slow:
            self.outlet.send(text, max(effect.seconds for effect in slow), min(effect.most for effect in slow))
        else:
            self.outlet.send(text, 0.0, MOST_WAITING)

    def _release(self, held: list[str], seconds: float) -> None:
        def release() -> None:
            texts = list(held)
            held.clear()
            for text in texts:
                self._leave(text)

        self.lines.schedule.after(seconds, release)


@define(eq=False)
class Lines:
    """Every open connection, the faults of frames (`armed`) and those that turn connections away (`doors`)."""

    listings: Listings
    keys: Keys
    schedule: Schedule
    armed: list[Armed]
    doors: list[Armed]
    opened: Callable[[Subject], None]
    open_lines: dict[Line, None] = field(factory=dict)

    def open(self, path: str, outlet: Outlet) -> Line:
        line = Line(self, channel_of(path), outlet)
        self.open_lines[line] = None
        self.opened(of_socket(line.channel))
        return line

    def refusal(self, path: str) -> int:
        """The status with which a new connection is turned away, or 0."""
        subject = of_socket(channel_of(path))
        for armed in self.doors:
            if armed.due(subject):
                armed.bite(subject.name)
                return int(armed.effect.code)
        return 0

    def stirring(self, line: Line) -> bool:
        """Is any fault of frames open, or holding one back? Most runs have none and pay nothing."""
        return any(armed.is_open for armed in self.armed) or any(line.held.values())

    def covers(self, armed: Armed, line: Line) -> bool:
        """Is the fault open and about this connection? Filters of single frames are not asked."""
        return armed.is_open and _about(armed.fault.where, line)

    def cut(self, where: Where, code: int) -> int:
        """End every connection that the filter lets through; how many there were."""
        chosen = [line for line in self.open_lines if _about(where, line)]
        for line in chosen:
            line.outlet.end(None if code == ABRUPT else code)
        return len(chosen)

    def of(self, address: str) -> list[Line]:
        return [line for line in self.open_lines if line.account.lower() == address.lower()]


def _about(where: Where, line: Line) -> bool:
    return where.channel in (None, line.channel) and (where.account is None or is_account(where.account, line.account))


def channel_of(path: str) -> str:
    return _CHANNELS.get(path.partition("?")[0], "")


def _json(text: str) -> Any:  # noqa: ANN401 - JSON
    """An object or an array; None for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None
