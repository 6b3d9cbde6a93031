"""Orders as they left the bot: what each POST asked for, and whether the bot can know what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import define, field, frozen

from actors.model.numbers import PRICE_ONE
from tests.emulator.ledger_reader import Open
from tests.faults.markets import Listed

T_LATE = 60.0  # s after which an order that the venue does not know counts as dead (architecture.md §3)
_SILENT = 10.0  # s without an answer after which it will not come: longer than every HTTP time-out together
_NOTED = 3.0  # s in which an answer has reached whoever decides


@frozen
class Terms:
    """What a POST body asks for. `cash` is what a buy may cost and a sell must bring, in cash units."""

    token: str
    side: str
    size: int
    cash: int
    life: str
    post_only: bool

    @property
    def price(self) -> int | None:
        """In price units; None if it is finer than any tick."""
        price, rest = divmod(self.cash * PRICE_ONE, self.size) if self.size else (0, 1)
        return None if rest else price

    @property
    def immediate(self) -> bool:
        return self.life in ("FAK", "FOK")


def read_terms(body: bytes) -> Terms | None:
    """None for a body that is no order."""
    try:
        parsed = json.loads(body)
        order = parsed["order"]
        maker, taker, buys = int(order["makerAmount"]), int(order["takerAmount"]), order["side"] == "BUY"
        size, cash = (taker, maker) if buys else (maker, taker)
        return Terms(order["tokenId"], order["side"], size, cash, parsed["orderType"], parsed.get("postOnly") is True)
    except (ValueError, KeyError, TypeError, IndexError):
        return None


@define(eq=False)
class Post:
    """`tick` is the market's at that moment, `status` that of the answer that reached the bot, None while there was none; times in seconds of the run."""

    order_id: str
    body: bytes
    terms: Terms | None
    market: Listed | None
    life: int
    at: float
    tick: int = 0
    status: int | None = None
    answered_at: float | None = None
    arrived: bool = False
    refused: bool = False

    def may_arrive(self, now: float) -> bool:
        """It may still turn up at the exchange, and nobody at the bot's side can know that it will not."""
        return not (self.arrived or self.refused) and now - self.at < T_LATE

    def in_doubt(self, now: float, life: int) -> bool:
        """The same, and the bot has had the time to notice."""
        if not self.may_arrive(now):
            return False
        if self.answered_at is not None:
            return now - self.answered_at > _NOTED
        return self.life < life or now - self.at > _SILENT

    @property
    def tied(self) -> int:
        """Cash units it may take."""
        return self.terms.cash if self.terms and self.terms.side == "BUY" else 0


@define(eq=False)
class Posts:
    """Every post, and those that may still arrive."""

    by_id: dict[str, Post] = field(factory=dict)
    _pending: dict[str, Post] = field(factory=dict)

    def send(self, post: Post) -> None:
        self.by_id[post.order_id] = self._pending[post.order_id] = post

    def arrive(self, order: Open) -> Post | None:
        """The ledger shows it: from here on the ledger tells."""
        post = self.by_id.get(order.id)
        if post is not None:
            post.arrived = True
            self._pending.pop(order.id, None)
        return post

    def answer(self, order_id: str, status: int, body: bytes, now: float) -> None:
        post = self.by_id.get(order_id)
        if post is not None:
            post.status, post.answered_at = status, now
            post.refused = not _doubtful(status, body)
            if post.refused:
                self._pending.pop(order_id, None)

    def withdraw(self, order_id: str) -> None:
        """It never left: nothing is as dead as that."""
        post = self._pending.pop(order_id, None)
        if post is not None:
            post.refused = True

    def kill(self, order_id: str) -> None:
        """The exchange killed it on arrival and told its owner: it will not come, but its id stays used."""
        self._pending.pop(order_id, None)

    def pending(self, now: float) -> Iterator[Post]:
        """Those that may still arrive."""
        for post in list(self._pending.values()):
            if post.may_arrive(now):
                yield post
            elif now - post.at >= T_LATE:
                del self._pending[post.order_id]


def _doubtful(status: int, body: bytes) -> bool:
    """Does the answer leave it open whether the order exists? Kinder than polymarket.md §3.7: what may be a refusal is one.

    An acceptance without a ledger line before it is the exchange's lie, not the bot's mistake.
    """
    if status >= 500:
        return status != 503
    if status != 200:
        return False
    try:
        json.loads(body)
    except ValueError:
        return True
    return False
