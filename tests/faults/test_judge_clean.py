"""A real exchange, busy and faulty, and a client that keeps every rule: the judge has nothing to say."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
from attrs import define, field
from trio.testing import MockClock

from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, format_price, format_size
from actors.model.settings import BudgetSettings
from adapters.emulator import signatures, signed_order
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import Listing
from tests.emulator.faulty import faults
from tests.emulator.harness import Trader, Venue, open_venue, virtual_wall
from tests.faults.judge import Judge

Entry = dict[str, object]


@define(eq=False)
class Honest:
    """Quotes two markets below the touch, takes part in trades, and sells what it has at the end."""

    venue: Venue
    trader: Trader
    judge: Judge
    journal: set[str]
    blind: bool = False

    async def place(self, listing: Listing, outcome: Outcome, side: Side, price: int, size: str, **more: Any) -> None:  # noqa: ANN401
        token = listing.market.token(outcome)
        body = self.trader.order(listing, token, side.value, format_price(price), size, **more)
        signed = signed_order.parse(body)
        version, contract = signatures.exchange_of(int(signed.token), listing.market.neg_risk)
        order_id = "0x" + signatures.order_digest(signed, signatures.order_domain(version, contract)).hex()
        for seen in () if self.blind else listing.market.tokens:
            self.judge.framed(seen)
        self.journal.add(order_id)
        self.judge.posted(order_id, json.dumps(body).encode(), 1)
        status, answer = await self.trader.call("POST", "/order", body)
        self.judge.answered(order_id, status, json.dumps(answer).encode())

    async def quote(self, listing: Listing) -> None:
        """A buy of either outcome at its best bid, so that both together cost less than 1."""
        for outcome in Outcome:
            bid, _ = listing.book.best(outcome)
            if listing.accepting and bid is not None:
                await self.place(listing, outcome, Side.BUY, bid, "6", post_only=True)

    async def sell(self, listing: Listing) -> None:
        for outcome in Outcome:
            size = self.confirmed(listing.market.token(outcome)) // 10_000 * 10_000
            bid, _ = listing.book.best(outcome)
            if listing.accepting and bid is not None and size >= 5 * SHARE:
                await self.place(listing, outcome, Side.SELL, bid, format_size(size), life="FAK")

    def confirmed(self, token: str) -> int:
        """What may be sold: shares on the chain that no trade may still take back."""
        exchange = self.venue.emulator.exchange
        account = exchange.accounts.open(self.trader.address)
        young = [trade for trade in exchange.settlement.trades.get(account.address, []) if trade.status == "MINED"]
        legs = (leg for trade in young for leg in trade.legs if leg.ticket.account is account)
        return account.free_shares(token) - sum(max(0, leg.shares) for leg in legs if leg.ticket.token == token)

    async def trade(self, seconds: float) -> None:
        listings = self.venue.listings[:2]
        with trio.move_on_after(seconds):
            while True:
                for listing in listings:
                    await self.quote(listing)
                await trio.sleep(2.0)
                await self.trader.call("DELETE", "/cancel-all")
        await self.trader.call("DELETE", "/cancel-all")
        await trio.sleep(60.0)  # until everything is confirmed
        for _ in range(5):
            for listing in listings:
                await self.sell(listing)
            await trio.sleep(6.0)


@define(eq=False)
class Ear:
    """A file whose lines the judge hears as they are written."""

    kinds: set[str] = field(factory=set)
    judge: Judge | None = None
    early: list[str] = field(factory=list)

    def write(self, text: str) -> None:
        self.kinds.add(json.loads(text)["kind"])
        self.early.append(text)
        if self.judge is not None:
            self.hear()

    def hear(self) -> None:
        assert self.judge is not None
        for text in self.early:
            self.judge.hear(json.loads(text))
        self.early.clear()

    def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def honest(ear: Ear, *entries: Entry, flattens: bool) -> AsyncIterator[Honest]:
    ledger, began = Ledger(virtual_wall(), ear), trio.current_time()  # type: ignore[arg-type]  # as much of a file as it needs
    async with open_venue(seed=3, flow=True, ledger=ledger, faults=faults(*entries)) as venue:
        trader, journal = await venue.trader(), set[str]()

        def clock() -> float:
            return trio.current_time() - began

        ear.judge = Judge(trader.address, BudgetSettings(), journal.__contains__, clock, flattens=flattens)
        ear.hear()
        ear.judge.life(1)
        for path in ("orders", "trades"):
            await trader.call("GET", f"/data/{path}")
            ear.judge.read(path, clock())
        yield Honest(venue, trader, ear.judge, journal)


async def test_a_client_that_keeps_the_rules_is_not_accused(autojump_clock: MockClock) -> None:
    ear = Ear()
    async with honest(ear, flattens=True) as client:
        await client.trade(120.0)
        client.judge.ended(0, "")
        assert [str(breach) for breach in client.judge.breaches] == []
        assert any(one.own and one.filled_at > 0 for one in client.judge.case.orders.by_id.values())
    assert ear.kinds >= {"order", "trade", "settle", "balance", "cancel"}


WEATHER: list[Entry] = [
    {"kind": "external_order", "every": 7.0, "market": "demo-election", "price": "0.2"},
    {"kind": "external_trade", "every": 11.0, "market": "demo-rates", "size": "3"},
    {"kind": "external_move", "every": 13.0, "market": "demo-election", "amount": "5"},
    {"kind": "external_move", "at": 20.0, "every": 29.0, "market": "demo-election", "way": "merge", "amount": "4"},
    {"kind": "take", "every": 3.0, "percent": 60},
    {"kind": "overfill", "every": 17.0},
    {"kind": "fail_trade", "for": 40.0, "probability": 0.5},
    {"kind": "retick", "at": 70.0, "market": "demo-rates", "tick": "0.001"},
    {"kind": "expire_heartbeat", "at": 30.0},
    {"kind": "close_market", "at": 90.0, "market": "demo-election"},
]


async def test_whatever_the_exchange_and_the_user_do_is_not_the_clients_fault(autojump_clock: MockClock) -> None:
    ear = Ear()
    async with honest(ear, *WEATHER, flattens=False) as client:
        await client.trade(120.0)
        client.judge.ended(0, "")
        assert [str(breach) for breach in client.judge.breaches] == []
        kinds = {str(entry["kind"]) for entry in WEATHER} - {"expire_heartbeat"}
        assert set(client.judge.faults) >= kinds
    assert ear.kinds >= {"split", "merge", "tick", "phase"}


@pytest.mark.parametrize("rule", ["I2", "I10", "I13"])
async def test_the_same_client_is_accused_of_what_it_leaves_out(rule: str, autojump_clock: MockClock) -> None:
    async with honest(Ear(), flattens=False) as client:
        if rule == "I2":
            client.journal = set()  # not the one that the judge reads
        client.blind = rule == "I10"
        if rule == "I13":
            client.judge.life(1)
        await client.quote(client.venue.listings[0])
        assert {breach.invariant for breach in client.judge.breaches} == {rule}
