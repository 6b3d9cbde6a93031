"""A ramp: the part of every limit that counts at first, and the steps by which it grows to the whole. Pure.

Money and sizes grow with it: budgets, the caps of `risk` on orders, positions and worths, a strategy's size and limit.
Limits on losses do not: what was lost before would count against a fraction of them, and kill. While a ramp goes up caps are
kept even where `risk.mode` only logs them.
"""

from __future__ import annotations

from itertools import pairwise

from attrs import evolve, frozen

from actors.model.numbers import Cash, Size
from actors.model.risk_settings import RiskSettings
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings

WHOLE = 100  # percent
_MOST_STEPS = 20
_SHORTEST, _LONGEST = 1.0, 604_800.0  # s


@frozen
class Ramp:
    """Parts in rising percent, `every` (s) one more, begun anew by each resume after it was halted (state).

    `step` is the part in force, `next_at` (trio time) when the next one counts. `halted` says what stopped it from rising,
    "" while nothing did. Without parts there is no ramp: limits count as a whole.
    """

    parts: tuple[int, ...] = ()
    every: float = 0.0
    step: int = 0
    next_at: float = 0.0
    halted: str = ""

    @property
    def part(self) -> int:
        """The percent of every limit in force."""
        return self.parts[self.step] if self.parts else WHOLE

    @property
    def rising(self) -> bool:
        return bool(self.parts) and not self.halted

    def begun(self, now: float) -> Ramp:
        """From its first step, at `now` (trio time)."""
        return evolve(self, step=0, next_at=now + self.every, halted="")

    def after(self, now: float) -> Ramp:
        """As it stands at `now`: one step further if it is time, however long that has passed; none once it is whole."""
        if not self.rising or now < self.next_at:
            return self
        step = self.step + 1
        if self.parts[step] == WHOLE:
            return Ramp()
        return evolve(self, step=step, next_at=now + self.every)

    def text(self) -> str:
        return f"{', '.join(f'{part}%' for part in self.parts)} every {self.every:g} s"


def ramp_of(parts: str, every: float) -> Ramp:
    """`10%,50%,100%`, one step further each `every` s; not begun. Raises ValueError with what to change."""
    read = [_percent(word.strip()) for word in parts.split(",")]
    if any(later <= before for before, later in pairwise(read)) or read[-1] != WHOLE:
        raise ValueError(f"--ramp {parts}: parts must rise and end with 100%, as in 10%,50%,100%")
    if len(read) > _MOST_STEPS:
        raise ValueError(f"--ramp has {len(read)} steps: at most {_MOST_STEPS}")
    if not _SHORTEST <= every <= _LONGEST:
        raise ValueError(f"--every must be from {_SHORTEST:g} s to {_LONGEST / 86_400:g} days")
    return Ramp(tuple(read), every)


def _percent(word: str) -> int:
    digits = word.removesuffix("%")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3 and 1 <= int(digits) <= WHOLE):
        raise ValueError(
            f"--ramp: {word[:20]!r} is no part of the limits: whole percents from 1% to 100%, as in 10%,50%,100%"
        )
    return int(digits)


def portion(amount: int, part: int) -> int:
    """`part` percent of an amount, rounded down; of anything at least one unit, for no limit is 0."""
    return max(1, amount * part // WHOLE)


def limited(settings: Settings, part: int) -> Settings:
    """The settings with that part of every limit, but for strategies, which know their market's smallest order (`slimmed`)."""
    if part == WHOLE:
        return settings
    budget = settings.budget
    return evolve(
        settings,
        budget=evolve(budget, per_market=_cash(budget.per_market, part), total=_cash(budget.total, part)),
        markets=tuple(_own(market, part) for market in settings.markets),
        risk=_caps(settings.risk, part),
    )


def slimmed(strategy: StrategySettings, part: int, least: Size) -> StrategySettings:
    """The strategy with that part of what grows in it; not below the smallest order `least`, unless it is anyway."""
    own = strategy.parameters
    if part == WHOLE or not own.grows:
        return strategy
    less = {key: max(portion(amount, part), min(amount, least)) for key, amount in own.growing().items()}
    return evolve(strategy, parameters=evolve(own, **less))


def _own(market: MarketSettings, part: int) -> MarketSettings:
    return market if market.budget is None else evolve(market, budget=_cash(market.budget, part))


def _caps(risk: RiskSettings, part: int) -> RiskSettings:
    return evolve(
        risk,
        mode="enforce",
        max_order_size=Size(portion(risk.max_order_size, part)),
        max_order_notional=_cash(risk.max_order_notional, part),
        max_position=Size(portion(risk.max_position, part)),
        max_event_loss=_optional(risk.max_event_loss, part),
        max_strategy_notional=_optional(risk.max_strategy_notional, part),
        max_total_notional=_optional(risk.max_total_notional, part),
    )


def _cash(amount: Cash, part: int) -> Cash:
    return Cash(portion(amount, part))


def _optional(amount: Cash | None, part: int) -> Cash | None:
    return None if amount is None else _cash(amount, part)
