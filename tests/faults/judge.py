"""The checker outside the bot: the invariants of reliability.md §2, judged on the exchange's own ledger and the wire.

It knows nothing of the bot's insides. An order is the bot's if the journal holds its id; everything else that happens to
the account is the user's doing (F32): kept in the books, left out of the caps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from math import inf
from typing import Any

from attrs import define, field

from actors.model.limit_settings import LimitSettings
from actors.model.settings import BudgetSettings
from tests.faults.breach import Breach
from tests.faults.case import Case
from tests.faults.ending import ORDERS_REMAIN, Ending
from tests.faults.evidence import ENGINE_DOWN_WHILE_LEAVING, RESTART_WHILE_LEAVING, UNKNOWN_AT_KILL, Evidence
from tests.faults.exposures import Exposures
from tests.faults.hearing import Hearing
from tests.faults.leaks import secret_free
from tests.faults.liveness import WITHIN, Liveness
from tests.faults.markets import Markets
from tests.faults.wire import Wire


@define(eq=False)
class Judge:
    """`journalled` says whether an order id is durably in the journal now; `clock` gives seconds since the run began.

    `stale` is the bot's `feed.stale`, `flattens` whether positions are to be sold at the end, `secrets` what must never be
    printed; in the markets `takers` the bot may buy at once. Everything is told here in the order in which it happens.
    """

    address: str
    caps: BudgetSettings
    journalled: Callable[[str], bool]
    clock: Callable[[], float]
    stale: float = 3.0
    flattens: bool = True
    limits: LimitSettings = LimitSettings()
    secrets: Collection[str] = ()
    takers: Collection[str] = ()
    case: Case = field(init=False)
    _hearing: Hearing = field(init=False)
    _exposures: Exposures = field(init=False)
    _wire: Wire = field(init=False)
    _liveness: Liveness = field(init=False)
    _leaving: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        case = self.case = Case(Evidence(self.clock), Markets(self.takers))
        self._exposures, self._liveness = Exposures(self.caps, case), Liveness(case)
        self._wire = Wire(case, self.journalled, self.stale, self.limits)
        self._hearing = Hearing(
            self.address.lower(), case, self.journalled, self._exposures, self._liveness, self._wire
        )

    @property
    def breaches(self) -> list[Breach]:
        return self.case.evidence.breaches

    @property
    def sometimes(self) -> Counter[str]:
        return self.case.evidence.sometimes

    @property
    def faults(self) -> Counter[str]:
        """Hits by kind of fault."""
        return self.case.evidence.faults

    # ── the exchange's ledger ─────────────────────────────────────────────────────────────────────────────────────

    def hear(self, line: Mapping[str, Any]) -> None:
        """Every line, in order."""
        self._hearing.hear(line)

    # ── the bot's side of the wire ────────────────────────────────────────────────────────────────────────────────

    def posted(self, order_id: str, body: bytes, life: int) -> None:
        """The first byte of a POST that carries this order is about to leave."""
        post = self._wire.post(order_id, body, life)
        if post.market is not None:
            self._exposures.judge(post.market.id, order_id)

    def answered(self, order_id: str, status: int, body: bytes) -> None:
        """An answer to it has reached the bot; an empty id for a request that was no placement."""
        if status == 425 and self._leaving:
            self.case.evidence.met(ENGINE_DOWN_WHILE_LEAVING)
        self.case.posts.answer(order_id, status, body, self.clock())

    def unsent(self, order_id: str) -> None:
        """No byte of it has left after all: there was no connection."""
        self.case.posts.withdraw(order_id)

    def framed(self, token: str, sent_at: float = inf) -> None:
        """A market frame about this token has reached the bot, which the exchange wrote at `sent_at`."""
        self._wire.framed(token, sent_at)

    def booked(self, tokens: Collection[str], asked_at: float, differing: Collection[str] = ()) -> None:
        """A REST answer with the books of these tokens, asked for at `asked_at`, has reached the bot; those `differing`
        are not what its socket has shown it."""
        for token in tokens:
            self._wire.booked(token, asked_at, equal=token not in differing)

    def stalled(self, before: float) -> None:
        """Nobody has run from then until now."""
        self._wire.stalled(before)

    def read(self, what: str, asked_at: float) -> None:
        """A whole answer to a read of the account's `orders` or `trades` has reached the bot."""
        self._wire.read(what, asked_at)

    def down(self, actor: str, life: int) -> None:
        """A shared actor of this life, on which new orders depend, has ended."""
        self._wire.down(actor, life)

    def up(self, actor: str, life: int) -> None:
        """It is restored."""
        self._wire.up(actor, life)

    # ── lives and ends ────────────────────────────────────────────────────────────────────────────────────────────

    def life(self, number: int) -> None:
        """A new life of the bot begins: earlier ones are dead from here on, and posts without an answer stay so."""
        now = self.clock()
        self.case.evidence.met(UNKNOWN_AT_KILL, sum(post.life < number for post in self.case.posts.pending(now)))
        self.case.evidence.met(RESTART_WHILE_LEAVING, self._leaving)
        self._leaving = False
        self._wire.begin(number)
        self._hearing.ended_with = None

    def leaving(self) -> None:
        """The bot is flattening or shutting down from now on, in this life."""
        self._leaving = True

    def ended(self, code: int, out: str) -> None:
        """The bot has ended with this exit code, having printed `out`."""
        self._leaving = False
        self._hearing.unclaimed(everything=True)
        ending = Ending(self.case, self.flattens, self._wire.shown.posts > 0)
        for text, order_id in ending.judge(code, out):
            self.case.evidence.tell("I5", text, order_id)
        self._hearing.ended_with = None if code == ORDERS_REMAIN else code
        self.no_secret("what the bot printed", out)

    def no_secret(self, where: str, text: str) -> None:
        """I20, for any text of the bot: its output, its log, its journal."""
        if not secret_free(text, self.secrets):
            self.case.evidence.tell("I20", f"{where} holds a secret, or a long part of one")

    # ── liveness ──────────────────────────────────────────────────────────────────────────────────────────────────

    def quiet_since(self, at: float) -> None:
        """Faults are over since then."""
        self._liveness.quiet_since(at)

    def quoted(self, market: str) -> float | None:
        """When an own order of the market (slug or condition id) last rested: now, if one does."""
        return self._liveness.quoted(market)

    def alive(self, markets: Iterable[str], within: float = WITHIN) -> None:
        """I22: each of these markets, none of them parked or closed, was quoted again soon after the faults."""
        for text in self._liveness.dead(markets, within):
            self.case.evidence.tell("I22", text)
