"""The seeded families of markets by name: what is listed and how it lives. Values only; nothing here runs.

Every family but `none` has the five demo markets, so that a configuration made for one works with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from random import Random

from attrs import evolve, frozen

from adapters.emulator.fair_value import Exclusive, FairValue, Resolving, Share, Value
from adapters.emulator.flow_crowd import Temper
from adapters.emulator.flow_makers import STYLES, Style
from adapters.emulator.listings import DRAFTS, Draft, Listing, Listings, generate
from adapters.emulator.position_ids import with_position_ids
from adapters.emulator.terms import EventTerms

Walk = Callable[[Random, float], Value]


@frozen
class Plan:
    """One market of a family. With `ends_in` (seconds) its price runs to 0 or 1 by then and it resolves.

    `disputed` lets the first proposal be wrong, contested and overruled. `positions` gives it Protocol V2 ids.
    """

    draft: Draft
    temper: Temper = Temper()
    walk: Walk = FairValue
    event: EventTerms | None = None
    ends_in: float | None = None
    disputed: bool = False
    positions: bool = False

    def dress(self, listing: Listing, seed: int) -> Listing:
        """The generated listing with what the draft cannot say."""
        if self.event is not None:
            listing.terms = evolve(listing.terms, event=self.event)
        if self.positions:
            listing.market = with_position_ids(listing.market, Random(f"{seed}/positions/{listing.market.slug}"))
        return listing

    def value(self, rng: Random) -> Value:
        if self.ends_in is not None:
            return Resolving(rng, self.draft.start, self.ends_in)
        return self.walk(rng, self.draft.start)


@frozen
class Family:
    """`windows` are the (symbol, seconds) of its rolling up/down series."""

    name: str
    plans: tuple[Plan, ...] = ()
    windows: tuple[tuple[str, int], ...] = ()

    def listings(self, seed: int) -> Listings:
        made = generate(seed, [plan.draft for plan in self.plans])
        return Listings.of(plan.dress(listing, seed) for plan, listing in zip(self.plans, made.all, strict=True))

    def plan(self, listing: Listing) -> Plan:
        """A listing that is none of the family's lives like the first of its markets, but never ends."""
        named = next((plan for plan in self.plans if plan.draft.slug == listing.market.slug), None)
        draft = Draft(listing.market.slug, listing.question, listing.start)
        return named or Plan(draft, self.plans[0].temper, self.plans[0].walk)

    def temper(self, listing: Listing) -> Temper:
        return self.plan(listing).temper

    def values(self, seed: int, listings: Sequence[Listing]) -> dict[str, Value]:
        """The fair value of every listing by slug; those of a neg-risk event of the family add up to 1."""
        values = {
            listing.market.slug: self.plan(listing).value(Random(f"{seed}/value/{listing.market.slug}"))
            for listing in listings
        }
        for event in {plan.event for plan in self.plans if plan.event is not None}:
            slugs = [plan.draft.slug for plan in self.plans if plan.event == event]
            walks = tuple(walk for slug in slugs if isinstance(walk := values.get(slug), FairValue))
            if event.neg_risk and len(walks) == len(slugs):
                values |= {slug: Share(Exclusive(walks), number) for number, slug in enumerate(slugs)}
        return values


def _each(drafts: Iterable[Draft], temper: Temper, walk: Walk = FairValue) -> tuple[Plan, ...]:
    return tuple(Plan(draft, temper, walk) for draft in drafts)


_FINE = (
    Style(half_spread=20, lag=2.0, median_size=200, buys_only=False, step=7),
    Style(half_spread=30, lag=3.0, median_size=400, buys_only=True, step=11),
)
_COARSE = tuple(evolve(style, half_spread=400, step=1000) for style in STYLES)
_CALM = Temper(refresh=(3.0, 9.0), noise_every=30.0, informed_every=10.0)
_LIVELY = Temper(refresh=(0.5, 1.5), noise_every=0.8, informed_every=0.8)

_CUP = EventTerms("busy-league", "Who wins the busy league?", neg_risk=True, augmented=True)


def _team(name: str, start: float) -> Plan:
    slug, question = f"busy-league-{name.lower().replace(' ', '-')}", f"Will {name} win the busy league?"
    draft = Draft(slug, question, start, rate=500, neg_risk=True, category="sports")
    return Plan(draft, _LIVELY, partial(FairValue, sigma=0.01), event=_CUP)


_BUSY = (
    *_each(DRAFTS, _LIVELY, partial(FairValue, sigma=0.012, jumps=1 / 30)),
    _team("Lions", 0.4),
    _team("Bears", 0.3),
    _team("Wolves", 0.2),
    _team("Team D", 0.1),  # the placeholder of an augmented event: no name yet, never to be traded (§13)
    Plan(Draft("busy-coin", "Will the busy coin show heads?", 0.5, tick=1000), evolve(_LIVELY, makers=_COARSE)),
    Plan(Draft("busy-halves", "Will the busy vote pass?", 0.42, tick=50), _LIVELY),
    Plan(Draft("busy-quarters", "Will the busy index rise?", 0.58, tick=25), _LIVELY),
    Plan(Draft("busy-longshot", "Will the busy longshot come in?", 0.02, tick=1), evolve(_LIVELY, makers=_FINE)),
    Plan(Draft("busy-positions", "Will the busy upgrade ship?", 0.66), _LIVELY, positions=True),
)

_ENDS = (60.0, 90.0, 120.0, 150.0, 180.0)  # seconds; a market is resolved within a minute after its end
_RESOLVING = (
    *(
        Plan(draft, _LIVELY, ends_in=ends_in, disputed=number == 1)
        for number, (draft, ends_in) in enumerate(zip(DRAFTS, _ENDS, strict=True))
    ),
    Plan(Draft("resolve-soon", "Will this be over in seconds?", 0.5), _LIVELY, ends_in=20.0),
)

DEMO = Family("demo", _each(DRAFTS, Temper()))

FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        DEMO,
        Family("quiet", _each(DRAFTS, _CALM, partial(FairValue, sigma=0.003, jumps=1 / 900, jump_sd=0.1))),
        Family("busy", _BUSY),
        Family("trending", _each(DRAFTS, Temper(), partial(FairValue, trend=0.006, jumps=1 / 200))),
        Family("resolving", _RESOLVING),
        Family(
            "crypto",
            _each(DRAFTS, _CALM),
            tuple((symbol, seconds) for seconds in (300, 900) for symbol in ("btc", "eth", "sol", "xrp")),
        ),
    )
}
