"""Any list of faults parses and prints; any plan leaves the exchange's own sums intact, the same for the same seed."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py_clob_client_v2.signer import Signer
from trio.testing import MockClock

from actors.model.numbers import format_cash
from adapters.emulator.accounts import FUNDED
from adapters.emulator.exchange import Exchange
from adapters.emulator.faults import KINDS, Fault, Faults, parse, show
from adapters.emulator.faults_stage import ActEffect
from adapters.emulator.ledger import Ledger
from adapters.emulator.sockets import Outlet
from tests.depth import examples
from tests.emulator.fault_plans import plans
from tests.emulator.faulty import Entry, batch, open_ids, outcome
from tests.emulator.harness import Trader, Venue, open_venue

SECONDS = 6


@given(plans(12))
def test_any_list_of_faults_parses_prints_and_parses_to_the_same(plan: list[Fault]) -> None:
    entries = show(plan)
    assert parse(entries) == plan
    assert parse(json.loads(json.dumps(entries))) == plan
    assert show(parse(entries)) == entries


def the_sums_are_intact(exchange: Exchange, total: int) -> None:
    """Cash, fees and locked pUSD add up, YES and NO are as many, nobody is overdrawn, no book is crossed."""
    accounts = exchange.accounts
    assert format_cash(accounts.total) == format_cash(total)
    for listing in exchange.listings.all:
        yes, no = (sum(a.shares.get(token, 0) for a in accounts.by_address.values()) for token in listing.market.tokens)
        assert yes == no
        bid, ask = listing.book.bids.best, listing.book.asks.best
        assert bid is None or ask is None or bid < ask
    for account in accounts.by_address.values():
        if not account.internal:
            assert account.cash >= account.held_cash >= 0
            assert all(account.shares.get(t, 0) >= held >= 0 for t, held in account.held_shares.items())
            assert all(size >= 0 for size in account.shares.values())


async def trade_for_a_while(venue: Venue, number: int, seed: int) -> None:
    """A client that places, reads, beats and cancels, and goes on whatever it is told."""
    rng = Random(f"{seed}/{number}")
    trader = Trader(venue, Signer(FUNDED[number].private_key, 137), venue.rest())
    while True:
        await trio.sleep(rng.random())
        await log_in(trader)
        if not trader.creds:
            continue
        bodies = [any_order(trader, rng) for _ in range(rng.choice((1, 1, 2)))]
        calls = [
            partial(trader.call, "POST", "/order", bodies[0]) if len(bodies) == 1 else partial(batch, trader, *bodies),
            partial(trader.call, "POST", "/v1/heartbeats", {"heartbeat_id": ""}),
            partial(venue.rest().call, "GET", "/markets"),
        ]
        for call in (calls[0], rng.choice(calls[1:]), partial(trader.cancel, *open_ids(venue, trader)[:1])):
            await outcome(call, 2)
            trader.rest = venue.rest()


def any_order(trader: Trader, rng: Random) -> dict[str, Any]:
    """Around the middle of one of two markets, mostly resting, mostly for what the account can pay."""
    listing = trader.venue.listings[rng.choice((0, 2))]
    token, side = rng.choice(listing.market.tokens), rng.choice(("BUY", "BUY", "SELL"))
    price, size = f"0.{rng.randrange(35, 66)}", str(rng.randrange(5, 40))
    return trader.order(listing, token, side, price, size, life=rng.choice(("GTC", "GTC", "FAK")))


async def log_in(trader: Trader) -> None:
    """Make the key, or derive it when it was made and nobody said so."""
    for method, path in (("POST", "/auth/api-key"), ("GET", "/auth/derive-api-key")):
        if not trader.creds:
            call = partial(trader.rest.call, method, path, headers=trader.login_headers())
            seen = await outcome(call, 2)
            trader.rest = trader.venue.rest()
            trader.creds = seen[1] if isinstance(seen, tuple) and "secret" in seen[1] else {}


async def live_through(plan: list[Fault], seed: int, seconds: int) -> tuple[Counter[str], str]:
    """What bit, and the exchange's whole ledger."""
    diary = io.StringIO()
    options = {"faults": Faults(plan), "seed": seed, "flow": True, "ledger": Ledger(lambda: 0.0, diary)}
    async with open_venue(**options) as venue:
        total = venue.emulator.exchange.accounts.total
        async with trio.open_nursery() as nursery:
            for number in (0, 1):
                nursery.start_soon(trade_for_a_while, venue, number, seed)
            nursery.start_soon(hear_everything, venue)
            for _ in range(seconds):
                await trio.sleep(1)
                the_sums_are_intact(venue.emulator.exchange, total)
            nursery.cancel_scope.cancel()
        return venue.emulator.desk.faults.hits, diary.getvalue()


