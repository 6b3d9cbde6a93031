"""Shares that leave the account without a trade: what is not there is not sold, and nothing else is forgotten (F17, F32)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.market.foreign import Foreign
from actors.market.stock import Stock
from actors.messages import OrderUpdate
from actors.model.booked import Booked
from actors.model.ledger import Ledger
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Cash, Price, Size
from actors.model.order import Settlement
from actors.model.trading import Order, Trading
from actors.records import Note
from tests.wiring.world import ALPHA, World, bot, order, quoting, rate, until, world

HELD = 20 * SHARE
YES = Outcome.YES


@asynccontextmanager
async def holding() -> AsyncIterator[World]:
    """A bot that holds 20 YES, offers them, and has heard of nothing else."""
    async with quoting(ALPHA) as running:
        running.venue.fill(running.buy().order_id, HELD)
        await until(lambda: any(o.side is Side.SELL for o in running.live()), within=2.0)
        yield running


def move(of: World, size: int, token: str = "alpha-yes") -> None:
    """So many shares leave (negative) or come without a trade; sales that are no longer covered are cancelled."""
    of.venue.moved[token] = of.venue.moved.get(token, 0) + size
    for resting in of.live():
        if resting.side is Side.SELL and of.venue._free(token) < 0:
            of.venue._end(resting.order_id, "CANCELED_NOT_ENOUGH_BALANCE")


def gone(of: World) -> int:
    return of.report().position.yes.gone // SHARE


# ── quoting on ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_side_whose_shares_were_moved_is_quoted_by_the_complement(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        await until(lambda: len({(o.token, o.side) for o in running.live()}) == 2, within=10.0)
        assert {(o.token, o.side) for o in running.live()} == {("alpha-yes", Side.BUY), ("alpha-no", Side.BUY)}
        await trio.sleep(60.0)
        assert await rate(running, 60.0) == 0, "nothing is tried again while they are gone"
        assert running.report().position.yes.size == HELD, "what the trades say and cost stands"


async def test_what_is_left_of_shares_that_were_moved_is_still_sold(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD // 2)
        await until(lambda: [o.size for o in running.live() if o.side is Side.SELL] == [HELD // 2], within=10.0)


async def test_shares_that_come_back_are_sold_again(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        await until(lambda: gone(running) == 20, within=20.0)
        move(running, HELD)
        await until(lambda: gone(running) == 0, within=35.0)
        await until(lambda: any(o.side is Side.SELL for o in running.live()), within=70.0)


async def test_shares_that_are_gone_are_told_once_and_told_again_when_they_are_back(autojump_clock: object) -> None:
    def told() -> list[str]:
        return [row.body for row in running.journal.rows if isinstance(row, Note) and row.kind == "balance"]

    async with holding() as running:
        move(running, -HELD)
        await trio.sleep(120.0)
        assert [text.split(" shares")[0] for text in told()] == ["20 YES"]
        move(running, HELD)
        await trio.sleep(60.0)
        assert "again" in told()[-1]
        assert len(told()) == 2


async def test_a_cache_that_lags_makes_nobody_forget_shares(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)  # refused once …
        running.venue.cached["alpha-yes"] = 0
        await until(lambda: running.report().position.yes.barred == HELD, within=10.0)
        assert gone(running) == 0, "one reading proves nothing"
        running.venue.cached.clear()  # … by a cache that then comes to its senses
        move(running, HELD)
        await until(lambda: any(o.side is Side.SELL for o in running.live()), within=20.0)
        assert gone(running) == 0


async def test_a_balance_that_cannot_be_read_bars_nothing_and_is_asked_for_again(autojump_clock: object) -> None:
    async with holding() as running:
        running.venue.broken.add("shares")
        move(running, -HELD)
        await trio.sleep(30.0)
        assert running.report().position.yes.barred == 0
        running.venue.broken.clear()
        await until(lambda: gone(running) == 20, within=20.0)


async def test_shares_in_somebody_elses_open_sale_are_not_offered_but_are_not_gone(autojump_clock: object) -> None:
    async with holding() as running:
        running.venue.moved["alpha-yes"] = 0
        for resting in running.live():
            if resting.side is Side.SELL:
                running.venue._end(resting.order_id, "CANCELED")
        foreign = running.venue.foreign(ALPHA, 9000, HELD, Side.SELL)
        await until(lambda: running.report().position.yes.barred == HELD, within=10.0)
        await trio.sleep(20.0)
        assert gone(running) == 0
        running.venue._end(foreign, "CANCELED")
        await until(lambda: any(o.side is Side.SELL for o in running.live()), within=70.0)


# ── getting out ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_flatten_ends_once_what_is_left_is_only_what_was_moved(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        order(running, Order.FLATTEN)
        await until(lambda: running.report().trading is Trading.PAUSED, within=15.0)
        assert running.live() == []


async def test_a_restarted_bot_finds_out_again(autojump_clock: object) -> None:
    held = world(ALPHA)
    async with bot(held) as running:
        await until(lambda: len(running.live()) == 2, within=3.0)
        running.venue.fill(running.buy().order_id, HELD)
        await trio.sleep(1.0)
    for resting in held.live():
        held.venue._end(resting.order_id, "CANCELED")
    held.venue.moved["alpha-yes"] = -HELD
    async with bot(held) as running:
        await until(lambda: gone(running) == 20, within=20.0)


# ── the readings ────────────────────────────────────────────────────────────────────────────────────────────────────


def ledger(*fills: tuple[Side, int, Settlement]) -> Ledger:
    """The ledger after these fills of YES (whole shares) at 0.5."""
    new = Ledger("alpha")
    for number, (side, size, settlement) in enumerate(fills):
        booked = Booked(
            f"t{number}", "0x1", YES, side, Price(5000), Size(size * SHARE), Cash(0), settlement, float(number)
        )
        new.book(booked)
    return new


BOUGHT = (Side.BUY, 30, Settlement.CONFIRMED)


def test_shares_that_a_sale_has_promised_are_not_missing() -> None:
    stock, trades = Stock(ALPHA, Foreign()), ledger(BOUGHT, (Side.SELL, 10, Settlement.MATCHED))
    stock.read(ALPHA.yes, 20 * SHARE, 0.0, 0.0, trades)
    held = stock.over(trades.position).yes
    assert (held.barred, held.sellable) == (10 * SHARE, 10 * SHARE), "10 were moved, 10 are sold, 10 are left"


def test_shares_that_are_not_mined_yet_are_not_missing() -> None:
    stock, trades = Stock(ALPHA, Foreign()), ledger(BOUGHT, (Side.BUY, 10, Settlement.MATCHED))
    stock.read(ALPHA.yes, 30 * SHARE, 0.0, 0.0, trades)
    assert stock.over(trades.position) is trades.position


def test_shares_of_the_users_own_back_his_own_sale_first() -> None:
    foreign = Foreign()
    foreign.show(OrderUpdate("0xu", "0xalpha", ALPHA.yes, Side.SELL, 9000, 25 * SHARE, 0, "LIVE"))
    stock, trades = Stock(ALPHA, foreign), ledger(BOUGHT)
    stock.read(ALPHA.yes, 50 * SHARE, 0.0, 0.0, trades)
    assert stock.over(trades.position).yes.sellable == 25 * SHARE


READS = st.lists(st.tuples(st.integers(0, 40), st.floats(0.1, 40.0)), max_size=12)


@given(READS)
def test_nothing_is_gone_that_a_reading_of_the_last_5_seconds_showed(reads: list[tuple[int, float]]) -> None:
    stock, trades, now = Stock(ALPHA, Foreign()), ledger(BOUGHT), 0.0
    seen: list[tuple[float, int]] = []
    for balance, pause in reads:
        now += pause
        stock.read(ALPHA.yes, balance * SHARE, now, now, trades)
        seen.append((now, balance))
        held = stock.over(trades.position).yes
        assert 0 <= held.sellable <= balance * SHARE
        assert held.size == 30 * SHARE
        recent = [shown for at, shown in seen if at > now - 5.0]
        assert held.there >= min(30, *recent, 30) * SHARE
        assert len(seen) > 1 or held.gone == 0


@given(READS)
def test_a_balance_is_read_again_for_as_long_as_something_is_missing(reads: list[tuple[int, float]]) -> None:
    stock, now = Stock(ALPHA, Foreign()), 0.0
    for balance, pause in reads:
        now += pause
        stock.read(ALPHA.yes, balance * SHARE, now, now, ledger(BOUGHT))
        assert (stock.look_at < now + 31) == (balance < 30)
        stock.doubt(YES, now)
        assert len(stock.due(stock.look_at)) == 1
