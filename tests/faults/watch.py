"""Everyone who watches a run from outside: the trace, the judge, and what the trades of the ledger add up to."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from math import inf
from typing import Any, Self

import trio
from attrs import define, field

from actors.market.report import MarketReport
from actors.model.market import Market
from actors.model.numbers import format_price, format_size
from actors.model.settings import BudgetSettings
from actors.records import Intent, Note
from actors.wiring.demo import DEMO_KEY
from adapters.polymarket.keys import Key
from tests.faults.belief import Bought
from tests.faults.judge import Judge
from tests.faults.resting import Resting
from tests.faults.shadow import Shadow
from tests.faults.taps import bodies_of, salts_of
from tests.faults.trace import Trace

ADDRESS = Key(DEMO_KEY).address
START = 1_763_628_000.0  # the exchange's wall clock at the start of every run
_STAMP = re.compile(r'"timestamp":"(\d+)"')
_OWNER = re.compile(r'"owner":"[^"]*"')
_CROWD = tuple(f'"kind":"{kind}"' for kind in ("order", "cancel", "expire", "trade", "balance"))


@define(eq=False)
class Watch:
    """A `taps.Witness`, and the file that the exchange writes its ledger to."""

    trace: Trace
    judge: Judge
    secrets: list[str]
    life: Callable[[], int]
    cancels_all: Callable[[], bool] = lambda: False
    killed: Callable[[], bool] = lambda: False
    bought: Bought = field(factory=lambda: Bought(ADDRESS, trio.current_time))
    resting: Resting = field(init=False)
    _shadow: Shadow = field(factory=lambda: Shadow(0))
    counts: Counter[str] = field(factory=Counter)
    _durable: set[str] = field(factory=set)
    _ids: dict[int, str] = field(factory=dict)
    _breaches: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.resting = Resting(ADDRESS, trio.current_time, self._durable.__contains__)

    @classmethod
    def of(cls, trace: Trace, caps: BudgetSettings, life: Callable[[], int], takers: Collection[str] = ()) -> Self:
        durable: set[str] = set()
        secrets = [DEMO_KEY]  # public, and never to be printed all the same
        judge = Judge(ADDRESS, caps, durable.__contains__, trio.current_time, secrets=secrets, takers=takers)
        return cls(trace, judge, secrets, life, durable=durable)

    @property
    def breaches(self) -> list[str]:
        """What the judge and the world found broken, a sentence each."""
        judged = [
            f"{b.at:.3f} {b.invariant}: {b.text}{f' ({b.order_id})' if b.order_id else ''}" for b in self.judge.breaches
        ]
        return judged + self._breaches

    @property
    def met(self) -> Counter[str]:
        faults = Counter({f"fault {kind}": times for kind, times in self.judge.faults.items()})
        sometimes = Counter({f"sometimes {what}": times for what, times in self.judge.sometimes.items()})
        return self.counts + faults + sometimes

    def broken(self, invariant: str, text: str) -> None:
        """The world itself saw something broken."""
        self._breaches.append(f"{trio.current_time():.3f} {invariant}: {text}")
        self.trace.note("breach", text)

    def durable(self, order_id: str) -> bool:
        """Whether the journal has held this order, so that it is the bot's."""
        return order_id in self._durable

    def hide(self, secret: str) -> None:
        """From here on nothing of the bot's may hold it (I20)."""
        if secret not in self.secrets:
            self.secrets.append(secret)

    def printed(self, where: str, text: str) -> None:
        """The bot has told this to somebody: its log, or whoever sent it a command."""
        self.judge.no_secret(where, text)

    def compare(self, market: Market, report: MarketReport) -> None:
        """The bot's idea of its position against the exchange's trades."""
        for text in self.bought.differing(market, report):
            self.broken("I11", text)

    # ── the exchange's ledger ─────────────────────────────────────────────────────────────────────────────────────

    def write(self, text: str) -> None:
        """A line of it. What others do among themselves is only traced."""
        if ADDRESS not in text and any(kind in text for kind in _CROWD):
            self.trace.note("crowd", text)
            return
        line = json.loads(text)
        self.trace.note("ledger", text, *_orders_of(line))
        self.counts[f"ledger {line['kind']}"] += 1
        if line["kind"] == "bug":
            self.broken("the exchange", f"has a bug of its own: {text}")
        self.judge.hear(line)
        self.bought.hear(line)
        self.resting.hear(line)

    def close(self) -> None:
        """The ledger has ended."""

    # ── the bot's doors ───────────────────────────────────────────────────────────────────────────────────────────

    def recorded(self, rows: Sequence[Intent | Note]) -> None:
        for row in rows:
            self.judge.no_secret("the journal", _written(row))
            if isinstance(row, Intent):
                self._durable.add(row.order_id)
                self._ids |= dict.fromkeys(salts_of(row.body), row.order_id)
                where = f"{row.market} {row.side} {format_size(row.size)} at {format_price(row.price)}"
                self.trace.note("journal", f"{where}, key {row.key.generation}/{row.key.counter}", row.order_id)
            elif row.kind == "closed":
                self.trace.note("journal", "closed", row.body)
            else:
                self.trace.note("journal", f"{row.kind} {row.market} {row.body}")

    def posted(self, salts: Sequence[int], body: bytes) -> None:
        self.counts["posts"] += len(salts)
        named = self._named(salts)
        self.trace.note("posted", f"by life {self.life()}", *named)
        if self.killed():
            self.broken("I8", f"a post leaves although the kill switch is set ({named[0]})")
        for order, own in zip(named, bodies_of(body), strict=True):
            self.judge.posted(order, own, self.life())

    def unsent(self, salts: Sequence[int]) -> None:
        for order in self._named(salts):
            self.trace.note("unsent", "no byte has left", order)
            self.judge.unsent(order)

    def answered(self, salts: Sequence[int], status: int, body: bytes) -> None:
        if status == 429 and not salts:
            self.resting.limited()
        named = self._named(salts)
        if named:
            self.trace.note("answered", f"{status} {body[:200].decode(errors='replace')!r}", *named)
        for order in named or ("",):  # a cancel's answer names no post
            self.judge.answered(order, status, body)

    def framed(self, tokens: Sequence[str], text: str) -> None:
        self.counts["frames"] += 1
        self.resting.saw(tokens, trio.current_time())
        self._shown().hear(text)
        stamps = [int(stamp) / 1000 - START for stamp in _STAMP.findall(text)]
        for token in set(tokens):
            self.judge.framed(token, max(stamps, default=inf))

    def booked(self, tokens: Sequence[str], asked_at: float, body: bytes) -> None:
        self.counts["books"] += 1
        self.resting.saw(tokens, asked_at)
        self.judge.booked(tokens, asked_at, self._shown().differing(body))

    def _shown(self) -> Shadow:
        """What this life has seen; a new one has seen nothing."""
        if self._shadow.life != self.life():
            self._shadow = Shadow(self.life())
        return self._shadow

    def read(self, what: str, asked_at: float) -> None:
        self.counts[f"read {what}"] += 1
        self.judge.read(what, asked_at)

    def down(self, actor: str, life: int) -> None:
        self.trace.note("actor", f"{actor} of life {life} is down")
        self.judge.down(actor, life)

    def up(self, actor: str, life: int) -> None:
        self.trace.note("actor", f"{actor} of life {life} is up")
        self.judge.up(actor, life)

    def requested(self, method: str, path: str, body: bytes) -> None:
        named = json.loads(body) if method == "DELETE" and path == "/orders" else ()
        self.trace.note("request", f"{method} {path}", *named)
        self.resting.cancels(named)
        if path == "/cancel-all" and not self.cancels_all():
            self.broken("I6", "a cancel of every order of the account leaves, although nobody has ordered it")

    def _named(self, salts: Sequence[int]) -> tuple[str, ...]:
        return tuple(self._ids.get(salt, f"salt {salt}, never journalled") for salt in salts)


def _written(row: Intent | Note) -> str:
    """What a row holds in words, but for the API key that the venue wants in every order as its owner (polymarket.md §2.2)."""
    return _OWNER.sub("", row.body.decode()) if isinstance(row, Intent) else f"{row.kind} {row.body}"


def _orders_of(line: Mapping[str, Any]) -> list[str]:
    """The account's orders that a ledger line is about."""
    if line["kind"] == "trade":
        return [leg["order"] for leg in (line["taker"], *line["makers"]) if leg["address"] == ADDRESS]
    return [line["order"]] if "order" in line and line.get("address") == ADDRESS else []
