"""Where the socket delivers no book REST stands in, and then only what reduces a position is ordered (polymarket.md §6.4)."""

from __future__ import annotations

import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import FeedState
from actors.model.book import Book
from actors.model.ledger import Holding, Position
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.quote import Quote, only_reducing
from actors.model.reason import Reason
from actors.model.trading import Order
from actors.stop import Stop
from actors.wiring.console import Console
from tests.venue import market
from tests.wiring.world import ALPHA, BETA, World, bot, order, quoting, until, world

SHARES = st.integers(0, 50 * SHARE)
QUOTES = st.lists(
    st.builds(
        Quote,
        st.sampled_from(Outcome),
        st.sampled_from(Side),
        st.integers(1, 99).map(lambda p: Price(100 * p)),
        st.integers(1, 4_000).map(lambda s: Size(10_000 * s)),
    )
)


def silence(of: World) -> None:
    """The socket breaks, and no later one brings a snapshot."""
    of.sockets.mute = True
    of.sockets.cut()


def book(of: World) -> Book:
    found = of.board.last(Book, "alpha")
    assert found is not None
    return found


async def stood_in(of: World) -> None:
    silence(of)
    await until(lambda: not book(of).live, within=1.0)
    await until(lambda: book(of).live, within=7.0)


@given(QUOTES, SHARES, SHARES)
def test_reducing_quotes_sell_what_is_held_and_never_more_than_the_net_position(
    quotes: list[Quote], yes: int, no: int
) -> None:
    position = Position("m", Holding(size=yes, confirmed=yes), Holding(size=no, confirmed=no))
    kept = only_reducing(quotes, position)
    assert sum(quote.size for quote in kept) <= abs(position.net)
    assert all(quote.side is Side.SELL and quote.size % 10_000 == 0 for quote in kept)
    assert {quote.outcome for quote in kept} <= {Outcome.YES if position.net > 0 else Outcome.NO}
    assert {(q.outcome, q.price) for q in kept} <= {(q.outcome, q.price) for q in quotes}


async def test_a_flat_market_places_nothing_on_a_book_that_rest_delivers(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await stood_in(running)
        began = trio.current_time()
        await trio.sleep(20.0)
        assert running.live() == []
        assert running.venue.since(began, "place") == []
        assert book(running).rest


async def test_a_held_position_is_offered_on_a_book_that_rest_delivers_and_nothing_is_bought(
    autojump_clock: object,
) -> None:
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        await stood_in(running)
        began = trio.current_time()
        running.sockets.mute = True
        await until(lambda: len(running.live()) == 1, within=3.0)
        await trio.sleep(10.0)
        (resting,) = running.live()
        assert (resting.side, resting.token, resting.size) == (Side.SELL, "alpha-yes", 20 * SHARE)
        assert all(call.draft and call.draft.side is Side.SELL for call in running.venue.since(began, "place"))
        assert all(call.draft and call.draft.post_only for call in running.venue.since(began, "place"))


async def test_status_and_explain_say_that_only_reducing_is_quoted(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await stood_in(running)
        await trio.sleep(1.0)
        console = Console(running.spine, Stop(running.board), running.settings, running.services, {}, 0.0)
        (shown,) = console.obey("status", {})["markets"]
        assert (shown["feed_state"], shown["reason"]) == ("REST only: reduces only", Reason.REST_ONLY.code)
        assert console.obey("explain", {"market": "alpha"})["rule"] == Reason.REST_ONLY.value


async def test_a_fresh_snapshot_of_both_tokens_brings_full_quoting_back_within_seconds(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await stood_in(running)
        running.sockets.mute = False
        await until(lambda: len(running.live()) == 2 and not book(running).rest, within=11.0)


async def test_one_silent_token_is_enough_to_reduce_only(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.sockets.dumb.add("alpha-no")
        running.sockets.cut()
        await trio.sleep(8.0)
        began = trio.current_time()
        for _ in range(40):
            running.sockets.say(running.venue.snapshot("alpha-yes"))
            await trio.sleep(0.25)
            assert book(running).rest
        assert running.venue.since(began, "place") == []
        running.sockets.dumb.clear()
        await until(lambda: len(running.live()) == 2, within=11.0)


async def test_a_rest_book_stays_fresh_and_follows_the_venue(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await stood_in(running)
        for bid in (4500, 4700, 4300):
            running.venue.books_["alpha"] = (((bid, 1000 * SHARE),), ((bid + 400, 1000 * SHARE),))
            await until(lambda bid=bid: book(running).yes.best_bid == bid, within=2.0)  # type: ignore[misc]
            assert book(running).age(trio.current_time()) < 3.0
        epoch = book(running).epoch
        await trio.sleep(5.0)
        assert book(running).epoch == epoch


async def test_nothing_rests_once_rest_does_not_answer_either(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        await stood_in(running)
        await until(lambda: len(running.live()) == 1, within=3.0)
        running.venue.broken.add("books")
        await until(lambda: running.live() == [], within=5.0)
        began = trio.current_time()
        order(running, Order.FLATTEN)
        await trio.sleep(10.0)
        assert running.venue.since(began, "place") == []


async def test_a_flatten_sells_on_a_book_that_rest_delivers(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        await trio.sleep(1.0)
        await stood_in(running)
        order(running, Order.FLATTEN)
        await until(lambda: running.venue.ledger(ALPHA).position.yes.size == 0, within=6.0)


async def test_a_crossed_book_by_rest_is_not_used(autojump_clock: object) -> None:
    deaf = world()
    deaf.sockets.mute = True
    deaf.venue.books_["alpha"] = (((5300, 1000 * SHARE),), ((5200, 1000 * SHARE),))
    async with bot(deaf) as running:
        await trio.sleep(12.0)
        assert not book(running).live
        state = running.board.last(FeedState, "alpha")
        assert state is not None
        assert set(state.refused) == {"crossed book by REST"}


async def test_reads_of_many_silent_markets_share_their_requests(autojump_clock: object) -> None:
    deaf = world(*(market(f"m{number}") for number in range(20)))
    deaf.sockets.mute = True
    async with bot(deaf) as running:
        await trio.sleep(10.0)
        began = trio.current_time()
        await trio.sleep(10.0)
        assert len(running.venue.since(began, "books")) <= 21


async def test_a_market_that_stays_deaf_costs_its_neighbours_their_books_ever_more_rarely(
    autojump_clock: object,
) -> None:
    deaf = world(ALPHA, BETA)
    deaf.sockets.dumb |= set(ALPHA.tokens)
    async with bot(deaf) as running:
        await trio.sleep(600.0)
        assert 3 <= len(running.sockets.connected) <= 6
