"""The markets of the emulated exchange: their facts, their books, their last trade. Never an account or a socket."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from attrs import define, field, frozen

from actors.model.market import FeeSchedule, Market, Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from adapters.matching import MatchBook

_V3_ZERO_BITS = (2**64 - 1) << 40  # all zero marks a Protocol V2 position id (polymarket.md §3.4)


@frozen
class Draft:
    """What distinguishes one generated market: texts, tick, fee rate in 1/10,000 (§11.1), where its price starts."""

    slug: str
    question: str
    start: float
    tick: int = 100
    rate: int = 400
    neg_risk: bool = False


DRAFTS = (
    Draft("demo-election", "Will the incumbent win the demo election?", 0.55),
    Draft("demo-rates", "Will the demo bank cut rates this month?", 0.35, rate=500),
    Draft("demo-cup", "Will the home side win the demo cup?", 0.48, rate=500, neg_risk=True),
    Draft("demo-bitcoin", "Will demo bitcoin end the week higher?", 0.5, rate=700),
    Draft("demo-oscar", "Will the favourite win the demo oscar?", 0.62, tick=10, rate=500),
)


@define(eq=False)
class Listing:
    """One market with its book. `start` is where the hidden fair value of the seeded flow begins."""

    market: Market
    question: str
    question_id: str
    start: float
    book: MatchBook = field(factory=MatchBook)
    last_price: int | None = None
    last_side: Side | None = None
    last_outcome: Outcome = Outcome.YES

    def outcome_label(self, token: str) -> str:
        return "Yes" if token == self.market.yes else "No"


@frozen
class Listings:
    """All listings, findable by condition id and by token id."""

    all: tuple[Listing, ...]
    by_condition: dict[str, Listing]
    by_token: dict[str, Listing]

    @classmethod
    def of(cls, listings: Iterable[Listing]) -> Listings:
        every = tuple(listings)
        return cls(
            every,
            {listing.market.condition_id: listing for listing in every},
            {token: listing for listing in every for token in listing.market.tokens},
        )


def generate(seed: int, drafts: Iterable[Draft] = DRAFTS) -> Listings:
    """The listings of a seed: ids are random but the same for the same seed and slug."""
    return Listings.of(_listing(draft, Random(f"{seed}/listing/{draft.slug}")) for draft in drafts)


def _listing(draft: Draft, rng: Random) -> Listing:
    market = Market(
        slug=draft.slug,
        condition_id=_hex32(rng),
        yes=_token_id(rng),
        no=_token_id(rng),
        tick=Price(draft.tick),
        min_size=Size(5 * SHARE),
        neg_risk=draft.neg_risk,
        fees=FeeSchedule(rate=draft.rate),
    )
    return Listing(market, draft.question, _hex32(rng), draft.start)


def _hex32(rng: Random) -> str:
    return f"0x{rng.getrandbits(256):064x}"


def _token_id(rng: Random) -> str:
    """A random 256-bit id that no client can mistake for a Protocol V2 position id."""
    token = rng.getrandbits(256)
    while not token & _V3_ZERO_BITS or token < 2**250:
        token = rng.getrandbits(256)
    return str(token)
