"""Reads of orders and trades: once for all markets in routine or where many wait, alone where that fails or in doubt."""

from __future__ import annotations

import trio
from attrs import evolve

from actors.messages import Fill, OrderUpdate, Reconcile, Snapshot, SnapshotFailed
from actors.model.market import Side
from actors.model.numbers import SHARE
from actors.model.order import Settlement
from tests.venue import market
from tests.wiring.world import ALPHA, BETA, World, bot, quoting, world

_ACCOUNT_READ = 6.0  # s by which the account has read its open orders, too; then not for 30 s


def heard(of: World, slug: str) -> list[object]:
    letters = of.box(slug, "tracker").read_nowait()
    return [letter for letter in letters if isinstance(letter, Snapshot | SnapshotFailed)]


def ask(of: World, *, after: float = 0.0) -> None:
    for one in (ALPHA, BETA):
        of.shared("gateway").tell(Reconcile(one.slug, one.condition_id, after, routine=True))


def rest(of: World, condition_id: str) -> OrderUpdate:
    order = OrderUpdate(f"of {condition_id}", condition_id, "alpha-yes", Side.BUY, 4000, 5 * SHARE, 0, "LIVE")
    of.venue.orders[order.order_id] = order
    return order


def reads(of: World, since: float) -> list[str]:
    return [name for call in of.venue.since(since, "open orders") for name in call.ids]


async def test_a_bot_reads_all_its_markets_at_once_from_time_to_time(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        began = trio.current_time()
        await trio.sleep(95.0)
        assert set(reads(running, began)) == {""}, "neither market was read alone"
        assert len(reads(running, began)) <= 8, "three or four for both markets, and as many for the account"


async def test_each_market_hears_its_own_orders_and_the_trades_that_it_asked_for(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        own, other = rest(running, "0xalpha"), rest(running, "0xbeta")
        rest(running, "0xforeign")
        late = Fill(
            "t1", own.order_id, "0xalpha", "alpha-yes", Side.BUY, 4000, SHARE, Settlement.CONFIRMED, False, 50.0
        )
        running.venue.trades_ = [
            late,
            evolve(late, trade_id="t0", matched_at=10.0),
            evolve(late, condition_id="0xbeta"),
        ]
        running.shared("gateway").tell(Reconcile("alpha", "0xalpha", 40.0, routine=True))
        running.shared("gateway").tell(Reconcile("beta", "0xbeta", 0.0, routine=True))
        await trio.sleep(2.0)
        (alpha,), (beta,) = heard(running, "alpha"), heard(running, "beta")
        assert isinstance(alpha, Snapshot)
        assert isinstance(beta, Snapshot)
        assert (alpha.orders, alpha.fills) == ((own,), (late,))
        assert (beta.orders, [fill.condition_id for fill in beta.fills]) == ((other,), ["0xbeta"])
        assert len(reads(running, _ACCOUNT_READ)) == 1


async def test_after_a_read_that_failed_for_all_each_market_is_read_alone_once(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        running.venue.broken.add("read None")
        ask(running)
        await trio.sleep(2.0)
        assert [type(letter) for letter in (*heard(running, "alpha"), *heard(running, "beta"))] == [SnapshotFailed] * 2
        ask(running)
        await trio.sleep(2.0)
        assert [type(letter) for letter in (*heard(running, "alpha"), *heard(running, "beta"))] == [Snapshot] * 2
        running.venue.broken.clear()
        ask(running)
        await trio.sleep(2.0)
        assert sorted(reads(running, _ACCOUNT_READ)) == ["", "", "0xalpha", "0xbeta"]


async def test_what_is_in_doubt_is_read_at_once_and_alone(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        running.shared("gateway").tell(Reconcile("alpha", "0xalpha"))
        await trio.sleep(0.5)
        assert reads(running, _ACCOUNT_READ) == ["0xalpha"]


MANY = tuple(market(f"m{number}") for number in range(60))


async def test_of_many_in_doubt_those_that_would_wait_are_read_at_once(autojump_clock: object) -> None:
    """As after a reconnect of the user channel: two reads of each of sixty markets would take six seconds."""
    async with bot(world(*MANY), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        orders = {one.slug: rest(running, one.condition_id) for one in MANY}
        for one in MANY:
            running.shared("gateway").tell(Reconcile(one.slug, one.condition_id, 40.0))
        await trio.sleep(2.0)
        for one in MANY:
            (answer,) = heard(running, one.slug)
            assert isinstance(answer, Snapshot)
            assert answer.orders == (orders[one.slug],)
        asked = reads(running, _ACCOUNT_READ)
        assert asked.count("") == 1
        assert len(asked) <= 31


async def test_who_asks_again_while_it_waits_or_is_being_read_is_read_once(autojump_clock: object) -> None:
    async with bot(world(*MANY), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        running.venue.latency["read"] = 1.0
        since = trio.current_time()
        for _ in range(20):
            for one in MANY:
                running.shared("gateway").tell(Reconcile(one.slug, one.condition_id, 0.0, since=since))
            await trio.sleep(0.1)
        await trio.sleep(10.0)
        assert [len(heard(running, one.slug)) for one in MANY] == [1] * len(MANY)


async def test_a_newer_doubt_is_not_answered_by_what_is_being_read_already(autojump_clock: object) -> None:
    async with bot(world(ALPHA), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        running.venue.latency["read"] = 1.0
        running.shared("gateway").tell(Reconcile("alpha", "0xalpha", since=trio.current_time()))
        await trio.sleep(0.5)
        doubted_at = trio.current_time()
        running.shared("gateway").tell(Reconcile("alpha", "0xalpha", since=doubted_at))
        await trio.sleep(5.0)
        answers = [letter for letter in heard(running, "alpha") if isinstance(letter, Snapshot)]
        assert [answer.asked_at >= doubted_at for answer in answers] == [False, True]


async def test_trades_of_all_its_life_are_read_of_each_market_alone(autojump_clock: object) -> None:
    """Those of the account may be more than can be read; its open orders never are."""
    async with bot(world(*MANY), trees=False) as running:
        await trio.sleep(_ACCOUNT_READ)
        for one in MANY:
            running.shared("gateway").tell(Reconcile(one.slug, one.condition_id, 0.0))
        await trio.sleep(10.0)
        asked = [name for call in running.venue.since(_ACCOUNT_READ, "trades") for name in call.ids]
        assert sorted(asked) == sorted(one.condition_id for one in MANY)
        assert len(reads(running, _ACCOUNT_READ)) <= 31
