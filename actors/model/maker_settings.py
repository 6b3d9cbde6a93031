"""The keys of the strategy `maker`, and the three columns of figures that a market's kind chooses among (strategies.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import inf, isfinite
from typing import Any, ClassVar

from attrs import Attribute, evolve, field, fields, frozen, validators

from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.parameters import Parameters
from actors.model.validity import Conflict, about, above_zero, not_negative, one_of, seconds, within

_CENT = PRICE_ONE // 100
PROFILES = ("long", "event", "crypto")

_price = within(1, PRICE_ONE - 1, "a price above 0 and below 1")


def _positive(_: object, __: Attribute[Any], value: float) -> None:
    if not (value > 0 and isfinite(value)):
        raise ValueError("must be more than 0")


_rate, _time = validators.optional(_positive), validators.optional(seconds)
_weight = validators.optional(not_negative)


@frozen
class Column:
    """The figures of one kind of market; times in seconds, `h_min` in price units, the rest in logits.

    Those of `long` are strategies.md §3 but for what follows `end_variance`, which was added when the strategy met simulated
    markets (2 ticks of lean are meant there for all), and for `h_min`, 0.002 there. Where a market lasts, an order in front of
    the others wants at least 0.4 c of edge, and what is held is sold with less haste: on tuning paths both earn more, most so
    at prices far from 0.5. In fast ones a trade says more than its price, quotes that follow every second cost more actions
    than they bring, and one that is put in front of all others is met by those who know. There the aversion to risk and the width per move of §3 kept
    quotes two cents and more from the middle, where makers lose on recorded days: `event` and `crypto` quote nearer.

    An order in front of the others because they have stepped back is another thing: who takes it pays the taker's fee, so
    that whoever knows more leaves it alone for a tick or more; cancelled, it costs two actions and its place in front. So
    `bold` departs from §3 ("cancel at once if too aggressive") where takers pay most.

    Windows of a crypto series trade most, so that twice the size finds somebody there.
    """

    gamma: float
    k: float
    horizon: float
    h_min: Price
    fair_half_life: float
    k_vol: float
    k_tox: float
    jump_z: float
    cool: float
    stop: float
    ramp: float
    end_variance: float
    print_ticks: float
    rest: float
    timid: float
    bold: float
    improve: bool
    size: Size
    skew_ticks_at_limit: float


def _shares(whole: int) -> Size:
    return Size(whole * SHARE)


COLUMNS = {
    "long": Column(
        0.28, 21, 660, Price(40), 11, 1.6, 0.26, 9.6, 21, 106, 660, 0.15, 1.0, 1.0, 1.0, 0.0, True, _shares(80), 1.0
    ),
    "event": Column(
        0.02, 57, 400, Price(50), 1.6, 0.5, 0.0, 6.0, 10, 39, 153, 2.0, 3.0, 2.0, 1.0, 1.0, False, _shares(50), 2.0
    ),
    "crypto": Column(
        0.01, 25, 680, Price(20), 0.8, 0.3, 0.0, 9.8, 6, 12, 74, 2.2, 3.0, 1.0, 1.0, 1.0, False, _shares(100), 2.0
    ),
}
EVENT_WITHIN = 10_800.0  # s to its end from which a market counts as an event that is being resolved


def kind(up_down: bool, ends_in: float | None) -> str:
    """Which column suits a market: a window of a crypto series, one that ends within hours, or one that lasts."""
    if up_down:
        return "crypto"
    return "event" if (inf if ends_in is None else ends_in) <= EVENT_WITHIN else "long"


@frozen(cache_hash=True)  # its columns are looked up with every book
class MakerParameters(Parameters):
    """Logit Avellaneda-Stoikov. What is empty follows from the market's kind; `docs/maker.md` has the figures."""

    grows: ClassVar[tuple[str, ...]] = ("size", "limit")

    profile: str = field(
        default="auto",
        validator=one_of("auto", *PROFILES),
        metadata=about("figures for which kind of market: auto = by what it is; long, event or crypto"),
    )
    size: Size | None = field(
        default=None,
        validator=validators.optional(above_zero),
        metadata=about("size of a quote; of a maker empty = by profile"),
    )
    limit: Size = field(default=_shares(200), validator=above_zero, metadata=about("largest net inventory"))
    skew_ticks_at_limit: float | None = field(
        default=None,
        validator=validators.optional(within(0, 50, "from 0 to 50")),
        metadata=about("ticks that quotes lean at least when the inventory is at its limit; empty = by profile"),
    )
    model: str = field(
        default="horizon",
        validator=one_of("horizon", "endless"),
        metadata=about("horizon = Avellaneda-Stoikov; endless = the variant without a horizon (GLFT)"),
    )
    arrival: float = field(
        default=0.02, validator=_positive, metadata=about("fills a second at the fair price, for `endless`")
    )
    gamma: float | None = field(default=None, validator=_rate, metadata=about("aversion to risk; empty = by profile"))
    k: float | None = field(
        default=None, validator=_rate, metadata=about("decay of fills with distance (logit); empty = by profile")
    )
    horizon: float | None = field(
        default=None, validator=_time, metadata=about("longest time that inventory is held; empty = by profile")
    )
    h_min: Price | None = field(
        default=None, validator=validators.optional(_price), metadata=about("least half-spread; empty = by profile")
    )
    fair_half_life: float | None = field(
        default=None, validator=_time, metadata=about("half-life of the fair price's smoothing; empty = by profile")
    )
    k_vol: float | None = field(
        default=None, validator=_weight, metadata=about("half-spread per move within 6 s; empty = by profile")
    )
    k_tox: float | None = field(
        default=None, validator=_weight, metadata=about("half-spread per loss of own fills; empty = by profile")
    )
    jump_z: float | None = field(
        default=None, validator=_rate, metadata=about("deviations within 8 s that make a jump; empty = by profile")
    )
    cool: float | None = field(
        default=None, validator=_time, metadata=about("time without quotes after a jump; empty = by profile")
    )
    stop: float | None = field(
        default=None, validator=_time, metadata=about("time before the end in which only sales go; empty = by profile")
    )
    ramp: float | None = field(
        default=None, validator=_time, metadata=about("time before that in which the limit shrinks; empty = by profile")
    )
    end_variance: float | None = field(
        default=None, validator=_weight, metadata=about("least variance times the time left; empty = by profile")
    )
    print_ticks: float | None = field(
        default=None,
        validator=_weight,
        metadata=about("ticks that a large public trade moves the fair price beyond its own; empty = by profile"),
    )
    rest: float | None = field(
        default=None,
        validator=_weight,
        metadata=about("time in which a side moves once at most, unless it must be pulled; empty = by profile"),
    )
    timid: float | None = field(
        default=None,
        validator=_weight,
        metadata=about("ticks that an order may be too far away and still rest on; empty = by profile"),
    )
    bold: float | None = field(
        default=None,
        validator=_weight,
        metadata=about("ticks that an order may be too near and still rest on; empty = by profile"),
    )
    improve: bool | None = field(
        default=None, metadata=about("quote at better prices than all others; empty = by profile")
    )
    micro: float = field(
        default=0.5, validator=within(0, 1, "from 0 to 1"), metadata=about("part of the microprice in the fair price")
    )
    print_weight: float = field(
        default=0.2,
        validator=within(0, 1, "from 0 to 1"),
        metadata=about("how far a large public trade pulls the fair price towards its own"),
    )
    spot_weight: float = field(
        default=0.5,
        validator=within(0, 1, "from 0 to 1"),
        metadata=about("part of the model's price in the fair price of a window of a crypto series"),
    )
    markout_after: float = field(
        default=10.0, validator=seconds, metadata=about("time after which an own fill is held against the mid")
    )
    max_spread: Price = field(
        default=Price(10 * _CENT), validator=_price, metadata=about("no quotes while the book is wider than this")
    )
    min_price: Price = field(
        default=Price(3 * _CENT), validator=_price, metadata=about("below this only what reduces is quoted")
    )
    max_price: Price = field(
        default=Price(97 * _CENT), validator=_price, metadata=about("above this only what reduces is quoted")
    )
    thin_depth: Cash = field(
        default=Cash(50 * PUSD),
        validator=not_negative,
        metadata=about("a book with less within 5 c on a side is quoted in the smallest size; 0 = never"),
    )
    rewards: bool = field(default=True, metadata=about("quote so that orders score where a reward programme pays"))

    def __attrs_post_init__(self) -> None:
        if self.min_price >= self.max_price:
            raise Conflict("min_price", "must be below max_price")

    @property
    def typical_size(self) -> Size:
        return COLUMNS["long"].size if self.size is None else self.size

    def growing(self) -> Mapping[str, int]:
        """Also the size that is left to the profile: what begins small is one size for all, a part of the smallest of them."""
        smallest = min(column.size for column in COLUMNS.values())
        return {"size": smallest if self.size is None else self.size, "limit": self.limit}

    @property
    def typical_half_spread(self) -> Price:
        return Price(_CENT)

    def column(self, up_down: bool, ends_in: float | None) -> Column:
        """The figures in force for a market: those of its kind, but for what the configuration gives."""
        return _column(self, kind(up_down, ends_in) if self.profile == "auto" else self.profile)


@lru_cache(maxsize=256)
def _column(own: MakerParameters, profile: str) -> Column:
    given = {name: value for name in _FIGURES if (value := getattr(own, name)) is not None}
    return evolve(COLUMNS[profile], **given)


_FIGURES = tuple(attribute.name for attribute in fields(Column))
