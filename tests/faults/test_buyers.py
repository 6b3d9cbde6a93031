"""A bot that could sell to nobody while it ended has told the truth when it says that something is left."""

from __future__ import annotations

from functools import partial

import pytest
import trio

from actors.kernel.virtual import VirtualClock
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE
from adapters.emulator.listings import Listing
from adapters.matching import Order
from tests.faults.buyers import Buyers
from tests.venue import market

_ENDS_AFTER = 20.0


def rest(listing: Listing, side: Side) -> None:
    price = 4_000 if side is Side.BUY else 6_000
    listing.book.submit(Order(f"o{side.value}", "them", Outcome.YES, side, price, 20 * SHARE, post_only=True))


async def ending(bids_from: float, asks_from: float) -> set[str]:
    """What was missed where somebody bids and offers from then on."""
    listing = Listing(market("alpha"), "?", "0x1", 0.5)
    buyers = Buyers([listing])

    async def come(at: float, side: Side) -> None:
        await trio.sleep(at)
        rest(listing, side)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(come, bids_from, Side.BUY)
        nursery.start_soon(come, asks_from, Side.SELL)
        nursery.start_soon(buyers.look)
        await trio.sleep(_ENDS_AFTER)
        nursery.cancel_scope.cancel()
    return buyers.missed


@pytest.mark.parametrize(
    ("bids_from", "asks_from", "missed"),
    [(0.0, 0.0, set()), (8.0, 0.0, set()), (12.0, 0.0, {"alpha"}), (0.0, 12.0, {"alpha"})],
)
def test_a_market_without_a_buyer_for_half_of_the_ending_is_excused(
    bids_from: float, asks_from: float, missed: set[str]
) -> None:
    assert trio.run(partial(ending, bids_from, asks_from), clock=VirtualClock()) == missed
