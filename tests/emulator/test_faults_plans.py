"""Any list of faults parses and prints; any plan leaves the exchange's own sums intact, the same for the same seed."""

from __future__ import annotations

import io
import json
from collections import Counter
from functools import partial
from random import Random

import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py_clob_client_v2.signer import Signer
from trio.testing import MockClock

from actors.model.numbers import format_cash
from adapters.emulator.accounts import FUNDED
from adapters.emulator.exchange import Exchange
from adapters.emulator.faults import Fault, Faults, parse, show
from adapters.emulator.ledger import Ledger
from adapters.emulator.sockets import Outlet
from tests.emulator.fault_plans import plans
from tests.emulator.faulty import open_ids, outcome
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
    """A client that places, cancels and goes on whatever it is told, on both outcomes of two markets."""
    rng = Random(f"{seed}/{number}")
    trader = Trader(venue, Signer(FUNDED[number].private_key, 137), venue.rest())
    while True:
        await trio.sleep(rng.random())
        await log_in(trader)
        if not trader.creds:
            continue
        listing = venue.listings[rng.choice((0, 2))]
        token, price = rng.choice(listing.market.tokens), f"0.{rng.randrange(40, 61)}"
        size, life = str(rng.randrange(5, 40)), rng.choice(("GTC", "GTC", "FAK"))
        await outcome(
            partial(trader.place, listing, token, rng.choice(("BUY", "BUY", "SELL")), price, size, life=life), 2
        )
        trader.rest = venue.rest()
        await outcome(partial(trader.cancel, *open_ids(venue, trader)[:2]), 2)
        trader.rest = venue.rest()


async def log_in(trader: Trader) -> None:
    """Make the key, or derive it when it was made and nobody said so."""
    for method, path in (("POST", "/auth/api-key"), ("GET", "/auth/derive-api-key")):
        if not trader.creds:
            call = partial(trader.rest.call, method, path, headers=trader.login_headers())
            seen = await outcome(call, 2)
            trader.rest = trader.venue.rest()
            trader.creds = seen[1] if isinstance(seen, tuple) and "secret" in seen[1] else {}


async def live_through(plan: list[Fault], seed: int) -> tuple[Counter[str], str]:
    """What bit, and the exchange's whole ledger."""
    diary = io.StringIO()
    options = {"faults": Faults(plan), "seed": seed, "flow": True, "ledger": Ledger(lambda: 0.0, diary)}
    async with open_venue(**options) as venue:
        total = venue.emulator.exchange.accounts.total
        async with trio.open_nursery() as nursery:
            for number in (0, 1):
                nursery.start_soon(trade_for_a_while, venue, number, seed)
            nursery.start_soon(hear_everything, venue)
            for _ in range(SECONDS):
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
    async for text, _ in receive:
        assert text


def run(plan: list[Fault], seed: int) -> tuple[Counter[str], str]:
    return trio.run(partial(live_through, plan, seed), clock=MockClock(autojump_threshold=0))


@given(plan=plans(), seed=st.integers(0, 1000))
@settings(max_examples=24, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_plan_leaves_the_exchanges_sums_intact(plan: list[Fault], seed: int) -> None:
    hits, diary = run(plan, seed)
    lines = [json.loads(line) for line in diary.splitlines()]
    assert Counter(line["effect"] for line in lines if line["kind"] == "fault") == Counter(
        {k: n for k, n in hits.items() if n}
    )


def test_a_plan_and_a_seed_give_the_same_ledger_again() -> None:
    plan = parse(
        [{"kind": "status", "code": 500, "path": "/order", "for": 60, "probability": 0.3}, {"kind": "take", "every": 3}]
    )
    assert run(plan, 1) == run(plan, 1)
    assert run(plan, 1) != run(plan, 2)
