"""Judges bots that were killed, from outside: by the exchange's ledger and the journal's file, by nothing that a bot says.

A *life* is one process. The upper part of a key's generation is the run's number in the journal; the time of an intent
says which life wrote it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from math import inf
from pathlib import Path

from attrs import define, field, frozen

from actors.model.numbers import PUSD
from tests.emulator.ledger_reader import Event, final, open_orders, replay
from tests.process.bot import ADDRESS, MIN_SIZE, End
from tests.process.venue import is_mark

_RUN_SPAN = 1_000_000  # generations of one run (actors/wiring/grove.py)
_CLOCK = 0.002  # s: the ledger rounds, and two processes read the wall clock
ALL = "all markets"


@frozen
class Life:
    """One process, from its start to its end (wall seconds)."""

    started: float
    ended: float

    def has(self, at: float) -> bool:
        return self.started <= at <= self.ended


@frozen
class Caps:
    """Money (cash units) that the configuration allows."""

    per_market: int
    total: int


@frozen
class Recorded:
    """An intent as the journal's file has it."""

    order: str
    generation: int
    counter: int
    at: float
    condition: str = ""

    @property
    def run(self) -> int:
        return self.generation // _RUN_SPAN


def journal(path: Path) -> list[Recorded]:
    """Every intent, oldest first, while no bot runs."""
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT order_id, generation, counter, at, condition_id FROM intents ORDER BY id")
        return [Recorded(*row) for row in rows]


def is_order(event: Event) -> bool:
    """Whether the line is a new order of the bot's account."""
    return event.kind == "order" and str(event.line["address"]).lower() == ADDRESS.lower()


def is_fill(event: Event) -> bool:
    """Whether the line is a trade of the bot's account."""
    legs = (event.line["taker"], *event.line["makers"]) if event.kind == "trade" else ()
    return any(leg["address"].lower() == ADDRESS.lower() for leg in legs)


def left(events: Iterable[Event], doubted: Iterable[Recorded] = ()) -> str:
    """What the account still has at the exchange, in words; nothing if it is flat.

    Shares of a market with an order in doubt are not counted: a sale might sell what that order sells, or meet it (I9).
    """
    book = final(events)
    bound = {token for intent in doubted for token in book.markets[intent.condition]}
    resting = [order.id for order in book.open_of(ADDRESS)]
    held = {token: size for token, size in book.held_by(ADDRESS).items() if size >= MIN_SIZE and token not in bound}
    return f"open {resting}, held {held}" if resting or held else ""


def untrue(end: End, events: Sequence[Event]) -> str:
    """How an exit code and the last words differ from the ledger; nothing if they are the truth (I5)."""
    resting, nothing = [order.id for order in open_orders(events, ADDRESS)], not left(events)
    unnamed = [order for order in resting if order not in end.out]
    if end.code == 3:
        return f"exit 3 does not name {unnamed}" if unnamed else ""
    if resting:
        return f"exit {end.code}, yet open at the exchange: {resting}"
    return f"exit {end.code}, yet {left(events)}" if end.code not in (1, 4) and not nothing else ""


