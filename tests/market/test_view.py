"""What a strategy is shown, on its way from the venue's sockets through feed, tracker and account to the quoter."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve

from actors.messages import Print
from actors.model.market import Side
from actors.model.numbers import SHARE
from actors.model.quote import Decision, View
from actors.model.spot import USD
from actors.model.tape import LENGTH, Tape, since, with_trade
from actors.model.trading import Order
from actors.strategies.simple import Simple, SimpleState
from tests.shared.test_oracle import Sockets, btc, with_spot
from tests.venue import START, market
from tests.wiring.test_spot import at_once
from tests.wiring.world import ALPHA, World, bot, order, quoting, until, world

ENDING = evolve(ALPHA, ends_at=START + 3_600.0)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[View]:
    """Every view that `simple` is shown."""
    views: list[View] = []
    step = Simple.step

    def watched(self: Simple, state: SimpleState, view: View) -> tuple[SimpleState, Decision]:
        views.append(view)
        return step(self, state, view)

    monkeypatch.setattr(Simple, "step", watched)
    return views


def say(of: World, token: str, side: Side, price: int) -> None:
    of.sockets.say(Print(token, side, price, 7 * SHARE))


async def test_public_trades_reach_the_strategy_in_yes_terms(autojump_clock: object, seen: list[View]) -> None:
    async with quoting() as running:
        say(running, "alpha-yes", Side.BUY, 5_200)
        say(running, "alpha-no", Side.BUY, 5_200)
        say(running, "alpha-no", Side.SELL, 4_700)
        await trio.sleep(0.1)
    told = [(trade.number, trade.bid, trade.price, trade.size) for trade in seen[-1].book.tape]
    assert told == [(1, True, 5_200, 7 * SHARE), (2, False, 4_800, 7 * SHARE), (3, True, 5_300, 7 * SHARE)]


async def test_a_trade_wakes_the_quoter_no_more_often_than_its_frame(autojump_clock: object, seen: list[View]) -> None:
    async with quoting() as running:
        before = len(seen)
        running.sockets.say(*(Print("alpha-yes", Side.BUY, 5_000, SHARE) for _ in range(9)))
        await trio.sleep(0.1)
        assert len(seen) <= before + 1
    assert len(seen[-1].book.tape) == 9


def test_the_tape_forgets_the_oldest_and_goes_on_counting() -> None:
    tape: Tape = ()
    for second in range(LENGTH + 50):
        tape = with_trade(tape, True, ALPHA.tick, ALPHA.min_size, float(second))
    assert (len(tape), tape[0].number, tape[-1].number) == (LENGTH, 51, LENGTH + 50)
    assert len(since(tape, LENGTH + 40.0)) == 10


async def test_own_fills_are_shown_once_with_the_time_they_were_heard_at(
    autojump_clock: object, seen: list[View]
) -> None:
    async with quoting() as running:
        running.venue.fill(running.buy().order_id, 5 * SHARE)
        heard = trio.current_time()
        await trio.sleep(3.0)  # mined and confirmed meanwhile: the same trade
    fill = seen[-1].fills[0]
    assert len(seen[-1].fills) == 1
    assert (fill.bid, fill.price, fill.size) == (True, 4_800, 5 * SHARE)
    assert fill.at == pytest.approx(heard, abs=0.2)


async def test_the_time_left_counts_down_and_is_none_where_nobody_says(
    autojump_clock: object, seen: list[View]
) -> None:
    async with quoting(ENDING):
        await trio.sleep(10.0)
    first, last = seen[0], seen[-1]
    assert first.ends_in is not None
    assert last.ends_in is not None
    assert first.ends_in - last.ends_in == pytest.approx(last.now - first.now)
    seen.clear()
    async with quoting():
        pass
    assert seen[-1].ends_in is None


async def test_the_free_money_is_what_the_account_read_last(autojump_clock: object, seen: list[View]) -> None:
    async with quoting() as running:
        cash = await running.venue.cash()
    assert seen[-1].free == cash


async def test_a_pause_costs_the_strategy_nothing_of_what_it_has_learnt(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    start = Simple.start
    monkeypatch.setattr(Simple, "start", lambda self: started.append(self) or start(self))  # type: ignore[func-returns-value]
    async with quoting() as running:
        lives = len(started)
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=3.0)
        order(running, Order.RESUME)
        await until(lambda: len(running.live()) == 2, within=5.0)
        assert len(started) == lives


async def test_the_spot_price_of_an_up_down_market_is_shown_and_of_others_none(
    autojump_clock: object, seen: list[View]
) -> None:
    slug, sockets = "btc-updown-5m-1763628000", Sockets()
    async with bot(with_spot(world(market(slug), ALPHA, settings=at_once(slug, "alpha")), sockets)) as running:
        await until(lambda: sockets.up, within=1.0)
        await sockets.say(btc(91_000.0))
        await until(lambda: len(running.live(slug)) == 2 and len(running.live()) == 2, within=3.0)
    shown = {view.market.slug: view.spot and view.spot.price.price for view in seen}
    assert shown == {"alpha": None, slug: 91_000 * USD}
