"""One market's three actors and their mailboxes, wired to the shared ones and put under a tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from random import Random

from attrs import define, field, frozen

from actors.kernel.ask import Desk, check_ranks
from actors.kernel.mailbox import Mailbox
from actors.kernel.restarts import RestartRule
from actors.market.feed import Feed
from actors.market.placing import Placing
from actors.market.quoter import Quoter
from actors.market.report import Publisher
from actors.market.tracker import Tracker
from actors.market.trader import Trader
from actors.market.tree import Lives, Tree
from actors.market.undertaker import Undertaker
from actors.model.governor import Pace
from actors.model.market import Market
from actors.model.naming import name_of
from actors.model.numbers import Cash
from actors.model.ramp import slimmed
from actors.model.reason import Refusal
from actors.model.settings import Settings
from actors.model.spot import asset_of
from actors.model.strategy_settings import StrategySettings
from actors.ports import WallClock
from actors.shared.admission import Admission, Fences
from actors.shared.approvals import Propose
from actors.shared.board import Board
from actors.shared.budget import Grant, Reserve
from actors.shared.journal import Answer, Question
from actors.shared.requests import TERMS_A_REQUEST
from actors.shared.risk import Verdict
from actors.shared.roll import Entry, Roll
from actors.shared.speed import Speed
from actors.shared.stakes import Group
from actors.shared.tuning import Tuning
from actors.strategies.registry import Strategy, make
from actors.wiring.settling import Settling

_RUN_SPAN = 1_000_000  # tracker generations one process may use before it would touch the next run's
_TERMS_READS = 1 + 1 / TERMS_A_REQUEST  # requests that one description takes: its own, and its part of a shared one
_GTD_MARGIN = 60  # s: the venue removes a GTD order this long before its stated time (polymarket.md §3.8)


@define(eq=False)
class Generations:
    """Tracker generations, above those of every earlier run."""

    run: int
    _given: int = 0

    def __call__(self) -> int:
        self._given += 1
        return self.run * _RUN_SPAN + self._given


@frozen
class Soil:
    """What every market's actors share."""

    settings: Settings
    tuning: Tuning
    boxes: Mapping[str, Mailbox[object]]
    risk: Desk[Verdict, Refusal | None]
    budget: Desk[Reserve, Grant]
    approvals: Desk[Propose, Refusal | None]
    journal: Desk[Question, Answer]
    settling: Settling
    admission: Admission
    fences: Fences
    generations: Callable[[], int]
    board: Board
    speed: Speed
    wall: WallClock
    roll: Roll
    spot: bool

    def expires(self) -> int:
        """GTD expiry (epoch seconds) of an order placed now; 0 for GTC."""
        ttl = self.settings.order.ttl
        return 0 if ttl is None else int(self.wall()) + _GTD_MARGIN + int(ttl)

    @property
    def pace(self) -> Pace:
        """How often a market's quotes may move."""
        own = self.settings.limits
        ttl = inf if own.order_ttl is None else own.order_ttl
        return Pace(own.min_life, own.dedupe, ttl, own.actions_per_minute)

    @property
    def terms_every(self) -> float:
        """Seconds between reads of a market's terms: with very many markets longer, so that half of all reads are left."""
        return max(self.settings.feed.terms, 2 * _TERMS_READS * len(self.roll.markets) / self.settings.limits.read_rate)


