"""The random flow `taker` (strategies.md §1): now and then an order that trades at once, drawn from a seed.

It pays half the spread and the fee on every share: a way to use an account or to test a market, not to earn.
"""

from __future__ import annotations

from zlib import crc32

from attrs import evolve, frozen

from actors.model.book import mirrored, without
from actors.model.distribution import Distribution
from actors.model.market import Outcome, Side
from actors.model.numbers import CENTISHARE, Price, Size, format_cash, format_price, format_size
from actors.model.outlay import affordable
from actors.model.quote import Decision, View
from actors.model.reason import Hint, Reason, Refusal
from actors.model.take import Now, Take
from actors.model.taker_settings import TakerParameters
from actors.pricing.draws import between, exponential, normal_above_zero, uniform

_PAUSE, _QUANTITY, _OUTCOME, _SIDE = range(4)  # what a draw is for


@frozen
class TakerState:
    """How many attempts are over, when the next one is due (None: at once), since when the pace counts how many (`spent`),
    and why the last attempt was not made."""

    tried: int = 0
    due: float | None = None
    credit: float = 0.0
    credited: float | None = None
    take: Take | None = None
    skipped: Refusal | None = None


@frozen
class Taker:
    """One attempt at a time: it is over once the tracker has acted on it, or is skipped for a reason that is shown."""

    parameters: TakerParameters

    def start(self) -> TakerState:
        """Cold: the first attempt is due at once, but for what is still under way from before."""
        return TakerState()

    def step(self, state: TakerState, view: View) -> tuple[TakerState, Decision]:
        own = self.parameters
        if state.credited is None:  # a former life's attempts count
            state = evolve(state, tried=view.takes.tried)
        if state.take is not None:
            if view.takes.next == state.take.number:
                return state, Decision(takes=(state.take,))
            state = self._over(state, view.now, None)
        if own.iterations is not None and state.tried >= own.iterations:
            return state, Decision(refusal=Refusal(Reason.ATTEMPTS_OVER, (("attempts", str(state.tried)),)))
        if view.takes.busy:
            return state, Decision(refusal=Refusal(Reason.TAKE_OPEN))
        state = self._paced(state, view.now)
        if (state.due is not None and view.now < state.due) or state.credit < 1:
            return state, Decision(refusal=state.skipped or Refusal(Reason.NEXT_TAKE))
        take = self._drawn(state.tried, view)
        if isinstance(take, Refusal):
            return self._over(state, view.now, take), Decision(refusal=take)
        return evolve(state, take=take), Decision(takes=(take,))

    def _over(self, state: TakerState, now: float, skipped: Refusal | None) -> TakerState:
        pause = drawn(self.parameters.interval, self.parameters.seed, state.tried, _PAUSE)
        credit = state.credit - 1
        return evolve(state, tried=state.tried + 1, due=now + pause, take=None, skipped=skipped, credit=credit)

    def _paced(self, state: TakerState, now: float) -> TakerState:
        """Attempts that may be made: `burst` at first, then as many as a minute gives."""
        own, since = self.parameters, state.credited
        if since is None:
            return evolve(state, credit=float(own.burst), credited=now)
        more = (now - since) * own.max_trades_per_minute / 60
        return evolve(state, credit=min(float(own.burst), state.credit + more), credited=now)

    def _drawn(self, attempt: int, view: View) -> Take | Refusal:
        """The attempt of this number on the book of now."""
        own, seed = self.parameters, self.parameters.seed ^ crc32(view.market.slug.encode())
        outcome = Outcome.YES if uniform(seed, attempt, _OUTCOME) < 0.5 else Outcome.NO
        side = Side.BUY if uniform(seed, attempt, _SIDE) < own.p_buy else Side.SELL
        price = _opposite(view, outcome, side)
        if price is None:
            return Refusal(Reason.ONE_SIDED)
        if not own.min_price <= price <= own.max_price:
            low = price < own.min_price
            hint = Hint("strategy.min_price" if low else "strategy.max_price", format_price(price))
            return Refusal(Reason.PRICE_OUT_OF_RANGE, (("price", format_price(price)),), hint)
        amount = drawn(own.quantity, seed, attempt, _QUANTITY)
        size = self._size(amount, price, side, outcome, view)
        if isinstance(size, Refusal):
            return size
        life: Now = "FOK" if own.life == "FOK" else "FAK"
        return Take(view.takes.next, outcome, side, price, size, life, own.manual_approval)

    def _size(self, amount: float, price: Price, side: Side, outcome: Outcome, view: View) -> Size | Refusal:
        """In whole hundredths: as drawn, raised to the market's minimum if so asked, within what may be spent or is held."""
        own, least = self.parameters, -(-view.market.min_size // CENTISHARE) * CENTISHARE
        in_cash = own.unit == "usdc" and side is Side.BUY
        size = round(amount * 100 * (10_000 / price if in_cash else 1)) * CENTISHARE
        if size < least and own.on_below_min == "skip":
            inputs = (("size", format_size(size)), ("minimum", format_size(least)))
            return Refusal(Reason.SIZE_BELOW_MINIMUM, inputs, Hint("strategy.on_below_min", "raise"))
        size = max(size, least)
        if side is Side.SELL:
            held = view.position.holding(outcome).sellable
            return Size(size) if size <= held else Refusal(Reason.NOT_HELD, (("free", format_size(held)),))
        room = own.max_spend - view.position.spent - view.position.fees
        fits = affordable(view.market.fees, room, price, size, takes=True)
        if fits < least:
            left = (("left", format_cash(max(0, room))), ("strategy.max_spend", format_cash(own.max_spend)))
            return Refusal(Reason.SPENT, left, Hint("strategy.max_spend", format_cash(2 * own.max_spend)))
        return fits


def drawn(distribution: Distribution, seed: int, *labels: int) -> float:
    """One value of it; which keys it has its type has settled."""
    low, high, mean, std = (
        float(v or 0) for v in (distribution.min, distribution.max, distribution.mean, distribution.std)
    )
    match distribution.type:
        case "uniform":
            return between(low, high, seed, *labels)
        case "normal":
            return normal_above_zero(mean, std, seed, *labels)
        case "exponential":
            return exponential(mean, seed, *labels)
    return float(distribution.value or 0)


def _opposite(view: View, outcome: Outcome, side: Side) -> Price | None:
    """The best price that an order of this side meets, our own orders left out."""
    depth = without(view.book.yes, view.own) if outcome is Outcome.YES else without(view.book.no, mirrored(view.own))
    return depth.best_ask if side is Side.BUY else depth.best_bid
