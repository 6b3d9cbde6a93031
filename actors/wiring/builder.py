"""The builder: makes every mailbox, shared actor and market tree of a run from settings and ports. Starts nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from random import Random

import trio
from attrs import field, frozen

from actors.kernel.ask import Desk, check_ranks
from actors.kernel.errands import Errands
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Child, Ready
from actors.model.market import Market
from actors.model.settings import Settings
from actors.model.spot import UP_DOWN
from actors.model.trading import Trading
from actors.records import Memory
from actors.shared.account import Account, free_balance
from actors.shared.admission import Admission, Fences, Standings
from actors.shared.approvals import Approvals
from actors.shared.board import Board
from actors.shared.budget import Budget
from actors.shared.gateway import Gateway
from actors.shared.heartbeat import Heartbeat
from actors.shared.journal import Answer, Journal, Question
from actors.shared.limiter import Limiter, Permit
from actors.shared.lookout import Lookout
from actors.shared.oracle import Oracle
from actors.shared.posts import MOST, Posts
from actors.shared.reconciles import Reconciles
from actors.shared.requests import Requests
from actors.shared.risk import Risk
from actors.shared.roll import Roll
from actors.shared.skies import Skies
from actors.shared.speed import Speed
from actors.shared.statements import Statements
from actors.shared.streams import Streams
from actors.shared.tidings import Slowed
from actors.shared.till import Till
from actors.shared.trail import Scribe, Trail
from actors.shared.transactions import Bench
from actors.shared.tuning import Tuning
from actors.wiring.forest import Forest
from actors.wiring.grove import Generations, Soil
from actors.wiring.plots import Plot
from actors.wiring.settling import SETTLEMENT, Settling
from actors.wiring.spine import APPROVALS, CRITICAL, INCOME, ORACLE, SERVICES, TRAIL, UNIVERSE, Service, Spine
from actors.wiring.universe import begin, survey, switches, universe
from actors.wiring.venue import Ports

_PROOF_TIMEOUT = 5.0
_NAMES = (*SERVICES, ORACLE, SETTLEMENT, TRAIL, APPROVALS, INCOME, UNIVERSE, "control", "narrator")


@frozen
class Builder:
    """Everything the parts of a spine share while it is built."""

    settings: Settings
    tuning: Tuning
    ports: Ports
    roll: Roll
    boxes: Mapping[str, Mailbox[object]]
    board: Board
    admission: Admission
    skies: Skies
    fences: Fences
    settling: Settling
    standings: Standings
    random: Callable[[str], Random]
    memory: Memory
    killed: Callable[[], None]
    speed: Speed = field(factory=Speed, init=False)

    def soil(self, generations: Callable[[], int]) -> Soil:
        """What every market tree is planted in."""
        timeout, boxes = self.settings.ask.timeout, self.boxes
        return Soil(
            settings=self.settings,
            tuning=self.tuning,
            boxes=boxes,
            risk=Desk("risk", Risk.rank, boxes["risk"], timeout, self.speed.asking("risk")),
            budget=Desk("budget", Budget.rank, boxes["budget"], timeout, self.speed.asking("budget")),
            approvals=Desk(APPROVALS, Approvals.rank, boxes[APPROVALS], timeout),
            journal=self._journal_desk(),
            settling=self.settling,
            admission=self.admission,
            fences=self.fences,
            generations=generations,
            board=self.board,
            speed=self.speed,
            wall=self.ports.wall,
            roll=self.roll,
            spot=self.ports.spot is not None,
        )

    def spine(self, generations: Callable[[], int], nursery: trio.Nursery) -> Spine:
        """All of it; nothing may be placed before every critical actor has become ready."""
        for name in CRITICAL:
            self.admission.close(name, "starting")
        soil = self.soil(generations)
        forest = Forest(soil, self.boxes["journal"], self.random)
        services = self.services(generations, nursery, forest)
        return Spine(
            board=self.board,
            speed=self.speed,
            tuning=self.tuning,
            admission=self.admission,
            skies=self.skies,
            services=services,
            settling=self.settling,
            forest=forest,
            mailboxes=self.boxes,
            journal=soil.journal,
            risk=Desk("risk", Risk.rank, self.boxes["risk"], self.settings.ask.timeout),
            universe=switches(self.boxes),
            spot_symbols=UP_DOWN if self.ports.spot is not None else (),
            prove=Desk("account", Account.rank, self.boxes["account"], _PROOF_TIMEOUT),
        )

    def services(self, generations: Callable[[], int], nursery: trio.Nursery, forest: Forest) -> tuple[Child, ...]:
        """The shared actors as children, each checked against the rank rule."""
        boxes = self.boxes
        actors: dict[str, Service] = {
            TRAIL: Trail(boxes[TRAIL], self.ports.trail, self.roll.outcomes, self.ports.wall),
            "journal": self._journal(),
            "limiter": self._limiter(),
            "risk": self._risk(),
            "budget": Budget(boxes["budget"], self.tuning, self.roll.markets, self.roll.caps),
            APPROVALS: Approvals(boxes[APPROVALS], self.tuning, boxes["journal"], self.board, self.ports.wall),
            "gateway": self._gateway(nursery, forest),
            "account": self._account(),
            "heartbeat": self._heartbeat(),
            "streams": self._streams(),
            INCOME: self._till(),
            UNIVERSE: universe(boxes, self.roll, forest, self.tuning, self.ports.wall),
        }
        if self.ports.spot is not None:
            spot, wall, life = self.ports.spot, self.ports.wall, self.settings.feed.spot_half_life
            actors[ORACLE] = Oracle(boxes[ORACLE], spot, UP_DOWN, self.board, wall, self.random(ORACLE), life)
        if self.ports.relay is not None:
            actors[SETTLEMENT] = self.settling.actor(self.skies.trackers, self.board, generations)
        for actor in actors.values():
            check_ranks(actor, actor.rank)
        return tuple(self._child(name, actor.run) for name, actor in actors.items())

    def _child(self, name: str, run: Callable[[Ready], Awaitable[None]]) -> Child:
        """A service closes the admission in the step in which it dies, and opens it once it is restored."""
        critical = name in CRITICAL

        def down(why: str) -> None:
            if critical:
                self.admission.close(name, why)

        return Child(name, run, self.boxes[name], on_down=down, on_ready=lambda: self.admission.open(name))

    def _limiter(self) -> Limiter:
        slowed = Slowed(self.boxes["journal"], self.ports.wall)
        return Limiter(self.boxes["limiter"], self.settings.limits, self.board, slowed)

    def _journal(self) -> Journal:
        group = self.settings.journal.group_ms / 1000
        return Journal(self.boxes["journal"], self.ports.journal, group, self.ports.wall, self.boxes[TRAIL])

    def _journal_desk(self) -> Desk[Question, Answer]:
        # A commit waits for the disk, so it gets longer than a question that is answered from memory.
        patience = max(2.0, self.settings.ask.timeout)
        return Desk("journal", Journal.rank, self.boxes["journal"], patience, self.speed.asking("journal"))

    def _risk(self) -> Risk:
        return Risk(
            mailbox=self.boxes["risk"],
            tuning=self.tuning,
            groups=self.roll.groups,
            initial=Trading.PAUSED if self.settings.start_paused else Trading.RUNNING,
            audience=self.roll.audience,
            standings=self.standings,
            memory=self.memory,
            journal=self.boxes["journal"],
            board=self.board,
            wall=self.ports.wall,
            balance=lambda: free_balance(self.board),
            killed=self.killed,
        )

    def _gateway(self, nursery: trio.Nursery, forest: Forest) -> Gateway:
        box, ports, limits, took = self.boxes["gateway"], self.ports, self.settings.limits, self.speed.asking("limiter")
        permits = Desk[Permit, float]("limiter", Limiter.rank, self.boxes["limiter"], self.settings.ask.timeout, took)
        requests = Requests(
            venue=ports.trading,
            public=ports.public,
            permits=permits,
            skies=self.skies,
            standings=self.standings,
            trackers=self.skies.trackers,
            feeds=self.roll.feeds,
            account=self.boxes["account"],
            heartbeat=self.boxes["heartbeat"],
            scribe=Scribe(self.boxes[TRAIL], ports.wall),
        )
        return Gateway(
            mailbox=box,
            errands=Errands(nursery, box),
            requests=requests,
            reconciles=Reconciles(ports.trading, permits, self.skies, self.skies.trackers),
            posts=self._posts(permits, requests),
            lookout=Lookout(ports.trading, ports.public, permits, self.skies, ports.wall),
            skies=self.skies,
            admission=self.admission,
            fences=self.fences,
            standings=self.standings,
            tuning=self.tuning,
            batch=min(MOST, limits.order_burst),  # more than a burst would have to wait for a full bucket
            heartbeat=self.boxes["heartbeat"],
            charges=forest.charges,
            statements=Statements(ports.trading, permits, self.skies, self.boxes[INCOME]),
            survey=survey(self.boxes, ports, permits, self.skies, self.tuning, nursery),
            transactions=self.settling.transactions(),
        )

    def _posts(self, permits: Desk[Permit, float], requests: Requests) -> Posts:
        return Posts(
            venue=self.ports.trading,
            permits=permits,
            journal=self._journal_desk(),
            notes=self.boxes["journal"],
            trackers=self.skies.trackers,
            risk=self.boxes["risk"],
            skies=self.skies,
            cancel=requests.cancel,
            wall=self.ports.wall,
            scribe=requests.scribe,
        )

    def _account(self) -> Account:
        return Account(
            mailbox=self.boxes["account"],
            channel=self.ports.user_channel,
            gateway=self.boxes["gateway"],
            trackers=self.roll.of_condition,
            board=self.board,
            random=self.random("account"),
        )

    def _till(self) -> Till:
        return Till(
            mailbox=self.boxes[INCOME],
            settings=self.settings.income,
            gateway=self.boxes["gateway"],
            journal=self.boxes["journal"],
            memory=self.memory.takings,
            board=self.board,
            wall=self.ports.wall,
            random=self.random(INCOME),
        )

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(
            mailbox=self.boxes["heartbeat"],
            settings=self.settings.heartbeat,
            gateway=self.boxes["gateway"],
            admission=self.admission,
            trackers=self.roll.trackers,
        )

    def _streams(self) -> Streams:
        routes, silent = self.roll.of_token, self.settings.feed.silent
        channel, random = self.ports.market_channel, self.random("streams")
        return Streams(self.boxes["streams"], channel, routes, silent, self.board, random, self.ports.wall, self.speed)


def build(
    settings: Settings,
    ports: Ports,
    markets: Sequence[Market],
    *,
    plots: Sequence[Plot] = (),
    run: int,
    memory: Memory,
    random: Callable[[str], Random],
    nursery: trio.Nursery,
    board: Board,
    killed: Callable[[], None] = lambda: None,
) -> Spine:
    """Wire everything for `markets`, which are named, and `plots`. `run` numbers this process, `memory` is the journal's.

    Requests will run in `nursery`. `killed` is called when the loss limit kills.
    """
    admission, fences = Admission(), Fences()
    boxes = {name: Mailbox[object](name) for name in _NAMES}
    roll = Roll(tuple(boxes[name] for name in ("risk", "budget", "streams")))
    builder = Builder(
        settings=settings,
        tuning=Tuning(settings, roll.quoters.values()),
        ports=ports,
        roll=roll,
        boxes=boxes,
        board=board,
        admission=admission,
        skies=Skies(admission, roll.trackers, boxes["limiter"], random("skies")),
        fences=fences,
        settling=Settling(settings, ports, boxes, admission, fences, Bench(set(memory.converted))),
        standings=Standings(),
        random=random,
        memory=memory,
        killed=killed,
    )
    spine = builder.spine(Generations(run), nursery)
    begin(spine.forest, settings, markets, plots, memory.tenures)
    return spine