@frozen
class Grove:
    """A market with the mailboxes of its actors; they outlive every life. Its terms were read at `read_at`."""

    market: Market
    read_at: float
    feed: Mailbox[object]
    quoter: Mailbox[object]
    tracker: Mailbox[object]

    @classmethod
    def of(cls, market: Market, read_at: float) -> Grove:
        boxes: list[Mailbox[object]] = [Mailbox(f"{market.slug} {actor}") for actor in ("feed", "quoter", "tracker")]
        return cls(market, read_at, *boxes)

    def entry(self, settings: Settings, share: Cash | None) -> Entry:
        """For the roll; `share` is what a chosen market may tie up."""
        market, cap = self.market, share if share is not None else own_budget(self.market, settings)
        counted = settings.budget.per_market if cap is None else cap
        group = Group.of(market, strategy_of(market, settings).name, counted)
        return Entry(market, self.feed, self.quoter, self.tracker, group, cap)

    def plant(self, soil: Soil, random: Random) -> Tree:
        """The market's tree, not yet running."""
        slug, rule = self.market.slug, soil.settings.restarts
        tracker = self._tracker(soil)
        check_ranks(tracker, tracker.rank)
        check_ranks(tracker.placing, tracker.rank)
        check_ranks(tracker.converting, tracker.rank)
        undertaker = Undertaker(
            slug,
            self.market.condition_id,
            self.tracker,
            soil.journal,
            soil.boxes["gateway"],
            soil.boxes["heartbeat"],
            soil.board,
        )
        lives = Lives(
            runs={"feed": self._feed(soil, random).run, "quoter": self._quoter(soil).run, "tracker": tracker.run},
            mailboxes={"feed": self.feed, "quoter": self.quoter, "tracker": self.tracker},
            undertaker=undertaker.run,
            told=tuple(soil.boxes[name] for name in ("budget", "gateway", "heartbeat", "risk", "settlement")),
        )
        return Tree(
            market=slug,
            lives=lives,
            rule=RestartRule(rule.crashes, rule.window, rule.backoff, rule.backoff_cap),
            retry_parked=rule.retry_parked,
            fences=soil.fences,
            gateway=soil.boxes["gateway"],
            generations=soil.generations,
            board=soil.board,
            random=random,
        )

    def _feed(self, soil: Soil, random: Random) -> Feed:
        return Feed(
            market=self.market,
            mailbox=self.feed,
            settings=soil.settings.feed,
            terms_every=soil.terms_every,
            read_at=self.read_at,
            phase=random.uniform(0.0, soil.terms_every),
            streams=soil.boxes["streams"],
            gateway=soil.boxes["gateway"],
            quoter=self.quoter,
            tracker=self.tracker,
            board=soil.board,
        )

    def _quoter(self, soil: Soil) -> Quoter:  # type: ignore[type-arg]
        return Quoter(
            market=self.market,
            mailbox=self.quoter,
            current=Current(self.market, soil.tuning),
            tuning=soil.tuning,
            stale=soil.settings.feed.stale,
            wall=soil.wall,
            tracker=self.tracker,
            notes=soil.boxes["journal"],
            board=soil.board,
            speed=soil.speed,
            asset=asset_of(self.market.slug) if soil.spot else None,
            spot_stale=soil.settings.feed.spot_stale,
        )

    def _tracker(self, soil: Soil) -> Tracker:
        settings, boxes = soil.settings, soil.boxes
        placing = Placing(
            admission=soil.admission,
            risk=soil.risk,
            budget=soil.budget,
            approvals=soil.approvals,
            tuning=soil.tuning,
            order_type=settings.order.type.upper(),
            expires=soil.expires,
        )
        money = (boxes["budget"], boxes["gateway"])
        return Tracker(
            market=self.market,
            mailbox=self.tracker,
            placing=placing,
            trader=Trader(placing, boxes["gateway"]),
            publisher=Publisher(self.market.slug, self.quoter, boxes["risk"], money, boxes["settlement"], soil.board),
            fences=soil.fences,
            converting=soil.settling.converting(soil.budget),
            journal=soil.journal,
            notes=boxes["journal"],
            feed=self.feed,
            gateway=boxes["gateway"],
            risk=boxes["risk"],
            heartbeat=boxes["heartbeat"],
            stale=settings.feed.stale,
            pace=soil.pace,
            orphans=settings.orphans,
            wall=soil.wall,
        )


def own_budget(market: Market, settings: Settings) -> Cash | None:
    """What the configuration gives this market alone, by whichever of its names comes first."""
    given = (named for named in settings.markets if named.budget is not None and name_of(named.market).calls(market))
    return next((named.budget for named in given), None)


@define(eq=False)
class Current:
    """A market's strategy by the settings in force, made once for each."""

    market: Market
    tuning: Tuning
    _made: tuple[int, Strategy] | None = field(default=None, init=False)

    def __call__(self) -> Strategy:
        number = self.tuning.number
        if self._made is None or self._made[0] != number:
            strategy = strategy_of(self.market, self.tuning.settings)
            self._made = number, make(slimmed(strategy, self.tuning.part, self.market.min_size))
        return self._made[1]


def strategy_of(market: Market, settings: Settings) -> StrategySettings:
    """The market's own strategy if the configuration gives it one, by whichever of its names."""
    for named in settings.markets:
        if named.strategy is not None and name_of(named.market).calls(market):
            return named.strategy
    return settings.strategy
