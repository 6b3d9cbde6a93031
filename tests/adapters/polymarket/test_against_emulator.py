"""The adapter and the emulator were written apart from the same reference: over real sockets they must agree."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from attrs import frozen

from actors.messages import BookSnapshot, Draft, Fill, LevelChange, OrderUpdate
from actors.model.ladder import Ladder
from actors.model.market import Market, Side
from actors.model.order import Settlement
from actors.model.outcome import Accepted, Cancelled, Fault, Rearmed, Rejected, Unknown, Unread
from adapters.emulator import server
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.public import RestPublic
from adapters.polymarket.rest import RestTrading
from tests.adapters.polymarket.samples import SECRET

OTHER_SECRET = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"


@frozen
class Session:
    """A running exchange without flow, and two accounts on it."""

    addresses: dict[str, str]
    public: RestPublic
    ours: RestTrading
    theirs: RestTrading
    markets: tuple[Market, ...]

    @property
    def market(self) -> Market:
        return self.markets[0]


@asynccontextmanager
async def session() -> AsyncIterator[Session]:
    async with trio.open_nursery() as nursery:
        banners, announced = list[dict[str, str]](), trio.Event()

        def announce(banner: dict[str, str]) -> None:
            banners.append(banner)
            announced.set()

        nursery.start_soon(server.serve, server.Options(flow=False), announce, time.time)
        await announced.wait()
        url = banners[0]["clob_url"]
        public = RestPublic.open(url)
        slugs = await public.listed()
        assert isinstance(slugs, tuple)
        markets = await public.find(slugs)
        assert isinstance(markets, tuple)
        accounts = [
            await connect(url, Key(secret), wall=time.time, salts=random.SystemRandom())
            for secret in (SECRET, OTHER_SECRET)
        ]
        yield Session(banners[0], public, accounts[0], accounts[1], markets)
        await public.close()
        for account in accounts:
            await account.close()
        nursery.cancel_scope.cancel()


def bid(market: Market, price: int, size: int = 10_000_000, **changes: object) -> Draft:
    plain: dict[str, object] = {"token": market.yes, "neg_risk": market.neg_risk, "side": Side.BUY}
    return Draft(**{**plain, "price": price, "size": size, **changes})  # type: ignore[arg-type]


async def test_an_order_lives_is_read_and_is_cancelled_on_every_market() -> None:
    async with session() as s:
        assert len(s.markets) == 5
        assert any(market.neg_risk for market in s.markets)
        for market in s.markets:
            signed = s.ours.sign(bid(market, market.tick * 3))
            assert await s.ours.place(signed) == Accepted(signed.order_id, "live")
            seen = await s.ours.order(signed.order_id)
            assert isinstance(seen, OrderUpdate)
            assert await s.ours.open_orders(market.condition_id) == (seen,)
            assert (seen.price, seen.size, seen.matched, seen.status) == (market.tick * 3, 10_000_000, 0, "LIVE")
            again = await s.ours.place(signed)
            assert isinstance(again, Unknown)
            gone = await s.ours.cancel([signed.order_id, "0x" + "22" * 32])
            assert isinstance(gone, Cancelled)
            assert gone.done == (signed.order_id,)
            assert len(gone.refused) == 1
        assert await s.ours.open_orders() == ()
        assert await s.ours.order("0x" + "22" * 32) is None


async def test_both_sides_of_a_trade_are_told_alike_by_socket_and_by_rest(
    autojump_clock: trio.testing.MockClock,
) -> None:
    autojump_clock.autojump_threshold = 0.1  # real sockets need a moment; the seconds of settlement are jumped over
    async with session() as s, s.ours.user_channel(s.addresses["user_ws_url"]).connect() as events:
        market = s.market
        placed = s.ours.sign(bid(market, 4000))
        await s.ours.place(placed)
        taken = s.theirs.sign(bid(market, 6000, token=market.no, post_only=False, type="FAK"))  # mints a pair
        outcome = await s.theirs.place(taken)
        assert isinstance(outcome, Accepted)
        heard: list[OrderUpdate | Fill] = []
        with trio.fail_after(10):
            while not any(isinstance(e, Fill) and e.settlement is Settlement.CONFIRMED for e in heard):
                heard += await anext(events)
        fills = [event for event in heard if isinstance(event, Fill)]
        assert {(f.order_id, f.token, f.side, f.price, f.size, f.taker) for f in fills} == {
            (placed.order_id, market.yes, Side.BUY, 4000, 10_000_000, False)
        }
        assert [f.settlement for f in fills] == [Settlement.MATCHED, Settlement.MINED, Settlement.CONFIRMED]
        assert await s.ours.trades(market.condition_id, after=fills[0].matched_at) == (fills[-1],)
        (theirs,) = _read(await s.theirs.trades())
        assert (theirs.order_id, theirs.token, theirs.price, theirs.taker) == (taken.order_id, market.no, 6000, True)
        assert await s.ours.shares(market.yes) == await s.theirs.shares(market.no) == 10_000_000
        assert await s.ours.cash() == 10_000 * 10**6 - 4_000_000


async def test_sales_of_both_outcomes_that_meet_are_each_told_as_a_sale_of_its_own_token(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """The pair is merged: the taker's side is the maker's as well, its token and price are the other ones."""
    autojump_clock.autojump_threshold = 0.1
    async with session() as s, s.ours.user_channel(s.addresses["user_ws_url"]).connect() as events:
        market = s.market
        await s.ours.place(s.ours.sign(bid(market, 4000)))
        await s.theirs.place(s.theirs.sign(bid(market, 6000, token=market.no, post_only=False, type="FAK")))
        await trio.sleep(6.0)
        offered = s.ours.sign(bid(market, 5500, side=Side.SELL))
        await s.ours.place(offered)
        given = s.theirs.sign(bid(market, 4500, token=market.no, side=Side.SELL, post_only=False, type="FAK"))
        assert isinstance(await s.theirs.place(given), Accepted)
        heard: list[OrderUpdate | Fill] = []
        with trio.fail_after(10):
            while not any(isinstance(e, Fill) and e.order_id == offered.order_id for e in heard):
                heard += await anext(events)
        (ours,) = [fill for fill in _read(await s.ours.trades()) if fill.order_id == offered.order_id]
        told = next(event for event in heard if isinstance(event, Fill) and event.order_id == offered.order_id)
        for fill in (ours, told):
            assert (fill.token, fill.side, fill.price, fill.size) == (market.yes, Side.SELL, 5500, 10_000_000)
            assert not fill.taker
        (theirs,) = [fill for fill in _read(await s.theirs.trades()) if fill.order_id == given.order_id]
        assert (theirs.token, theirs.side, theirs.price, theirs.taker) == (market.no, Side.SELL, 4500, True)


def _read(fills: tuple[Fill, ...] | Unread) -> tuple[Fill, ...]:
    assert isinstance(fills, tuple)
    return fills


async def test_frames_keep_a_ladder_equal_to_the_rest_book() -> None:
    async with session() as s, PolymarketMarketChannel(s.addresses["market_ws_url"]).connect(s.market.tokens) as link:
        books = {token: Ladder(s.market.tick) for token in s.market.tokens}
        rng = random.Random(5)
        for _ in range(12):
            price = rng.randint(20, 40) * s.market.tick
            assert isinstance(await s.ours.place(s.ours.sign(bid(s.market, price))), Accepted)
        with trio.move_on_after(0.5):
            while True:
                for event in await link.read():
                    if isinstance(event, BookSnapshot):
                        books[event.token].snapshot(event.bids, event.asks)
                    elif isinstance(event, LevelChange):
                        books[event.token].change(event.bid, event.price, event.size)
                        assert books[event.token].prune(event.best_bid, event.best_ask)
        told = await s.public.books(s.market.tokens)
        assert isinstance(told, tuple)
        assert all(books[book.token].same(book.bids, book.asks) for book in told)
        assert sum(len(book.bids) + len(book.asks) for book in told) > 10
        assert link.oddities == {}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"size": 4_990_000}, Fault.GRID),
        ({"price": 4_001}, Fault.GRID),
        ({"size": 90_000_000_000}, Fault.BALANCE),
        ({"neg_risk": True}, Fault.VERSION),
        ({"side": Side.SELL}, Fault.BALANCE),
    ],
)
async def test_refusals_come_with_the_fault_the_reference_names(change: dict[str, object], fault: Fault) -> None:
    async with session() as s:
        market = next(market for market in s.markets if not market.neg_risk)
        outcome = await s.ours.place(s.ours.sign(bid(market, **{"price": 4_000, **change})))  # type: ignore[arg-type]
        assert isinstance(outcome, Rejected)
        assert outcome.fault is fault


async def test_a_post_only_order_that_crosses_is_refused_as_crossing() -> None:
    async with session() as s:
        await s.theirs.place(s.theirs.sign(bid(s.market, 5000, token=s.market.no)))
        outcome = await s.ours.place(s.ours.sign(bid(s.market, 5000)))
        assert isinstance(outcome, Rejected)
        assert outcome.fault is Fault.CROSSES


async def test_beats_cancel_all_and_a_second_login_work() -> None:
    async with session() as s:
        assert [await s.ours.beat() for _ in range(3)] == [None, None, None]
        again = await connect(s.addresses["clob_url"], Key(SECRET), wall=time.time, salts=random.SystemRandom())
        assert await again.beat() == Rearmed()  # a new process joins the chain by the id in the refusal
        assert await s.ours.beat() == Rearmed()
        signed = s.ours.sign(bid(s.market, 3000))
        await s.ours.place(signed)
        assert await again.cancel_all() == Cancelled((signed.order_id,))
        await again.close()
        at = await s.public.server_time()
        assert isinstance(at, float)
        assert abs(at - time.time()) < 5
