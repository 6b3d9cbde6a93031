"""The governor: keeps a market's quotes from being moved too often. It holds requotes back, never a cancel that protects.

An order goes at once, whatever the pace, if it offers more than is wanted at its price or a better one for others, or if
it could trade with a quote. So holding back costs opportunities, not money: a quote that lags behind a move in our favour.
What replaces a quote that fled waits instead, and its side stays empty for a moment.
Owns no clock and no channel; times are trio's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf

from attrs import define, field, frozen

from actors.model.market import Side
from actors.model.order import Key, Order
from actors.model.plan import Plan, Slot, self_trades
from actors.model.quote import Quote
from actors.model.reason import Hint, Reason, Refusal

WINDOW = 60.0  # s in which actions are counted
_JUST_PAST = 0.001  # s


@frozen
class Pace:
    """Seconds an order rests before a requote, in which it is not placed twice, and after which it is replaced; and the
    most actions in a window."""

    min_life: float
    dedupe: float
    ttl: float
    actions: int


@define(eq=False)
class Governor:
    """`held` says what waits and why, `look_at` when something of it may go; both as of the last `govern`."""

    pace: Pace
    held: Refusal | None = None
    look_at: float = inf
    _actions: deque[float] = field(factory=deque)
    _placed: dict[Quote, float] = field(factory=dict)
    _requoted: set[Key] = field(factory=set)

    def since(self, now: float) -> float:
        """Orders placed before this have rested long enough."""
        return now - self.pace.ttl

    def govern(self, change: Plan, wanted: Sequence[Quote], orders: Sequence[Order], now: float) -> Plan:
        """What of the change may happen now. `orders` are all of ours that are not proven dead."""
        self._forget(now)
        self.held = None
        self._requoted &= {order.key for order in orders}
        ends = (order.placed_at + self.pace.ttl + _JUST_PAST for order in orders if order.open)
        self.look_at = min((end for end in ends if end > now), default=inf)
        cancel = self._cancels(change, wanted, orders, now)
        place = self._places(change.place, self.pace.actions - self.used - len(cancel), now)
        return Plan((*cancel, *self._overdue(orders, wanted)), place)

    def cancelled(self, orders: Sequence[Order], now: float, *, requote: bool) -> None:
        """The orders are about to be cancelled; for a `requote` the cancels may wait for others in the gateway."""
        self._actions.extend([now] * len(orders))
        keys = {order.key for order in orders}
        self._requoted = self._requoted | keys if requote else self._requoted - keys

    def placed(self, quote: Quote, now: float) -> None:
        """The quote is about to be placed."""
        self._actions.append(now)
        self._placed[quote] = now

    @property
    def used(self) -> int:
        """Actions in the window that ended with the last `govern`."""
        return len(self._actions)

    def _cancels(self, change: Plan, wanted: Sequence[Quote], orders: Sequence[Order], now: float) -> tuple[Order, ...]:
        """A requote needs room for the new order, too, and so does each whose cancel is under way."""
        room = self.pace.actions - self.used - sum(o.open and o.cancel_sent_at is not None for o in orders)
        passing: list[Order] = []
        for order in change.cancel:
            if protects(order, wanted) or self._may_move(order, room, now):
                passing.append(order)
                room -= 2
        return tuple(passing)

    def _overdue(self, orders: Sequence[Order], wanted: Sequence[Quote]) -> tuple[Order, ...]:
        """Orders whose cancel left as a mere requote and may wait somewhere, while by now it must not."""
        leaving = (o for o in orders if o.open and o.cancel_sent_at is not None and o.key in self._requoted)
        return tuple(order for order in leaving if protects(order, wanted))

    def _may_move(self, order: Order, room: int, now: float) -> bool:
        """Whether the order may make room for another one."""
        rested = order.placed_at + self.pace.min_life
        if now < rested:
            self._hold(Reason.MIN_LIFE, order, rested)
            return False
        return self._has_room(order, room, 2)

    def _places(self, quotes: Sequence[Quote], room: int, now: float) -> tuple[Quote, ...]:
        passing: list[Quote] = []
        for quote in quotes:
            same = self._placed.get(quote, -inf) + self.pace.dedupe
            moved = self._moved_at((quote.outcome, quote.side)) + self.pace.min_life
            if now < max(same, moved):
                self._hold(Reason.DEDUPE if same > moved else Reason.MIN_LIFE, quote, max(same, moved))
            elif self._has_room(quote, room, 1):
                passing.append(quote)
                room -= 1
        return tuple(passing)

    def _moved_at(self, slot: Slot) -> float:
        """When the last order was placed there."""
        return max((at for quote, at in self._placed.items() if (quote.outcome, quote.side) == slot), default=-inf)

    def _has_room(self, of: Order | Quote, room: int, needed: int) -> bool:
        if room < needed:
            self._hold(Reason.CHURN, of, self._actions[0] + WINDOW if self._actions else inf)
        return room >= needed

    def _hold(self, reason: Reason, of: Order | Quote, until: float) -> None:
        """Remember it, to be shown, and when to look again."""
        what = f"{of.side.value} {of.outcome.value}"
        key, value, lifted = self._setting(reason)
        self.held = Refusal(reason, (("held", what), (key, value)), Hint(key, lifted))
        self.look_at = min(self.look_at, until)

    def _setting(self, reason: Reason) -> tuple[str, str, str]:
        """The key behind the reason, its value, and one that would have let this pass."""
        match reason:
            case Reason.CHURN:
                return "limits.actions_per_minute", str(self.pace.actions), str(2 * self.pace.actions)
            case Reason.DEDUPE:
                return "limits.dedupe", f"{self.pace.dedupe:g} s", "0"
        return "limits.min_life", f"{self.pace.min_life:g} s", "0"

    def _forget(self, now: float) -> None:
        while self._actions and self._actions[0] + WINDOW <= now:
            self._actions.popleft()
        longest = max(self.pace.min_life, self.pace.dedupe)
        self._placed = {quote: at for quote, at in self._placed.items() if now < at + longest}


def protects(order: Order, wanted: Sequence[Quote]) -> bool:
    """Whether cancelling the order makes us safer, so that it must not wait.

    It offers more than is wanted on its side at its price or a better one for others, as where nothing is wanted at all;
    or it could trade with a quote.
    """
    if any(self_trades(quote, order) for quote in wanted):
        return True
    return order.remaining > sum(quote.size for quote in wanted if _at_least_as_good(quote, order))


def _at_least_as_good(quote: Quote, order: Order) -> bool:
    """For others, on the same side."""
    if (quote.outcome, quote.side) != (order.outcome, order.side):
        return False
    return quote.price >= order.price if order.side is Side.BUY else quote.price <= order.price
