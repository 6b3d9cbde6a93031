"""Faults of single frames: silent, lost, doubled, swapped, split, joined, unreadable (F11, F12, F13). Never a socket.

Each effect is a value; `frames` says what is sent in place of one frame. What a client hears of one asset may thus
contradict what it hears of another, as at the venue (polymarket.md §6.3, §6.4).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, runtime_checkable

from attrs import frozen

from adapters.emulator.compact import compact_text
from adapters.emulator.faults_keys import duration, flag, string, whole
from adapters.emulator.faults_where import Subject, Where

_PATIENCE = 1.0  # seconds a frame is held back for the next one


@frozen
class Sent:
    """A frame on its way out: as `text`, as parsed `value`; `subject` gives the facts of any part of it.

    `held` are the frames this fault keeps back on this connection; `release(seconds)` sends them later, whatever comes.
    """

    text: str
    value: Any
    where: Where
    held: list[str]
    subject: Callable[[object], Subject]
    release: Callable[[float], None]


@runtime_checkable
class FrameEffect(Protocol):
    def frames(self, sent: Sent) -> list[str]:
        """What leaves now in place of the frame."""


@runtime_checkable
class Selective(Protocol):
    def concerns(self, value: object) -> bool:
        """May the effect hit this frame at all, its filter aside?"""


@runtime_checkable
class Holding(Protocol):
    def passing(self, sent: Sent) -> list[str]:
        """What leaves now when a frame comes that is not hit itself, while frames are held."""


@frozen
class Silence:
    """Nothing arrives, though PONG flows (F11); with a market or token only what concerns it is left out (F12)."""

    KIND: ClassVar[str] = "silence"
    LASTING: ClassVar[bool] = True

    def frames(self, sent: Sent) -> list[str]:
        return _texts(without(sent.value, sent))


@frozen
class NoSnapshot:
    """The first book of a subscription never comes; changes do (F12)."""

    KIND: ClassVar[str] = "no_snapshot"

    def concerns(self, value: object) -> bool:
        return isinstance(value, list)

    def frames(self, sent: Sent) -> list[str]:
        return _texts(without(sent.value, sent))


@frozen
class Drop:
    KIND: ClassVar[str] = "drop"

    def frames(self, sent: Sent) -> list[str]:
        return []


@frozen
class Repeat:
    """The frame comes `times` more."""

    KIND: ClassVar[str] = "repeat"
    times: int = whole(1, 100, 1)

    def frames(self, sent: Sent) -> list[str]:
        return [sent.text] * (1 + self.times)


@frozen
class Reorder:
    """The frame comes after the next one, or a second late when there is none."""

    KIND: ClassVar[str] = "reorder"

    def frames(self, sent: Sent) -> list[str]:
        if sent.held:
            return [sent.text, *_drain(sent.held)]
        sent.held.append(sent.text)
        sent.release(_PATIENCE)
        return []

    def passing(self, sent: Sent) -> list[str]:
        return [sent.text, *_drain(sent.held)]


@frozen
class Join:
    """`size` frames arrive as one array, or fewer when a second passes without more."""

    KIND: ClassVar[str] = "join"
    size: int = whole(2, 1000, 3)

    def frames(self, sent: Sent) -> list[str]:
        if not sent.held:
            sent.release(_PATIENCE)
        sent.held.append(sent.text)
        if len(sent.held) < self.size:
            return []
        parts = [json.loads(text) for text in _drain(sent.held)]
        return [_text([entry for part in parts for entry in (part if isinstance(part, list) else [part])])]

    def passing(self, sent: Sent) -> list[str]:
        return self.frames(sent)


@frozen
class Split:
    """An array comes as single frames, a price_change of several levels as one frame a level."""

    KIND: ClassVar[str] = "split"

    def concerns(self, value: object) -> bool:
        changes = value.get("price_changes") if isinstance(value, dict) else value
        return isinstance(changes, list) and len(changes) > 1

    def frames(self, sent: Sent) -> list[str]:
        if isinstance(sent.value, list):
            return [_text(entry) for entry in sent.value]
        return [_text({**sent.value, "price_changes": [change]}) for change in sent.value["price_changes"]]


@frozen
class Garbage:
    """`text` arrives before the frame, or instead of it."""

    KIND: ClassVar[str] = "garbage"
    text: str = string('{"event_type":"book","asset_id":"1')
    instead: bool = flag()

    def frames(self, sent: Sent) -> list[str]:
        return [self.text] if self.instead else [self.text, sent.text]


@frozen
class UnknownType:
    """A well-formed frame of a type nobody documented arrives before the frame."""

    KIND: ClassVar[str] = "unknown_type"
    event_type: str = string("liquidity_snapshot")

    def frames(self, sent: Sent) -> list[str]:
        return [_text({"event_type": self.event_type, "timestamp": "0", "data": {"levels": [1, None, "x"]}}), sent.text]


@frozen
class Shuffle:
    """The levels of books come in another order; clients must not care (polymarket.md §15)."""

    KIND: ClassVar[str] = "shuffle"
    LASTING: ClassVar[bool] = True

    def concerns(self, value: object) -> bool:
        entries = value if isinstance(value, list) else [value]
        return any(isinstance(entry, dict) and "bids" in entry for entry in entries)

    def frames(self, sent: Sent) -> list[str]:
        return [_text(_interleaved(sent.value))]


@frozen
class Lag:
    """Frames arrive `seconds` late, in their order; what is sent afterwards waits behind them."""

    KIND: ClassVar[str] = "lag"
    LASTING: ClassVar[bool] = True
    seconds: float = duration(1.0, high=3600)

    def frames(self, sent: Sent) -> list[str]:
        return [sent.text]


@frozen
class Gap:
    """Everything is lost while it lasts, then the connection is cut (1006); nothing is replayed (F14)."""

    KIND: ClassVar[str] = "gap"
    LASTING: ClassVar[bool] = True

    def frames(self, sent: Sent) -> list[str]:
        return []


@frozen
class SlowReader:
    """Frames leave one every `seconds`; with more than `most` waiting the client counts as too slow and is cut off."""

    KIND: ClassVar[str] = "slow_reader"
    LASTING: ClassVar[bool] = True
    seconds: float = duration(0.5, high=3600)
    most: int = whole(1, 2048, 64)

    def frames(self, sent: Sent) -> list[str]:
        return [sent.text]


def without(value: Any, sent: Sent) -> Any:  # noqa: ANN401 - JSON
    """The frame less every entry that the filter lets through; None when nothing is left."""
    if isinstance(value, list):
        return [kept for entry in value if (kept := without(entry, sent)) is not None] or None
    if not sent.where.matches(sent.subject(value)):
        return value
    changes = value.get("price_changes") if isinstance(value, dict) else None
    if not isinstance(changes, list):
        return None
    event = {"event_type": value.get("event_type"), "market": value.get("market")}
    kept = [change for change in changes if not sent.where.matches(sent.subject({**event, **change}))]
    return {**value, "price_changes": kept} if kept else None


def _interleaved(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Every second level first, the rest backwards: an order no venue promises, and the same each time."""
    if isinstance(value, list):
        return [_interleaved(entry) for entry in value]
    if not isinstance(value, dict) or "bids" not in value:
        return value
    return {**value, **{side: value[side][1::2] + value[side][::2][::-1] for side in ("bids", "asks")}}


def _drain(held: list[str]) -> list[str]:
    texts = list(held)
    held.clear()
    return texts


def _texts(value: object) -> list[str]:
    return [] if value is None else [_text(value)]


def _text(value: object) -> str:
    return compact_text(value)


FRAMES = (Silence, NoSnapshot, Drop, Repeat, Reorder, Join, Split, Garbage, UnknownType, Shuffle, Lag, Gap, SlowReader)
