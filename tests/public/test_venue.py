"""Read-only checks of the venue itself, for whoever has a network: `make test-public`. The same ones hold for the exchange.

Nothing is signed and no key is read. Marked `public`, which `tests/conftest.py` leaves out of every other run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from actors.market.books import Books
from actors.messages import BookSnapshot
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.shared.lookout import MOST_SKEW, skew
from actors.wiring.live import POLYMARKET
from actors.wiring.opening import Venue
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.public import RestPublic
from adapters.polymarket.reach import reach
from tests.process.venue import exchange

_BUSIEST, _LISTEN = 20, 5.0  # s


@pytest.fixture(
    params=[
        pytest.param("emulated", marks=pytest.mark.process),
        pytest.param("real", marks=pytest.mark.public),
    ]
)
def venue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Venue]:
    """The exchange in a process of its own, or the venue; skipped where that cannot be reached."""
    if request.param == "real":
        answer = trio.run(reach, POLYMARKET.clob_url)
        if isinstance(answer, Unread):
            pytest.skip(f"no way to the venue from here: {answer.why}")
        yield POLYMARKET
        return
    with exchange(tmp_path, seed=7, flow="busy") as running:
        told = running.banner
        yield Venue(told["clob_url"], told["market_ws_url"], told["user_ws_url"], gamma_url=told["gamma_url"])


async def _market(public: RestPublic) -> Market:
    """The busiest market that takes orders, found again by its slug."""
    listed = await public.busiest(_BUSIEST)
    assert not isinstance(listed, Unread), listed.why
    for listing in listed:
        found = await public.find((listing.slug,))
        assert not isinstance(found, Unread), found.why
        if found and not found[0].unquotable(time.time()):
            assert (found[0].slug, found[0].condition_id) == (listing.slug, listing.condition_id)
            return found[0]
    raise AssertionError(f"none of the {_BUSIEST} busiest markets takes orders")


async def test_its_clock_is_ours(venue: Venue) -> None:
    public = RestPublic.open(venue.clob_url)
    asked = time.time()
    theirs = await public.server_time()
    await public.close()
    assert not isinstance(theirs, Unread), theirs.why
    assert skew(theirs, asked, time.time()) <= MOST_SKEW, "set this machine's clock (NTP)"


async def test_a_market_is_found_by_its_slug_and_its_book_is_read(venue: Venue) -> None:
    public = RestPublic.open(venue.clob_url, gamma_url=venue.gamma_url)
    market = await _market(public)
    books = await public.books(market.tokens)
    await public.close()
    assert not isinstance(books, Unread), books.why
    assert [book.token for book in books] == list(market.tokens)
    for book in books:
        prices = [price for price, _ in (*book.bids, *book.asks)]
        assert prices, f"{market.slug} is busy and its book is empty"
        assert all(price % market.tick == 0 for price in prices), f"off the tick {market.tick}"


async def test_frames_of_a_market_are_decoded_into_books_that_hold_together(venue: Venue) -> None:
    public = RestPublic.open(venue.clob_url, gamma_url=venue.gamma_url)
    market = await _market(public)
    await public.close()
    books, moved, doubts = Books(market), 0, list[str]()
    async with PolymarketMarketChannel(venue.market_ws_url).connect(market.tokens) as link:
        with trio.move_on_after(_LISTEN):
            while True:
                for event in await link.read():
                    moved += not isinstance(event, BookSnapshot)
                    doubts += [why] if (why := books.apply(event, trio.current_time())) else []
        assert link.oddities == {}
    assert doubts == []
    assert books.live, f"no snapshot of both outcomes of {market.slug}"
    assert moved, f"{market.slug} is busy and nothing moved within {_LISTEN:g} s"
    book = books.book()
    assert 0 < book.yes.best_bid < book.yes.best_ask, book  # type: ignore[operator]  # neither is missing in a busy market
