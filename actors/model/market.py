"""A binary market as the venue trades it: two outcome tokens, one tick, one fee schedule. Owns no prices."""

from __future__ import annotations

from enum import Enum

from attrs import evolve, field, frozen

from actors.model.numbers import PRICE_ONE, Cash, Price, Size, format_scaled
from actors.model.rewards import NO_REWARDS, Rewards

_RESOLVED = "resolved"
_MEANINGS = (("yes", "no"), ("up", "down"), ("over", "under"))  # YES first


class Side(Enum):
    """What the order does with its token."""

    __hash__ = object.__hash__  # as its equality; that of Enum hashes the name anew each time, in Python

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class Outcome(Enum):
    """The two outcomes; YES stands for `Yes`, `Up` and `Over`, and for the first label where neither says so (teams)."""

    __hash__ = object.__hash__  # as its equality; that of Enum hashes the name anew each time, in Python

    YES = "YES"
    NO = "NO"

    @property
    def other(self) -> Outcome:
        return Outcome.NO if self is Outcome.YES else Outcome.YES


@frozen
class FeeSchedule:
    """Taker fee parameters as the venue lists them per market (polymarket.md §11.1); makers pay nothing.

    `rate` is in 1/10,000 (0.07 is 700); `exponent` is 1 in every schedule published in 2026. `rebate` is the part of the
    fees, in 1/10,000, that goes back to makers; 0 also where nobody tells it. What is not `known` is booked as this says.
    """

    rate: int = 0
    exponent: int = 1
    rebate: int = 0
    known: bool = True

    def taker_fee(self, price: int, size: int) -> Cash:
        """shares × rate × (p × (1 - p))**exponent, rounded to 5 decimals of a pUSD; below 0.00001 it is 0."""
        curve = (price * (PRICE_ONE - price)) ** self.exponent
        scale = 10_000 * (PRICE_ONE * PRICE_ONE) ** self.exponent
        tens = (2 * size * self.rate * curve + 10 * scale) // (2 * 10 * scale)
        return Cash(tens * 10)

    def text(self) -> str:
        """`7 % of p(1 - p)`; of one with an exponent that is not 1 that, too."""
        if not self.known:
            return "nobody knows what"
        power = "" if self.exponent == 1 else f" to the power of {self.exponent}"
        return f"{format_scaled(self.rate, 2)} % of p(1 - p){power}" if self.rate else "nothing"

    def maker_rebate(self, price: int, size: int) -> Cash:
        """What a fill of a maker is expected to bring back: its part of the taker's fee (strategies.md §0). Never a sure gain."""
        return Cash(self.taker_fee(price, size) * self.rebate // 10_000)


# Takers are refused; what leaves all the same is booked at the highest rate ever published (polymarket.md §11.1).
UNKNOWN_FEES = FeeSchedule(rate=700, known=False)


@frozen
class Market:
    """What must be known of a market before an order for it can be priced, signed or refused.

    Its terms change while it is traded; its names and tokens never do. The feed publishes it anew whenever they have.
    `standing` is the venue's word for one that is ending or over: closed, proposed, disputed, resolved; or that nobody has
    been able to ask for it of late; else "". `won` is the side that a resolution pays; None also where it pays both the same,
    which `halves` says. `gamma_id` and `event_slug` are further names, "" where only the order book was asked; they make no
    difference between two. `hours` is from when until when it is quoted (epoch s) where that is not always. An up/down market
    settles by the mean price of the last `averaging` seconds, 0 for that of the end; None where nobody says so.
    """

    slug: str
    condition_id: str
    yes: str
    no: str
    tick: Price
    min_size: Size
    neg_risk: bool = False
    fees: FeeSchedule = FeeSchedule()
    accepting: bool = True
    ends_at: float | None = None
    standing: str = ""
    won: Outcome | None = None
    halves: bool = False
    rewards: Rewards = NO_REWARDS
    gamma_id: str = field(default="", eq=False)
    event_slug: str = field(default="", eq=False)
    hours: tuple[float, float] | None = field(default=None, eq=False)
    averaging: int | None = None

    def token(self, outcome: Outcome) -> str:
        """The token id of an outcome."""
        return self.yes if outcome is Outcome.YES else self.no

    def outcome(self, token: str) -> Outcome:
        """The outcome a token id stands for. Raises KeyError for another market's token."""
        if token == self.yes:
            return Outcome.YES
        if token == self.no:
            return Outcome.NO
        raise KeyError(token)

    @property
    def tokens(self) -> tuple[str, str]:
        return (self.yes, self.no)

    def halted(self, wall: float) -> str:
        """Why it takes no orders at `wall` (epoch s), in a few words; "" while it does (I17)."""
        if not self.accepting:
            return self.standing or "not accepting orders"
        return "past its end" if self.ends_at is not None and wall >= self.ends_at else ""

    def unquotable(self, wall: float) -> str:
        """Why it is not quoted: where the outcome is being decided, orders that are taken would only lose."""
        return self.standing or self.halted(wall)

    def outside_hours(self, wall: float) -> str:
        """Why it is not quoted at this time of its window, in a few words; "" while it is."""
        if self.hours is None or self.hours[0] <= wall < self.hours[1]:
            return ""
        return "about to end" if wall >= self.hours[1] else f"quoted in {self.hours[0] - wall:.0f} s"

    @property
    def resolved(self) -> bool:
        """Whether the outcome is final: no price of before is worth anything now."""
        return self.standing == _RESOLVED

    def on_terms_of(self, other: Market) -> Market:
        """This market on the terms of a newer description of it. Raises ValueError for another market's."""
        if (other.condition_id, other.tokens) != (self.condition_id, self.tokens):
            raise ValueError(f"told of market {other.condition_id[:80]} instead")
        return evolve(other, slug=self.slug, hours=self.hours)


def turned(labels: tuple[str, str]) -> bool:
    """Whether the second label is the one that means YES: sides are told by their labels, not by their order."""
    first, second = (label.strip().lower() for label in labels)
    return (second, first) in _MEANINGS


def floor_tick(price: int, tick: int) -> Price:
    """The highest price on the tick grid that is not above `price` (bids round down)."""
    return Price(price // tick * tick)


def ceil_tick(price: int, tick: int) -> Price:
    """The lowest price on the tick grid that is not below `price` (asks round up)."""
    return Price(-(-price // tick) * tick)


def tradable_price(price: int, tick: int) -> bool:
    """Whether the venue takes an order at `price`: on the tick and inside [tick, 1 - tick] (polymarket.md §3.5)."""
    return tick <= price <= PRICE_ONE - tick and price % tick == 0
