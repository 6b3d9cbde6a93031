"""The judge's own book of what the socket showed: what REST shows is compared with it, and with nothing of the bot's."""

from __future__ import annotations

import json

from tests.faults.shadow import Shadow


def book(
    *bids: tuple[str, str], asks: tuple[tuple[str, str], ...] = (("0.6", "10"),), tick: str = "0.01"
) -> dict[str, object]:
    sides = {name: [{"price": p, "size": s} for p, s in side] for name, side in (("bids", bids), ("asks", asks))}
    return {"asset_id": "101", "tick_size": tick, **sides}


def shown(*bids: tuple[str, str]) -> Shadow:
    """A life that has read this book from its socket."""
    new = Shadow(1)
    new.hear(json.dumps({"event_type": "book", **book(*bids)}))
    return new


def change(price: str, size: str) -> str:
    each = {"asset_id": "101", "price": price, "size": size, "side": "BUY"}
    return json.dumps({"price_changes": [each], "event_type": "price_change"}, separators=(",", ":"))


def rest(*bids: tuple[str, str]) -> bytes:
    return json.dumps([book(*bids)]).encode()


def test_an_equal_book_does_not_differ_whatever_the_order_of_its_levels() -> None:
    shadow = shown(("0.4", "10"), ("0.39", "5"))
    assert shadow.differing(rest(("0.39", "5"), ("0.4", "10"))) == set()
    assert shadow.differing(rest(("0.4", "10"))) == {"101"}


def test_changes_count_from_the_moment_they_arrive() -> None:
    shadow = shown(("0.4", "10"))
    shadow.hear(change("0.41", "7"))
    assert shadow.differing(rest(("0.4", "10"))) == {"101"}
    assert shadow.differing(rest(("0.4", "10"), ("0.41", "7"))) == set()


def test_a_book_that_was_never_shown_or_cannot_be_followed_differs_from_nothing() -> None:
    assert Shadow(1).differing(rest(("0.4", "10"))) == set()
    shadow = shown(("0.4", "10"))
    shadow.hear(change("0.415", "7"))  # off its tick
    assert shadow.differing(rest(("0.1", "1"))) == set()
    assert shadow.differing(b"no JSON") == set()
