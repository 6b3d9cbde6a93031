"""Quotes are leases: what rests on a market that the bot does not see is told of, unless the venue keeps cancels waiting."""

from __future__ import annotations

from attrs import define, field

from tests.faults.resting import Resting

_US, _ORDER = "0xus", "0x01"


@define(eq=False)
class Market:
    """One market with one resting order of ours; `now` is the clock."""

    now: float = 0.0
    resting: Resting = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.resting = Resting(_US, lambda: self.now, lambda _: True)
        self.resting.hear({"kind": "market", "market": "m", "slug": "alpha", "tokens": ["yes", "no"]})
        order = {"kind": "order", "address": _US, "life": "GTC", "order": _ORDER, "market": "m", "size": "20"}
        self.resting.saw(["yes", "no"], 0.0)
        self.resting.hear(order)

    def told_at(self, until: float) -> float | None:
        """When it is told of, looked at each second."""
        while self.now < until:
            self.now += 1.0
            if list(self.resting.blind(0.0)):
                return self.now
        return None


def test_an_order_on_an_unseen_book_is_told_of_once_the_bot_had_its_chance() -> None:
    assert Market().told_at(60.0) == 19.0


def test_while_the_venue_keeps_cancels_waiting_it_may_rest_and_no_longer() -> None:
    market = Market()
    market.now = 10.0
    market.resting.limited()
    assert market.told_at(60.0) == 41.0


def test_a_parked_market_is_not_seen_however_loud_its_socket_is() -> None:
    market = Market()
    market.now = 10.0
    market.resting.parked(["alpha"])
    market.resting.saw(["yes", "no"], 20.0)
    assert market.told_at(60.0) == 29.0
    seen = Market()
    seen.resting.parked(["alpha"])
    seen.resting.parked([])
    seen.resting.saw(["yes", "no"], 50.0)
    assert seen.told_at(60.0) is None


def test_a_cancel_that_has_left_is_all_that_can_be_done() -> None:
    market = Market()
    market.now = 10.0
    market.resting.cancels([_ORDER])
    assert market.told_at(60.0) is None
