"""What a PolyBolt client asks for (polymarket.md §8.2), read from a frame. Answers nothing, remembers nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from adapters.emulator.wire_spot import CHANNELS

LONGEST = 64 * 2**10
_TOKEN = re.compile(r"[0-9]{1,78}")
_LONGEST_SYMBOL = 64


@frozen
class Refusal(Exception):
    """The venue's error code for one item, and the channel it names, if any."""

    code: str
    channel: str = ""


@frozen
class Request:
    """`rid` is empty or the one key to be echoed; a frame that is no request has no `op`."""

    op: str = ""
    body: Mapping[str, object] = field(factory=dict, repr=False)  # may hold a secret
    rid: dict[str, str] = field(factory=dict)


@frozen
class Item:
    """One subscription: a channel with a symbol or a token, and the TWAP's window (0 elsewhere)."""

    channel: str
    subject: str
    window: int = 0

    @property
    def priced(self) -> bool:
        """Whether data comes: a known symbol, and for a TWAP the only window that exists."""
        series = CHANNELS.get(self.channel)
        return series is not None and self.subject in series.assets and self.window == series.window


def read(text: str) -> Request:
    try:
        body = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return Request()
    op, rid = body.get("op"), body.get("rid")
    return Request(op if isinstance(op, str) else "", body, {"rid": rid} if isinstance(rid, str) else {})


def items_of(request: Request) -> Sequence[object]:
    """The items of a batch, or the one item the frame itself is."""
    batch = request.body.get("subscriptions")
    return batch if isinstance(batch, list) else [request.body] if "channel" in request.body else []


def item_of(raw: object) -> Item:
    """Raises Refusal."""
    channel = raw.get("channel") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(channel, str):
        raise Refusal("bad_channel")
    wanted = raw.get("filter")
    if channel != "price.polymarket" and channel not in CHANNELS:
        raise Refusal("bad_channel", channel)
    if not isinstance(wanted, dict):
        raise Refusal("bad_filter", channel)
    if channel == "price.polymarket":
        return Item(channel, _token(wanted.get("asset_id")))
    window = wanted.get("window_seconds") if CHANNELS[channel].window else 0
    if type(window) is not int or (CHANNELS[channel].window and window < 1):
        raise Refusal("bad_filter", channel)
    return Item(channel, _symbol(channel, wanted.get("symbol")), window)


def _token(asset_id: object) -> str:
    if not isinstance(asset_id, str) or not _TOKEN.fullmatch(asset_id):
        raise Refusal("bad_filter", "price.polymarket")
    return str(int(asset_id))


def _symbol(channel: str, symbol: object) -> str:
    if not isinstance(symbol, str) or not 0 < len(symbol) <= _LONGEST_SYMBOL:
        raise Refusal("bad_filter", channel)
    return symbol.lower()
