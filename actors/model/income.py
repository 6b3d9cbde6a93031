"""What makers earn besides the spread, by UTC day: rebates of taker fees and liquidity rewards. Estimates; knows no clock.

Absolute states like the day's PnL, kept in the journal: what is read again changes nothing. None of it counts as PnL
before the venue has paid it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import evolve, field, frozen

from actors.model.book import OwnLevel
from actors.model.day import Day
from actors.model.numbers import Cash, format_cash

SAMPLES = 1_440  # a day: one a minute (polymarket.md §11.4)
_ENOUGH = 60  # looks: fewer than an hour's of a day say little of what the venue's own samples have met
LEAST_PAID = Cash(1_000_000)  # the venue pays no less in a day


class Kind(Enum):
    """The two programmes; the value is the word for it."""

    REBATES = "rebates"
    REWARDS = "rewards"


@frozen
class Resting:
    """What a market's orders and fills may earn (state): those that rest, in YES terms, with when they were placed (trio
    time); `rebates` that fills are expected to bring back, by UTC day.
    """

    market: str
    orders: tuple[tuple[OwnLevel, float], ...] = ()
    rebates: Mapping[int, Cash] = field(factory=dict)


@frozen
class Stood:
    """How a market stood on a day. `rebates` are expected of makers' fills; of the `looks` at its book `promised` is the sum
    of what each would bring if the whole day were like it (cash units).
    """

    rebates: Cash = Cash(0)
    looks: int = 0
    promised: int = 0

    @property
    def least(self) -> Cash:
        """Rewards if others have shared the minutes in which nobody looked."""
        return Cash(self.promised // SAMPLES)

    @property
    def most(self) -> Cash:
        """Rewards if nobody has: a day's pool is paid however few its samples are."""
        return Cash(self.promised // min(self.looks, SAMPLES) if self.looks else 0)

    def seen(self, worth: int) -> Stood:
        """After a look at which our share of a day's pool was `worth` so much."""
        return evolve(self, looks=self.looks + 1, promised=self.promised + worth)


@frozen
class Expected:
    """What the venue should pay for a day, from `least` to `most`."""

    least: Cash
    most: Cash

    def misses(self, paid: Cash, tolerance: int) -> bool:
        """Whether `paid` lies farther outside than `tolerance` % and the smallest payment."""
        low = self.least * (100 - tolerance) // 100 - LEAST_PAID
        high = self.most * (100 + tolerance) // 100 + LEAST_PAID
        return not low <= paid <= high


@frozen
class Income:
    """Day `number` since 1970, by condition id."""

    number: int = 0
    markets: Mapping[str, Stood] = field(factory=dict)

    @property
    def date(self) -> str:
        return Day(self.number).date

    def rebated(self, market: str, rebates: Cash) -> Income:
        """After a look at the ledger: all of the day that the market's fills promise by now."""
        known = self.markets.get(market, Stood())
        if known.rebates == rebates:
            return self
        return evolve(self, markets={**self.markets, market: evolve(known, rebates=rebates)})

    def seen(self, market: str, worth: int) -> Income:
        """After a look at a book that pays rewards."""
        return evolve(self, markets={**self.markets, market: self.markets.get(market, Stood()).seen(worth)})

    def judges(self, kind: Kind) -> bool:
        """Whether enough was seen of the day to call a payment wrong."""
        return kind is Kind.REBATES or sum(one.looks for one in self.markets.values()) >= _ENOUGH

    def expected(self, kind: Kind) -> Expected:
        stood = self.markets.values()
        if kind is Kind.REBATES:
            rebates = Cash(sum(one.rebates for one in stood))
            return Expected(rebates, rebates)
        return Expected(Cash(sum(one.least for one in stood)), Cash(sum(one.most for one in stood)))


@frozen
class Compared:
    """Day `number`: what was expected of each kind, what the venue told to have paid, and which differ by too much."""

    number: int
    rows: Mapping[Kind, tuple[Expected, Cash]]
    differs: tuple[Kind, ...] = ()

    @property
    def date(self) -> str:
        return Day(self.number).date

    @classmethod
    def of(cls, income: Income, told: Mapping[Kind, Mapping[str, Cash]], tolerance: int) -> Compared:
        """Hold what the venue `told` by condition against `income`; what is paid for markets that were not traded is
        somebody else's doing on the account.
        """
        ours = {
            kind: Cash(sum(cash for market, cash in paid.items() if market in income.markets))
            for kind, paid in told.items()
        }
        rows = {kind: (income.expected(kind), paid) for kind, paid in ours.items()}
        judged = {kind: row for kind, row in rows.items() if income.judges(kind)}
        differs = tuple(kind for kind, (expected, paid) in judged.items() if expected.misses(paid, tolerance))
        return cls(income.number, rows, differs)

    def text(self, kind: Kind) -> str:
        """`rewards 3.1 pUSD paid, 2.9 to 3.5 expected`."""
        expected, paid = self.rows[kind]
        span = sorted({expected.least, expected.most})
        return f"{kind.value} {format_cash(paid)} pUSD paid, {' to '.join(map(format_cash, span))} expected"


@frozen
class Takings:
    """`today` as it stands, the day `before` until it is compared with what was paid, and the last comparison."""

    today: Income = Income()
    before: Income | None = None
    compared: Compared | None = None

    @property
    def course(self) -> tuple[object, ...]:
        """All but what every look moves: the days, not what they have brought."""
        return self.today.number, self.before and self.before.number, self.compared

    def on(self, number: int) -> Takings:
        """These, or a later day's: the one that ends waits to be compared. A clock that jumps back changes nothing."""
        if number <= self.today.number:
            return self
        return evolve(self, today=Income(number), before=self.today if self.today.markets else self.before)

    def rebated(self, market: str, rebates: Mapping[int, Cash]) -> Takings:
        """After a look at a ledger: a fill of the day before may fail today."""
        before = self.before and self.before.rebated(market, rebates.get(self.before.number, Cash(0)))
        today = self.today.rebated(market, rebates.get(self.today.number, Cash(0)))
        return self if (today, before) == (self.today, self.before) else evolve(self, today=today, before=before)

    def seen(self, market: str, worth: int) -> Takings:
        """After a look at a book that pays rewards."""
        return evolve(self, today=self.today.seen(market, worth))

    def concluded(self, compared: Compared) -> Takings:
        """The day before has been compared."""
        return evolve(self, before=None, compared=compared)
