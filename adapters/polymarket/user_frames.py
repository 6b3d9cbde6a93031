"""User-channel frames into our own orders and fills. Never raises: what it cannot read it names (polymarket.md §7)."""

from __future__ import annotations

import msgspec
from attrs import frozen

from actors.messages import Fill, OrderUpdate
from adapters.polymarket.wire import decode
from adapters.polymarket.wire_account import Owner, fills, order_update

_KIND_OF_TYPE = {"PLACEMENT": "order", "UPDATE": "order", "CANCELLATION": "order", "TRADE": "trade"}


class _Head(msgspec.Struct):
    event_type: str | None = None
    type: str | None = None

    @property
    def kind(self) -> str:
        """The event type, or what the type implies: some copies carry no `event_type`."""
        return self.event_type or _KIND_OF_TYPE.get((self.type or "").upper(), "")


@frozen
class UserFrame:
    """What a frame told us. `lost` names facts of ours that could not be read; `ignored` are unknown event types."""

    events: tuple[OrderUpdate | Fill, ...] = ()
    lost: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def user_frame(frame: str, us: Owner) -> UserFrame:
    """An object or an array of them, in order."""
    events: list[OrderUpdate | Fill] = []
    lost: list[str] = []
    ignored: list[str] = []
    for part in _parts(frame, lost):
        try:
            kind = decode(part, _Head).kind
            if kind == "order":
                events.append(order_update(part))
            elif kind == "trade":
                events += fills(part, us)
            else:
                ignored.append(kind[:40] or "no event type")
        except ValueError as problem:
            lost.append(str(problem))
    return UserFrame(tuple(events), tuple(lost), tuple(ignored))


def _parts(frame: str, lost: list[str]) -> list[msgspec.Raw]:
    text = frame.encode(errors="replace")
    try:
        whole = decode(text, msgspec.Raw)
        return decode(text, list[msgspec.Raw]) if text.lstrip()[:1] == b"[" else [whole]
    except ValueError:
        lost.append("not JSON")
        return []
