"""The markets of the emulated exchange: their facts, their books, their last trade. Never an account or a socket."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from attrs import define, field, frozen

from actors.model.market import FeeSchedule, Market, Outcome, Side
from actors.model.numbers import PUSD, SHARE, Price, Size
from adapters.emulator import signatures
from adapters.emulator.terms import EventTerms, Phase, Rewards, Terms
from adapters.matching import MatchBook

# A 0.01 tick becomes 0.001 once the price leaves [0.04, 0.96], and never goes back (polymarket.md §6.2).
COARSE_TICK, FINE_TICK, MIDDLE = 100, 10, (400, 9_600)
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
    category: str = "other"
    rewards: Rewards | None = None


REBATES = {"crypto": 2_000, "sports": 1_500}
"""The makers' share of taker fees in 1/10,000 where it is not the usual quarter (§11.1)."""

_DAILY = Rewards(per_day=100 * PUSD, min_size=20 * SHARE, max_spread=350)

DRAFTS = (
    Draft("demo-election", "Will the incumbent win the demo election?", 0.55, category="politics", rewards=_DAILY),
    Draft("demo-rates", "Will the demo bank cut rates this month?", 0.35, rate=500, category="economics"),
    Draft("demo-cup", "Will the home side win the demo cup?", 0.48, rate=500, neg_risk=True, category="sports"),
    Draft("demo-bitcoin", "Will demo bitcoin end the week higher?", 0.5, rate=700, category="crypto"),
    Draft("demo-oscar", "Will the favourite win the demo oscar?", 0.62, tick=10, rate=500, category="culture"),
)


@define(eq=False, repr=False)
class Listing:
    """One market with its book; `market` is replaced when its tick or its acceptance changes.

    `start` is where the hidden fair value of the seeded flow begins, `number` the Gamma id, `payouts` what a share of
    each outcome is worth in cash units once resolved (proposed before that), `changed_at` wall seconds.
    """

    market: Market
    question: str
    question_id: str
    start: float
    terms: Terms = Terms()
    number: int = 0
    book: MatchBook = field(factory=MatchBook)
    phase: Phase = Phase.OPEN
    payouts: tuple[int, int] | None = None
    changed_at: float = 0.0
    last_price: int | None = None
    last_side: Side | None = None
    last_outcome: Outcome = Outcome.YES

    def outcome_label(self, token: str) -> str:
        return self.terms.labels[0 if token == self.market.yes else 1]

    @property
    def accepting(self) -> bool:
        return self.market.accepting and self.phase is Phase.OPEN

    @property
    def version(self) -> str:
        """Of the protocol: `v2` for position ids, `v1` for older token ids (§3.4)."""
        return "v1" if int(self.market.yes) & _V3_ZERO_BITS else "v2"

    @property
    def at_edge(self) -> bool:
        """Is it time for the finer tick: did the last trade leave the middle of a 0.01 grid?"""
        last = self.last_price
        return (
            self.market.tick == COARSE_TICK
            and self.terms.finer_at_edges
            and last is not None
            and not MIDDLE[0] <= last <= MIDDLE[1]
        )

    @property
    def contract(self) -> str:
        """The exchange contract that settles it, which wallets must have approved (§3.2)."""
        return signatures.exchange_of(int(self.market.yes), self.market.neg_risk)[1]


@define(eq=False, repr=False)
class Listings:
    """All listings in order of their listing, findable by condition id, token id and slug."""

    all: list[Listing] = field(factory=list)
    by_condition: dict[str, Listing] = field(factory=dict)
    by_token: dict[str, Listing] = field(factory=dict)
    by_slug: dict[str, Listing] = field(factory=dict)

    @classmethod
    def of(cls, listings: Iterable[Listing]) -> Listings:
        every = cls()
        for listing in listings:
            every.add(listing)
        return every

    def add(self, listing: Listing) -> None:
        """Gives the listing its Gamma id."""
        listing.number = 500_001 + len(self.all)
        self.all.append(listing)
        self.by_condition[listing.market.condition_id] = listing
        self.by_slug[listing.market.slug] = listing
        self.by_token.update(dict.fromkeys(listing.market.tokens, listing))

    def siblings(self, listing: Listing) -> list[Listing]:
        """Every market of the listing's neg-risk event, itself among them; of which exactly one pays (§13)."""
        event = listing.terms.event
        if event is None or not event.neg_risk:
            return [listing]
        return [one for one in self.all if one.terms.event is not None and one.terms.event.slug == event.slug]


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
    event = EventTerms(draft.slug, draft.question, neg_risk=draft.neg_risk)
    rebate = REBATES.get(draft.category, Terms().rebate)
    terms = Terms(category=draft.category, event=event, rewards=draft.rewards, rebate=rebate)
    return Listing(market, draft.question, _hex32(rng), draft.start, terms)


def _hex32(rng: Random) -> str:
    return f"0x{rng.getrandbits(256):064x}"


def _token_id(rng: Random) -> str:
    """A random 256-bit id that no client can mistake for a Protocol V2 position id."""
    token = rng.getrandbits(256)
    while not token & _V3_ZERO_BITS or token < 2**250:
        token = rng.getrandbits(256)
    return str(token)
