"""The whole bot at the practice exchange: real actors and adapters, wires in memory, virtual time; the test is everybody else.

A `staging.Stage` over the simulator's world, whose judge watches.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import trio
from attrs import define, evolve, field
from loguru import logger

from actors.ending import Exit
from actors.kernel.deterministic import seed_scheduler
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash
from actors.wiring.console import Console
from adapters.emulator.accounts import FUNDED, Account
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.faults import Faults, parse
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import Draft, Listing, generate
from adapters.emulator.terms import EventTerms
from adapters.emulator.tickets import Ticket
from adapters.matching import Order
from tests.faults.life import Life
from tests.faults.network import Network
from tests.faults.trace import Trace
from tests.faults.watch import START, Watch
from tests.venue import Fate
from tests.wiring.firing import FIRES, Fires, fire
from tests.wiring.staging import Resting, lose
from tests.wiring.world import until

_LEVEL = 1000 * SHARE
_AWAY = 100  # the others stand a cent behind the bot's first quotes
_OTHERS = "0x00000000000000000000000000000000000f1e1d"
_ORDERS = {"method": "POST", "path": "/order*"}
# What befalls the first pair of orders, which one request brings.
_FAULTS: dict[tuple[Fate, ...], Mapping[str, Any]] = {
    (Fate.REJECT, Fate.REJECT): {"kind": "status", "code": 400, "body": "not today", **_ORDERS},
    (Fate.UNHEARD, Fate.UNHEARD): {"kind": "close", "after_accept": True, **_ORDERS},
    (Fate.ACCEPT, Fate.LOST): {"kind": "odd_answer", "legs": "1", "text": ""},
}


@define(eq=False)
class Listening(Watch):
    """A judge that remembers when which request left: (trio time, "METHOD /path")."""

    requests: list[tuple[float, str]] = field(factory=list)

    def requested(self, method: str, path: str, body: bytes) -> None:
        self.requests.append((trio.current_time(), f"{method} {path}"))
        super().requested(method, path, body)


@define(eq=False)
class AtExchange:
    """The bot's life at an exchange where nobody trades but those whom the test moves."""

    emulator: Emulator
    watch: Listening
    life: Life
    _numbers: int = 0
    _quotes: list[Ticket] = field(factory=list)

    # ── what the bot says ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def console(self) -> Console:
        console = self.life.console
        assert console is not None
        return console

    def obey(self, command: str, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self.console.obey(command, args)

    def told(self) -> dict[str, dict[str, Any]]:
        return {one.market.slug: self.obey("explain", {"market": one.market.slug}) for one in self.listings}

    def audited(self, kind: str, code: str) -> int:
        """Rows of the audit trail's file."""
        event, text = kind, "" if kind == "kill" else f"{code}: "
        rows = map(json.loads, self.life.places.trail.read_text(encoding="utf-8").splitlines())
        return sum(row["event"] == event and row.get("text", "").startswith(text) for row in rows)

    # ── what the exchange has ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def listings(self) -> Sequence[Listing]:
        return self.emulator.exchange.listings.all

    @property
    def account(self) -> Account:
        """The bot's."""
        account = self.emulator.exchange.accounts.get(FUNDED[0].address)
        assert account is not None
        return account

    @property
    def posts(self) -> int:
        return self.watch.counts["posts"]

    def live(self) -> Sequence[Resting]:
        return self.orders

    @property
    def orders(self) -> list[Order]:
        """The bot's, that rest."""
        return [ticket.order for ticket in self.emulator.exchange.tickets.open_of(self.account)]

    # ── what others do ────────────────────────────────────────────────────────────────────────────────────────────

    async def take_buy(self) -> None:
        bid = next(o for o in self.orders if o.side is Side.BUY and o.outcome is Outcome.YES)
        self.meet(bid)
        await until(lambda: self.account.shares[self.listings[0].market.yes] == bid.size, within=30.0)
        await trio.sleep(1.5)

    async def take_sale_below_cost(self) -> None:
        """The price falls, the bot asks less, and somebody buys."""
        await self.move(4300)
        await until(lambda: any(o.side is Side.SELL and o.price < 4800 for o in self._asks()), within=5.0)
        self.meet(self._asks()[0])

    def _asks(self) -> list[Order]:
        return [order for order in self.orders if order.side is Side.SELL]

    def meet(self, resting: Order) -> None:
        """Somebody takes the whole of a resting order, or what is better than it."""
        side = Side.SELL if resting.bids else Side.BUY
        self._place(self.listings[0], side, resting.yes_price, resting.size, "FAK")

    async def move(self, bid: int) -> None:
        """First they all go; they come back once the bot's quotes are not in their way."""
        for ticket in self._quotes:
            self.emulator.exchange.cancel(ticket, "moved")
        self._quotes.clear()
        await until(lambda: not any(_between(order, bid) for order in self.orders), within=10.0)
        self.quote(self.listings[0], bid)

    def quote(self, listing: Listing, bid: int) -> None:
        """The others' two levels around a mid of `bid` and two cents."""
        self._quotes += [
            self._place(listing, Side.BUY, bid - _AWAY, _LEVEL),
            self._place(listing, Side.SELL, bid + 400 + _AWAY, _LEVEL),
        ]

    def _place(self, listing: Listing, side: Side, price: int, size: int, life: Any = "GTC") -> Ticket:  # noqa: ANN401 - a Life
        self._numbers += 1
        exchange = self.emulator.exchange
        account = exchange.accounts.open(_OTHERS, name="others", internal=True)
        order = Order(f"0x{self._numbers:064x}", _OTHERS, Outcome.YES, side, price, size, life)
        ticket = Ticket(order, account, "", listing, exchange.wall())
        assert not exchange.submit(ticket)[0].refusal
        return ticket

    def hold(self, money: Cash) -> None:
        """The rest goes to another wallet on the chain, or comes from there."""
        chain, spare = self.emulator.desk.chain, money - self.account.cash
        other = self.emulator.exchange.accounts.open(FUNDED[1].address)
        if spare > 0:
            chain.transfer(other, self.account.address, spare)
        elif spare:
            chain.transfer(self.account, other.address, -spare)

    def hurry(self) -> None:
        """Slow answers end by themselves."""


def _between(order: Order, bid: int) -> bool:
    """Whether an own order would trade with the others' next quotes."""
    return order.yes_price >= bid + 400 + _AWAY if order.bids else order.yes_price <= bid - _AWAY


def _wall() -> float:
    return START + trio.current_time()


@asynccontextmanager
async def at_exchange(
    row: Fires, home: Path, born: Callable[..., Life] = Life, *, faults: Sequence[Mapping[str, Any]] = ()
) -> AsyncIterator[AtExchange]:
    """The bot of a row, from its start to a kill -9; the exchange plays these `faults` besides the row's."""
    logger.disable("actors")
    seed_scheduler("limits")
    watch = Listening.of(Trace(), row.settings.budget, lambda: 1)
    emulator = build(
        7,
        wall=_wall,
        ledger=Ledger(_wall, watch),  # type: ignore[arg-type]  # a file, as far as it needs one
        faults=Faults(parse([*_faults(row), *faults])),
        listings=generate(7, [Draft("alpha", "Alpha?", 0.5), Draft("beta", "Beta?", 0.5)][: 1 + row.pair]),
        flow=False,
    )
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        network = Network(emulator, nursery, Random("network"))
        life = born(1, 7, row.settings, home, network, watch, _wall, lambda: "", watch.hide)
        of = AtExchange(emulator, watch, life)
        of.hold(Cash(row.money * PUSD))
        for listing in of.listings:
            if row.pair:
                listing.market = evolve(listing.market, neg_risk=True)
                listing.terms = evolve(listing.terms, event=EventTerms("both", "Alpha or beta?", neg_risk=True))
            of.quote(listing, 4800)
        nursery.start_soon(life.run)
        try:
            await until(lambda: life.console is not None or life.over.is_set(), within=5.0)
            yield of
        finally:
            life.kill()
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                await network.cut()


def _faults(row: Fires) -> list[Mapping[str, Any]]:
    faults = [_FAULTS[row.fates]] if row.fates else []
    return [*faults, {"kind": "late_answer", "seconds": row.slow, "for": 8, **_ORDERS}] if row.slow else faults


async def fires(row: Fires, home: Path) -> None:
    """The row's whole run, in which the judge has seen nothing broken."""
    async with at_exchange(row, home) as stage:
        await fire(row, stage)
    assert not stage.watch.breaches, stage.watch.breaches


async def a_kill_ends_the_run(home: Path) -> None:
    """With `risk.on_kill: exit`, after its orders have gone."""
    row = FIRES["risk.max_hourly_loss"]
    exiting = evolve(row, settings=evolve(row.settings, risk=evolve(row.settings.risk, on_kill="exit")))
    async with at_exchange(exiting, home) as stage:
        await lose(stage)
        with trio.fail_after(60.0):
            await stage.life.over.wait()
        assert stage.life.ending is not None
        assert stage.life.ending.code is Exit.KILLED
        assert not stage.live()
    assert not stage.watch.breaches, stage.watch.breaches
