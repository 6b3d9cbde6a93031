"""How markets are found and judged: the filters and scores of strategies.md §9 as settings. Looks for nothing itself."""

from __future__ import annotations

from attrs import field, frozen

from actors.model.numbers import PRICE_ONE, PUSD, Cash, Price
from actors.model.validity import Conflict, about, not_negative, one_of, within

_CENT = PRICE_ONE // 100
_price = within(0, PRICE_ONE, "a price from 0 to 1")


@frozen
class DiscoverSettings:
    """Which of the venue's markets are worth trading, and in what order."""

    max_markets: int = field(
        default=0,
        validator=within(0, 1000, "a whole number from 0 to 1000"),
        metadata=about("how many of the best to trade besides `markets`; 0 = none"),
    )
    every: float = field(
        default=300.0,
        validator=within(0.0, 86_400.0, "from 0 to 86400 s"),
        metadata=about("how often the list is read again and markets change; 0 = chosen once, at the start"),
    )
    stay: float = field(
        default=1800.0,
        validator=within(0.0, 86_400.0, "from 0 to 86400 s"),
        metadata=about("a market chosen is not dropped sooner, one dropped not chosen again sooner, unless it ends"),
    )
    lead: float = field(
        default=20.0,
        validator=within(0.0, 1000.0, "from 0 to 1000 %"),
        metadata=about("how much more a market must promise, in %, to take another's place"),
    )
    split: str = field(
        default="equal",
        validator=one_of("equal", "score"),
        metadata=about("what `markets` leave of budget.total goes to each equally, or by its score"),
    )
    score: str = field(
        default="income",
        validator=one_of("income", "quality"),
        metadata=about("income = expected pUSD a day per pUSD tied up; quality = 0 to 100, what a market is like"),
    )
    scan: int = field(
        default=1000,
        validator=within(1, 20_000, "a whole number from 1 to 20000"),
        metadata=about("how many markets are looked at, those with the most volume first"),
    )
    min_volume: Cash = field(
        default=Cash(10_000 * PUSD), validator=not_negative, metadata=about("least volume in 24 h")
    )
    min_spread: Price = field(default=Price(2 * _CENT), validator=_price, metadata=about("narrowest spread"))
    max_spread: Price = field(default=Price(15 * _CENT), validator=_price, metadata=about("widest spread"))
    min_hours: float = field(
        default=12.0,
        validator=within(0.0, 100_000.0, "from 0 to 100000 hours"),
        metadata=about("least hours to the end; 5- and 15-minute series are exempt"),
    )
    min_price: Price = field(default=Price(5 * _CENT), validator=_price, metadata=about("lowest middle of the book"))
    max_price: Price = field(default=Price(95 * _CENT), validator=_price, metadata=about("highest middle of the book"))
    min_depth: Cash = field(
        default=Cash(5 * PUSD),
        validator=not_negative,
        metadata=about("least money within 5 c of the best price, on each side"),
    )
    markout: Price = field(
        default=Price(30), validator=_price, metadata=about("expected loss on a share that fills us, for income")
    )

    def __attrs_post_init__(self) -> None:
        for low, high in (("min_spread", "max_spread"), ("min_price", "max_price")):
            if getattr(self, low) > getattr(self, high):
                raise Conflict(low, f"must be at most discover.{high}")