@define(eq=False)
class Case:
    """What is judged: the ledger, the journal, and the lives in their order."""

    events: Sequence[Event]
    intents: Sequence[Recorded]
    lives: Sequence[Life]
    caps: Caps
    orders: list[Event] = field(init=False)
    _slugs: dict[str, str] = field(init=False)
    _life_of: dict[str, int | None] = field(init=False)
    _reads: dict[tuple[int, str], float] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._slugs = {event.line["market"]: event.line["slug"] for event in self.events if event.kind == "market"}
        self.orders = [event for event in self.events if is_order(event)]
        self._life_of = {intent.order: self._life_at(intent.at) for intent in self.intents}
        self._reads = self._first_reads()

    @property
    def fills(self) -> int:
        return sum(map(is_fill, self.events))

    def violations(self) -> list[str]:
        """Every sentence that must hold over kills and does not (I1, I2, I3, I13)."""
        return [*self._twice(), *self._unrecorded(), *self._mixed_runs(), *self._before_reads(), *self._too_dear()]

    def reconciled(self, life: int) -> float | None:
        """Seconds from the start of a life's process until it had asked the exchange for orders and, these being
        answered, for trades of its last market; None for one that did not get as far."""
        reads = [self._reads.get((life, slug), inf) for slug in self._read_slugs()]
        return max(reads) - self.lives[life].started if reads and max(reads) < inf else None

    def at_risk(self) -> dict[str, int]:
        """The most money at risk after any line (cash units): open buys and the cost of what is held."""
        most = dict.fromkeys((ALL, *self._slugs.values()), 0)
        for event, book in replay(self.events):
            if ADDRESS.lower() not in str(event.line).lower():
                continue
            now = {slug: book.exposure(ADDRESS, condition) for condition, slug in self._slugs.items()}
            for slug, cash in (*now.items(), (ALL, sum(now.values()))):
                most[slug] = max(most[slug], cash)
        return most

    # ── what must hold ────────────────────────────────────────────────────────────────────────────────────────────

    def _twice(self) -> Iterator[str]:
        sent = Counter(order.line["order"] for order in self.orders)
        yield from (f"order {order} was taken as new {times} times" for order, times in sent.items() if times > 1)
        keys = Counter((intent.generation, intent.counter) for intent in self.intents)
        yield from (f"key {key} is in the journal {times} times" for key, times in keys.items() if times > 1)

    def _unrecorded(self) -> Iterator[str]:
        recorded = {intent.order: intent.at for intent in self.intents}
        for order in self.orders:
            at = recorded.get(order.line["order"])
            if at is None:
                yield f"line {order.id}: order {order.line['order']} has no intent in the journal"
            elif at > order.t + _CLOCK:
                yield f"line {order.id}: the intent of {order.line['order']} is {at - order.t:.3f} s younger"

    def _mixed_runs(self) -> Iterator[str]:
        """A run's number, and with it all its keys, belongs to one life only."""
        lives: defaultdict[int, set[int | None]] = defaultdict(set)
        for intent in self.intents:
            lives[intent.run].add(self._life_of[intent.order])
        for run, wrote in lives.items():
            if len(wrote) > 1 or None in wrote:
                yield f"the keys of run {run} were used by lives {wrote} (None: while no bot ran)"

    def _before_reads(self) -> Iterator[str]:
        for order in self.orders:
            life, slug = self._life_of.get(order.line["order"]), self._slugs[order.line["market"]]
            if life is not None and order.t < self._reads.get((life, slug), inf):
                yield f"line {order.id}: life {life} placed in {slug} before it had read its orders and trades"

    def _too_dear(self) -> Iterator[str]:
        for slug, cash in self.at_risk().items():
            cap = self.caps.total if slug == ALL else self.caps.per_market
            if cash > cap:
                yield f"{slug}: {cash / PUSD:.6f} pUSD were at risk, the cap is {cap / PUSD:g}"

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _life_at(self, at: float) -> int | None:
        return next((number for number, life in enumerate(self.lives) if life.has(at)), None)

    def _first_reads(self) -> dict[tuple[int, str], float]:
        """When a life had first asked for both the orders and the trades of a market."""
        seen: dict[tuple[int, str], dict[str, float]] = defaultdict(dict)
        for event in self.events:
            life = self._life_at(event.t) if is_mark(event) else None
            if life is not None:
                what, slug = event.line["fault"].split()
                seen[life, slug].setdefault(what, event.t)
        return {
            place: max(each["orders"], each["trades"])
            for place, each in seen.items()
            if {"orders", "trades"} <= each.keys()
        }

    def _read_slugs(self) -> set[str]:
        return {slug for _, slug in self._reads}