async def hear_everything(venue: Venue) -> None:
    """Outlets on the market channel without a connection: what is sent to them passes the faults of frames."""
    desk = venue.emulator.desk
    send, receive = trio.open_memory_channel[tuple[str, float]](100_000)
    outlet = Outlet(send, trio.CancelScope(), trio.CancelScope())
    outlet.line = desk.faults.lines.open("/ws/market", outlet)
    session = venue.emulator.channels["/ws/market"].open(outlet)
    tokens = [token for listing in venue.listings for token in listing.market.tokens]
    session.received(json.dumps({"type": "market", "assets_ids": tokens}))
    with receive:
        while True:
            await trio.sleep(0.2)
            desk.faults.lines.refusal("/ws/market")


def run(plan: list[Fault], seed: int, seconds: int = SECONDS) -> tuple[Counter[str], str]:
    return trio.run(partial(live_through, plan, seed, seconds), clock=MockClock(autojump_threshold=0))


@given(plan=plans(), seed=st.integers(0, 1000))
@settings(max_examples=examples(24), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_plan_leaves_the_exchanges_sums_intact(plan: list[Fault], seed: int) -> None:
    hits, diary = run(plan, seed)
    lines = [json.loads(line) for line in diary.splitlines()]
    assert Counter(line["effect"] for line in lines if line["kind"] == "fault") == Counter(
        {k: n for k, n in hits.items() if n}
    )


ACTS = [kind for kind, effect in KINDS.items() if issubclass(effect, ActEffect)]
LASTING = [kind for kind, effect in KINDS.items() if getattr(effect, "LASTING", False)]
COUNTED = [kind for kind in KINDS if kind not in ACTS + LASTING]
KEYS: dict[str, Entry] = {
    "young_key": {"seconds": 3600},
    "restart": {"seconds": 0.3, "post_only": 0.3},
    "delay": {"seconds": 0.1},
    "status": {"code": 500},
    "hang": {"seconds": 0.1},
    "zombie": {"seconds": 0.5, "then": "close"},
    "external_order": {"price": "0.5"},
    "no_snapshot": {"probability": 1},
    "refuse_cancel": {"probability": 1},
    **{kind: {"probability": 0.5} for kind in ("fail_trade", "late_trade", "retry_trade")},
    "resolve": {"market": "demo-bitcoin"},
    "propose": {"market": "demo-rates"},
    "close_market": {"market": "demo-oscar"},
}


def crowd(kinds: Sequence[str], trigger: Callable[[int], Entry]) -> list[Fault]:
    return parse([{"kind": kind, **trigger(number), **KEYS.get(kind, {})} for number, kind in enumerate(kinds)])


@pytest.mark.parametrize(
    ("kinds", "trigger"),
    [
        (COUNTED[::2], lambda number: {"for": 60, "probability": 0.1}),
        (COUNTED[1::2], lambda number: {"for": 60, "probability": 0.1}),
        (ACTS, lambda number: {"at": 1 + number / 10, "every": 1.5}),
        ([k for k in LASTING if k != "restart"], lambda number: {"at": number / 3, "for": 0.7, "every": 6}),
        (["restart"], lambda number: {"every": 2}),
    ],
)
def test_every_kind_bites_in_a_crowd_and_the_sums_stay_intact(
    kinds: Sequence[str], trigger: Callable[[int], Entry]
) -> None:
    hits, _ = run(crowd(kinds, trigger), 5, seconds=20)
    assert [kind for kind in kinds if not hits[kind]] == []


def test_a_plan_and_a_seed_give_the_same_ledger_again() -> None:
    plan = parse(
        [{"kind": "status", "code": 500, "path": "/order", "for": 60, "probability": 0.3}, {"kind": "take", "every": 3}]
    )
    assert run(plan, 1) == run(plan, 1)
    assert run(plan, 1) != run(plan, 2)
