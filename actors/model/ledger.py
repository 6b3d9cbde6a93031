"""What the trades say: positions, cash spent and earned, fees, PnL, per market. Owned by its tracker.

Fills are keyed by (trade, order); a repeat only moves the settlement, FAILED voids the fill exactly once (I11).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from attrs import define, evolve, field, frozen

from actors.model.booked import Booked
from actors.model.conversion import Conversion, Kind
from actors.model.day import day_number
from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import PRICE_ONE, Cash, Size, cost, proceeds
from actors.model.order import Settlement, settle
from actors.model.outlay import outlay
from actors.model.shares import Holding as Holding

_MINED = (Settlement.MINED, Settlement.CONFIRMED)


@frozen
class Position:
    """A market's holdings and sums. `spent` counts every buy, never reduced by sales.

    `merged` is the cash that pairs became, less what became pairs; `redeemed` what a resolution paid; `unsettled` counts
    what may still fail. `rebates` are what makers' fills are expected to bring back, by UTC day: no part of any other sum.
    """

    market: str
    yes: Holding = Holding()
    no: Holding = Holding()
    spent: Cash = Cash(0)
    fees: Cash = Cash(0)
    volume: Cash = Cash(0)
    trades: int = 0
    unsettled: int = 0
    merged: Cash = Cash(0)
    redeemed: Cash = Cash(0)
    rebates: Mapping[int, Cash] = field(factory=dict)

    def holding(self, outcome: Outcome) -> Holding:
        return self.yes if outcome is Outcome.YES else self.no

    @property
    def net(self) -> int:
        """YES minus NO in size units: what inventory risk acts on (strategies.md §0)."""
        return self.yes.size - self.no.size

    @property
    def inventory_cost(self) -> Cash:
        """What the shares held cost, with fees: the part of the money at risk that is not in orders."""
        return Cash(max(0, self.yes.cost + self.yes.fees) + max(0, self.no.cost + self.no.fees))

    @property
    def realised(self) -> Cash:
        """Cash earned by closed shares, before fees."""
        return Cash(self.yes.realised + self.no.realised)

    def unrealised(self, yes_mid: int | None) -> Cash:
        """What the shares held are worth at the YES mid, less their cost; 0 while there is no mid."""
        if yes_mid is None:
            return Cash(0)
        value = proceeds(yes_mid, self.yes.size) + proceeds(PRICE_ONE - yes_mid, self.no.size)
        return Cash(value - self.yes.cost - self.no.cost)

    def pnl(self, yes_mid: int | None) -> Cash:
        """Realised plus unrealised less fees."""
        return Cash(self.realised + self.unrealised(yes_mid) - self.fees)

    def settled(self, won: Outcome | None) -> Cash:
        """The PnL once `won` pays 1 a share; if that is not known, the worse of both: a pair is worth 1 all the same."""
        ends = {Outcome.YES: self.pnl(PRICE_ONE), Outcome.NO: self.pnl(0)}
        return min(ends.values()) if won is None else ends[won]

    def after(self, fill: Booked) -> Position:
        """The position once `fill` is added; a void fill adds nothing."""
        if fill.void:
            return self
        worth = cost(fill.price, fill.size)
        holding = self.holding(fill.outcome).after(fill)
        return evolve(
            self,
            yes=holding if fill.outcome is Outcome.YES else self.yes,
            no=holding if fill.outcome is Outcome.NO else self.no,
            spent=Cash(self.spent + (worth if fill.side is Side.BUY else 0)),
            fees=Cash(self.fees + fill.fee),
            volume=Cash(self.volume + worth),
            trades=self.trades + 1,
            unsettled=self.unsettled + (fill.settlement is not Settlement.CONFIRMED),
            rebates=self._rebated(fill),
        )

    def _rebated(self, fill: Booked) -> Mapping[int, Cash]:
        day = day_number(fill.at)
        return {**self.rebates, day: Cash(self.rebates.get(day, 0) + fill.rebate)} if fill.rebate else self.rebates

    def converted(self, conversion: Conversion) -> Position:
        """The position once `conversion` is added; a void one adds nothing, shares that go go at once."""
        if conversion.void:
            return self
        certain, redeems = conversion.kind is not Kind.SPLIT or conversion.over, conversion.kind is Kind.REDEEM
        paid = -conversion.cash
        return evolve(
            self,
            yes=self.yes.moved(conversion.yes, -conversion.yes_cash, certain=certain),
            no=self.no.moved(conversion.no, paid + conversion.yes_cash, certain=certain),
            merged=Cash(self.merged - (0 if redeems else paid)),
            redeemed=Cash(self.redeemed - (paid if redeems else 0)),
            unsettled=self.unsettled + (not conversion.over),
        )

    def confirmed(self, entry: Booked | Conversion) -> Position:
        """The position once what it already holds is confirmed: shares that have come may be sold."""
        if isinstance(entry, Conversion):
            yes, no = max(0, entry.yes), max(0, entry.no)
        else:
            bought = entry.size if entry.side is Side.BUY else 0
            yes, no = (bought, 0) if entry.outcome is Outcome.YES else (0, bought)
        return evolve(
            self,
            yes=evolve(self.yes, confirmed=self.yes.confirmed + yes),
            no=evolve(self.no, confirmed=self.no.confirmed + no),
            unsettled=self.unsettled - 1,
        )


Entry = Booked | Conversion
K = TypeVar("K", bound=Hashable)
E = TypeVar("E", Booked, Conversion)


@define(eq=False)
class Ledger:
    """The fills and conversions of one market and their sums. Amounts only; it knows orders by id alone.

    Sums follow the order in which fills were matched, not the one in which they are heard: what a sale realised depends
    on the purchases before it, and PnL must be the same after a restart that reads the newest trade first.
    """

    market: str
    fees: FeeSchedule = FeeSchedule()
    _fills: dict[tuple[str, str], Booked] = field(factory=dict)
    _conversions: dict[str, Conversion] = field(factory=dict)
    _by_order: dict[str, int] = field(factory=dict)
    _position: Position = field(init=False)
    _freed: dict[Hashable, int] = field(factory=dict)
    _newest: tuple[float, bool] = (float("-inf"), False)
    _out_of_turn: bool = False

    def __attrs_post_init__(self) -> None:
        self._position = Position(self.market)

    @property
    def position(self) -> Position:
        """The sums of all fills that are not void."""
        if self._out_of_turn:
            self._add_up()
        return self._position

    @property
    def tied_up(self) -> Cash:
        """What the shares held cost, and those sold in trades that may still fail: such a sale gives them back (I1, F16)."""
        inventory = self.position.inventory_cost
        return Cash(inventory + sum(self._freed.values()))

    @property
    def unsettled_since(self) -> float:
        """When the oldest fill that is neither confirmed nor failed was matched; inf without one."""
        over = (Settlement.CONFIRMED, Settlement.FAILED)
        return min((fill.at for fill in self._fills.values() if fill.settlement not in over), default=float("inf"))

    @property
    def fills(self) -> tuple[Booked, ...]:
        return tuple(self._fills.values())

    def on_chain(self, outcome: Outcome) -> int:
        """The balance of a token if nothing but ours moved it: trades once mined; conversions, as soon as they may be (signed)."""
        fills = (fill for fill in self._fills.values() if fill.outcome is outcome and fill.settlement in _MINED)
        traded = sum(fill.size if fill.side is Side.BUY else -fill.size for fill in fills)
        return traded + sum(one.moved(outcome) for one in self._conversions.values())

    def filled(self, order_id: str) -> Size:
        """What trades say of one order, failed ones left out."""
        return Size(self._by_order.get(order_id, 0))

    def fee(self, price: int, size: int, *, taker: bool) -> Cash:
        """What this market charges for a fill; makers pay nothing."""
        return self.fees.taker_fee(price, size) if taker else Cash(0)

    def outlay(self, price: int, size: int, *, taker: bool) -> Cash:
        """The most that a buy at `price` or better takes."""
        return outlay(self.fees, price, size, takes=taker)

    def rebate(self, price: int, size: int, *, taker: bool) -> Cash:
        """What a maker's fill is expected to bring back."""
        return Cash(0) if taker else self.fees.maker_rebate(price, size)

    def book(self, fill: Booked) -> bool:
        """Book a new fill, or a newer settlement of a known one; True if anything changed."""
        if fill.key in self._fills:
            return self._settle(self._fills, fill.key, fill.settlement)
        self._fills[fill.key] = fill
        self._add(fill)
        return True

    def convert(self, conversion: Conversion) -> bool:
        """Book a conversion, or how a known one stands by now; True if anything changed."""
        if conversion.key in self._conversions:
            return self._settle(self._conversions, conversion.key, conversion.settlement)
        self._conversions[conversion.key] = conversion
        self._enter(conversion)
        return True

    @property
    def converting(self) -> tuple[Conversion, ...]:
        """Conversions under way."""
        return tuple(one for one in self._conversions.values() if not one.over)

    def _settle(self, entries: dict[K, E], key: K, heard: Settlement) -> bool:
        """Take a newer settlement of a known entry; True if it changed."""
        known = entries[key]
        settlement = settle(known.settlement, heard)
        if settlement is known.settlement:
            return False
        entries[key] = evolve(known, settlement=settlement)
        self._move(known, settlement)
        return True

    def _move(self, known: Entry, settlement: Settlement) -> None:
        if settlement is Settlement.CONFIRMED:
            self._freed.pop(known.key, None)
            self._position = self._position.confirmed(known)
        elif settlement is Settlement.FAILED:
            self._void(known)

    def _add(self, fill: Booked) -> None:
        if not fill.void:
            self._by_order[fill.order_id] = self._by_order.get(fill.order_id, 0) + fill.size
            self._enter(fill)

    def _enter(self, entry: Entry) -> None:
        """Add a new entry if its turn has not passed; else everything is summed again, once somebody looks."""
        if entry.void:
            return
        if _turn(entry) < self._newest:
            self._out_of_turn = True
        else:
            self._newest = _turn(entry)
            self._sum(entry)

    def _sum(self, entry: Entry) -> None:
        """A sale that is not final may give its shares back, and so may a conversion: what they cost stays tied up."""
        before = self._position.inventory_cost
        if isinstance(entry, Conversion):
            self._position = self._position.converted(entry)
        else:
            self._position = self._position.after(entry)
        if _leaves(entry) and not entry.void and entry.settlement is not Settlement.CONFIRMED:
            self._freed[entry.key] = max(0, before - self._position.inventory_cost)

    def _void(self, entry: Entry) -> None:
        """Sum again without it: a voided entry then needs no reverse arithmetic that could drift."""
        if isinstance(entry, Booked):
            self._by_order[entry.order_id] -= entry.size
        self._out_of_turn = True

    def _add_up(self) -> None:
        self._out_of_turn = False
        self._position = Position(self.market)
        self._freed.clear()
        entries: list[Entry] = [*self._fills.values(), *self._conversions.values()]
        for entry in sorted(entries, key=_turn):
            self._sum(entry)


def _leaves(entry: Entry) -> bool:
    """Whether shares go."""
    return entry.yes < 0 or entry.no < 0 if isinstance(entry, Conversion) else entry.side is Side.SELL


def _turn(entry: Entry) -> tuple[float, bool]:
    """When it counts: by its time; within one (the venue's are whole seconds) what comes before what goes."""
    return entry.at, _leaves(entry)
