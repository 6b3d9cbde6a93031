"""The tracker as the last line: whatever targets it is given, book and terms decide what it may place (I10, I17)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import evolve

from actors.kernel.errors import Hopeless
from actors.market.terms import Terms, TermsDoubted
from actors.model.book import Book, Depth, Level
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.outcome import Fault
from actors.model.quote import Quote, Targets
from actors.model.trading import Order
from tests.wiring.world import ALPHA, LEVEL, World, bot, order, until, world

BUY = Quote(Outcome.YES, Side.BUY, Price(4700), Size(20 * SHARE))


@asynccontextmanager
async def tracker() -> AsyncIterator[World]:
    """The shared actors and the tracker of alpha, without feed and quoter."""
    async with bot(world(ALPHA), trees=False) as running, trio.open_nursery() as nursery:
        nursery.start_soon(running.tree("alpha").children["tracker"].run)
        await trio.sleep(1.0)
        yield running
        nursery.cancel_scope.cancel()


def book(*, age: float = 0.0, rest: bool = False) -> Book:
    depth = Depth((Level(Price(4800), Size(LEVEL)),), (Level(Price(5200), Size(LEVEL)),))
    return Book("alpha", depth, depth, Price(100), 1, trio.current_time() - age, True, rest)


def want(of: World, *quotes: Quote) -> None:
    of.box("alpha", "tracker").put(Targets("alpha", quotes, trio.current_time() + 3.0, epoch=1))


async def test_a_sound_book_of_an_open_market_is_ordered_on(autojump_clock: object) -> None:
    async with tracker() as running:
        running.box("alpha", "tracker").put(book())
        want(running, BUY)
        await until(lambda: len(running.live()) == 1, within=1.0)


async def test_targets_that_buy_on_a_book_by_rest_are_not_obeyed(autojump_clock: object) -> None:
    async with tracker() as running:
        running.box("alpha", "tracker").put(book(rest=True))
        want(running, BUY)
        await trio.sleep(2.0)
        assert running.venue.placed == []


async def test_buys_are_pulled_and_not_placed_while_positions_are_only_reduced(autojump_clock: object) -> None:
    async with tracker() as running:
        running.box("alpha", "tracker").put(book())
        want(running, BUY)
        await until(lambda: len(running.live()) == 1, within=1.0)
        order(running, Order.REDUCE)
        await until(lambda: not running.live(), within=1.0)
        placed = len(running.venue.placed)
        running.box("alpha", "tracker").put(book())
        want(running, BUY)
        await trio.sleep(1.0)
        assert (len(running.venue.placed), running.report().refusal) == (placed, None)


@pytest.mark.parametrize(
    "terms", [{"accepting": False}, {"standing": "proposed"}, {"ends_at": 1.0}], ids=["closed", "proposed", "ended"]
)
async def test_targets_for_a_market_that_is_over_are_not_obeyed(
    terms: dict[str, object], autojump_clock: object
) -> None:
    async with tracker() as running:
        running.box("alpha", "tracker").put(evolve(ALPHA, **terms))  # type: ignore[arg-type]
        running.box("alpha", "tracker").put(book())
        want(running, BUY)
        await trio.sleep(2.0)
        assert running.venue.placed == []


async def test_a_flatten_sells_on_no_book_that_is_stale_by_the_time_the_order_would_leave(
    autojump_clock: object,
) -> None:
    async with tracker() as running:
        running.box("alpha", "tracker").put(book())
        want(running, BUY)
        await until(lambda: len(running.live()) == 1, within=1.0)
        running.venue.fill(running.live()[0].order_id, 20 * SHARE)
        await trio.sleep(1.0)
        running.venue.broken.add("books")
        running.journal.latency = 1.0
        began = trio.current_time()
        running.box("alpha", "tracker").put(book(age=2.5))
        order(running, Order.FLATTEN)
        await trio.sleep(5.0)
        assert running.venue.since(began, "place") == []


def test_only_orders_placed_after_the_terms_were_read_anew_prove_a_signature_hopeless() -> None:
    terms = Terms(15.0, 100.0)
    terms.doubt(TermsDoubted(Fault.VERSION, "invalid signature", 1.0), 2.0)
    assert terms.ask_at <= 2.0
    assert not terms.answered(1.9, 2.5), "that read was asked for before the refusal"
    assert terms.answered(2.1, 2.5)
    terms.doubt(TermsDoubted(Fault.VERSION, "invalid signature", 2.4), 5.0)
    assert terms.ask_at > 5.0
    terms.doubt(TermsDoubted(Fault.GRID, "off the grid", 5.0), 5.0)
    with pytest.raises(Hopeless, match="invalid signature"):
        terms.doubt(TermsDoubted(Fault.VERSION, "invalid signature", 2.6), 5.0)
