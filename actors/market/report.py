"""What a tracker publishes after a change: inventory to its quoter, money to the budget, everything to the board."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from actors.kernel.mailbox import Mailbox
from actors.market.blotter import Blotter
from actors.market.converting import spare
from actors.market.work import Work
from actors.messages import Inventory
from actors.model.book import OwnLevel
from actors.model.income import Resting
from actors.model.ledger import Position
from actors.model.numbers import Cash, Price, Size
from actors.model.order import Key, Life, Order
from actors.model.plan import yes_terms
from actors.model.quote import Quote
from actors.model.reason import Refusal
from actors.model.stake import Stake
from actors.model.take import Takes
from actors.model.trading import Trading
from actors.shared.board import Board
from actors.shared.budget import Restate
from actors.shared.stakes import Staked


@frozen
class MarketReport:
    """A market as its tracker sees it (state), for people and for the shutdown.

    `ordered` is the reason given with the order that led to `trading`. `orders` are our orders not proven dead, by venue
    id where there is one; `foreign` are ids of open orders of the account that are not ours; `resting` are those known to
    rest, as quotes. `takes` are what a strategy that trades at once has asked for. `holding` is whether more is held than dust; `known` is False until this life has read the venue: then
    position and `holding` say nothing. `halted` is why the market takes no orders, "" while it does. `held` is what the
    governor holds back, `actions` how many orders were placed and cancelled in the last minute. `closing` once it knows that
    the market is being left, `ending` that the run ends.
    """

    market: str
    trading: Trading
    ordered: str
    custody: bool
    reconciling: bool
    resting: tuple[Quote, ...]
    orders: tuple[str, ...]
    unknown: int
    foreign: tuple[str, ...]
    position: Position
    exposure: Cash
    refusal: Refusal | None
    holding: bool
    known: bool
    generation: int
    halted: str = ""
    held: Refusal | None = None
    actions: int = 0
    closing: bool = False
    ending: bool = False
    takes: Takes = Takes()

    @property
    def settling(self) -> bool:
        """Whether trades may still fail, and with them what was sold come back."""
        return self.position.unsettled > 0


@frozen
class Publisher:
    """Where a tracker's states go."""

    market: str
    quoter: Mailbox[object]
    risk: Mailbox[object]
    money: tuple[Mailbox[object], ...]
    settlement: Mailbox[object]
    board: Board

    def publish(self, work: Work, *, holding: bool, halted: str) -> None:
        """Everything, absolute; each replaces its predecessor.

        Until the venue has been read, what the former life stated about money stands: it is never less than the truth.
        """
        blotter, position = work.blotter, work.position
        reserved = blotter.reserved()
        inventory = Cash(blotter.ledger.tied_up + blotter.foreign.notional)
        if work.known:
            held = Inventory(
                self.market,
                position,
                _own(blotter.open),
                work.taking.shown(unknown=blotter.unknown),
                orders=_working(blotter.open),
                fills=tuple(work.fills),
            )
            self.quoter.put(held)
            self.risk.put(held, about=self.market)
            seq = work.numbers.seq()
            self.risk.put(Staked(self.market, seq, Stake(position, _takeable(blotter))), about=self.market)
            restate = Restate(self.market, seq, reserved, inventory)
            for mailbox in self.money:
                mailbox.put(restate, about=self.market)
            self.board.put(Resting(self.market, _aged(blotter.open), position.rebates), about=self.market)
        free = spare(work)
        self.settlement.put(free, about=self.market)
        self.board.put(free, about=self.market)
        report = self._report(work, reserved, inventory, holding=holding, halted=halted)
        self.board.put(report, about=self.market)

    def _report(
        self, work: Work, reserved: Mapping[Key, Cash], inventory: Cash, *, holding: bool, halted: str
    ) -> MarketReport:
        orders = work.blotter.open
        return MarketReport(
            market=self.market,
            trading=work.trading,
            ordered=work.ordered,
            custody=work.custody,
            reconciling=work.reconciling,
            resting=tuple(Quote(o.outcome, o.side, o.price, o.remaining) for o in orders if _rests(o)),
            orders=tuple(o.order_id or f"unsent {o.key.generation}/{o.key.counter}" for o in orders),
            unknown=work.blotter.unknown,
            foreign=tuple(work.blotter.foreign),
            position=work.position,
            exposure=Cash(sum(reserved.values()) + inventory),
            refusal=work.refusals.latest,
            holding=holding,
            known=work.known,
            generation=work.numbers.generation,
            halted=halted,
            held=work.governor.held,
            actions=work.governor.used,
            closing=work.closing is not None,
            ending=work.ending,
            takes=work.taking.shown(unknown=work.blotter.unknown),
        )


def _rests(order: Order) -> bool:
    return order.life in (Life.LIVE, Life.PARTIAL)


def _takeable(blotter: Blotter) -> tuple[Quote, ...]:
    """What orders of the account may still take or give in this market, ours or not."""
    ours = (Quote(o.outcome, o.side, o.price, o.at_risk) for o in blotter.open if o.at_risk)
    others = (
        Quote(blotter.market.outcome(o.token), o.side, Price(o.price), Size(o.size - o.matched))
        for o in blotter.foreign.orders
    )
    return (*ours, *others)


def _aged(orders: tuple[Order, ...]) -> tuple[tuple[OwnLevel, float], ...]:
    """Our orders known to rest, as they stand in the YES book, with when they were placed."""
    return tuple((level, o.placed_at) for o in orders if _rests(o) for level in _own((o,)))


def _own(orders: tuple[Order, ...]) -> tuple[OwnLevel, ...]:
    """Our orders as they stand in the YES book; those in flight count, for the book may show them first."""
    open_ = (o for o in orders if o.open)
    return tuple(OwnLevel(*yes_terms(o.outcome, o.side, o.price), o.remaining) for o in open_)


def _working(orders: tuple[Order, ...]) -> tuple[Order, ...]:
    return tuple(order for order in orders if order.open)
