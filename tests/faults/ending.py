"""How the bot ended: does its exit code, and what it printed, agree with what the exchange's ledger holds (I5)?"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from tests.faults.breach import shares, short
from tests.faults.case import Case

DONE, CRASHED, ORDERS_REMAIN, POSITIONS_REMAIN, PREFLIGHT, KILLED = 0, 1, 3, 4, 5, 6
_FLATTENED = (DONE, CRASHED)  # a kill leaves positions as they are; code 4 beats both others


@frozen
class Left:
    """A position of at least the market's minimum size; `own` is the part that the bot bought."""

    token: str
    slug: str
    outcome: str
    size: int
    own: int

    def text(self) -> str:
        whose = "" if self.own >= self.size else f", {shares(self.size - self.own)} of them bought by the user"
        return f"{shares(self.size)} of {self.slug} {self.outcome}{whose}"


@frozen
class Ending:
    """`flattens` says whether positions were to be sold, `posted` whether this life had sent an order."""

    case: Case
    flattens: bool
    posted: bool

    def judge(self, code: int, out: str) -> Iterator[tuple[str, str]]:
        """(sentence, order id) for everything that is not as the code says."""
        remain, unproven = self._open(), [post.order_id for post in self.case.posts.pending(self.case.now)]
        if code == PREFLIGHT and not self.posted and not remain:
            return
        if code not in (DONE, CRASHED, ORDERS_REMAIN, POSITIONS_REMAIN, KILLED):
            yield f"the bot ended with code {code}, which says nothing about its orders", ""
        for order_id, where in [*remain.items(), *((one, "may still arrive") for one in unproven)]:
            if code != ORDERS_REMAIN:
                yield f"the bot ended with code {code} although its order {short(order_id)} {where}", order_id
            elif order_id not in out:
                yield f"the bot ended with code {code} without naming its order {short(order_id)}: it {where}", order_id
        yield from ((text, "") for text in self._positions(code, out))

    def _open(self) -> dict[str, str]:
        return {
            one.order.id: f"is open at the exchange: {one.order.side} {shares(one.order.remaining)} of "
            f"{self.case.markets.label(one.order.token)}"
            for one in self.case.orders.own_open
        }

    def _positions(self, code: int, out: str) -> Iterator[str]:
        for left in self._left() if self.flattens else ():
            if code in _FLATTENED:
                yield f"the bot ended with code {code} although the account holds {left.text()}"
            elif code == POSITIONS_REMAIN and not _named(left, out):
                yield f"the bot ended with code {code} without naming {left.text()}"

    def _left(self) -> Iterator[Left]:
        for market in self.case.markets.by_id.values():
            for token in market.tokens:
                size = self.case.holdings.held(token)
                if token in self.case.holdings.pools and size >= market.min_size:
                    own = self.case.holdings.pool(token).own.size
                    yield Left(token, market.slug, market.name(token), size, own)


def _named(left: Left, out: str) -> bool:
    """One line with the market and the outcome, or with the market and that nobody knows, or that sales may come back."""
    lines = [line for line in out.splitlines() if left.slug in line]
    return any(word in line for line in lines for word in (left.outcome, "not known", "not settled"))
