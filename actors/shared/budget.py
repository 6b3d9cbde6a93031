"""The budget actor: money reserved by order key, per market and in total (I1). Knows no prices and does no I/O.

A market's tracker restates the whole truth after every change; a grant it has not restated yet stays counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from attrs import define, field, frozen

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.numbers import PUSD, Cash, format_cash
from actors.model.order import Key
from actors.model.ramp import portion
from actors.model.reason import Hint, Reason, Refusal
from actors.model.settings import BudgetSettings
from actors.shared.roll import Called
from actors.shared.tuning import Tuning

Grant = Refusal | Cash | None


@frozen
class Reserve:
    """May this order's money be reserved under its key? Idempotent.

    Answered with None, with the part that is reserved instead, or with the refusal. A part is never below `least`; without
    `least` it is all or nothing.
    """

    market: str
    key: Key
    amount: Cash
    seq: int
    least: Cash | None = None


@frozen
class Restate:
    """Everything a market ties up (state): open orders' money by key, and what inventory and foreign orders cost.

    `seq` grows with every reservation and restatement of the market; an older restatement than a grant is ignored.
    """

    market: str
    seq: int
    reserved: Mapping[Key, Cash]
    inventory_cost: Cash


@define(eq=False)
class _Account:
    """What one market ties up, as last restated plus grants since."""

    seq: int = -1
    reserved: dict[Key, Cash] = field(factory=dict)
    used: int = 0
    spoken: bool = False

    def restate(self, letter: Restate) -> int:
        """Take the whole truth; by how much that is more than before."""
        before, self.seq, self.spoken, self.reserved = self.used, letter.seq, True, dict(letter.reserved)
        self.used = sum(self.reserved.values()) + letter.inventory_cost
        return self.used - before

    def grant(self, ask: Reserve, cash: Cash) -> int:
        """Reserve it; by how much that is more than before."""
        more = cash - self.reserved.get(ask.key, 0)
        self.reserved[ask.key], self.seq = cash, max(self.seq, ask.seq)
        self.used += more
        return more


@define(eq=False)
class _Books:
    """All accounts. Their sum follows: adding up two hundred markets for each order took as long as all else about it."""

    used: int = 0
    _accounts: dict[str, _Account] = field(factory=dict)

    def of(self, market: str) -> _Account:
        return self._accounts.setdefault(market, _Account())

    def silent(self, markets: Collection[str]) -> list[str]:
        """Those of them that have not spoken."""
        known = self._accounts
        return [market for market in markets if market not in known or not known[market].spoken]

    def restate(self, letter: Restate) -> None:
        account = self.of(letter.market)
        if letter.seq >= account.seq:
            self.used += account.restate(letter)

    def grant(self, ask: Reserve, cash: Cash) -> None:
        self.used += self.of(ask.market).grant(ask, cash)

    def forget_all_but(self, markets: Collection[str]) -> None:
        for market in self._accounts.keys() - set(markets):
            self.used -= self._accounts.pop(market).used


@frozen
class Budget:
    """Grants a reservation while the market and the whole stay within their caps; `own` has those of single markets.

    Each of `markets`, which come and go, counts as using its whole cap until its tracker has spoken: what it holds from an
    earlier run is not known before, and another market must not take that money (I13).
    """

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    tuning: Tuning
    markets: Collection[str] = ()
    own: Mapping[str, Cash] = field(factory=dict)

    @property
    def caps(self) -> BudgetSettings:
        """As they are now; what is reserved already stays so, though it be more."""
        return self.tuning.settings.budget

    async def run(self, ready: Ready) -> None:
        books = _Books()
        await self._hear_restatements(books)
        ready()

        def turn(letters: list[object]) -> None:
            if any(isinstance(letter, Called) for letter in letters):  # what left was flat, and nothing of it alive
                books.forget_all_but(self.markets)
            for letter in letters:
                self._take(letter, books)

        while True:
            turn(await self.mailbox.read(turn=turn))

    async def _hear_restatements(self, books: _Books) -> None:
        """A restarted budget first hears the last restatement of every market: they are unread again."""
        for letter in self.mailbox.read_nowait():
            self._take(letter, books)

    def _take(self, letter: object, books: _Books) -> None:
        match letter:
            case Ask() if letter.open:
                letter.reply(self._reserve(letter.question, books))
            case Restate():
                books.restate(letter)

    def _reserve(self, ask: Reserve, books: _Books) -> Grant:
        account = books.of(ask.market)
        held = account.reserved.get(ask.key, 0)
        silent = sum(map(self._cap, books.silent(self.markets)))
        market, total = account.used - held, books.used + silent - held
        granted = min(ask.amount, self._cap(ask.market) - market, self.caps.total - total)
        if granted < _least(ask):
            return self._refusal(ask, market, total)
        books.grant(ask, Cash(granted))
        return None if granted == ask.amount else Cash(granted)

    def _refusal(self, ask: Reserve, market: int, total: int) -> Refusal:
        """Which cap leaves too little, the market's first, beside what else is in use."""
        if market + _least(ask) > (cap := self._cap(ask.market)):
            key = "markets[].budget" if ask.market in self.own else "budget.per_market"
            return _short(Reason.BUDGET_MARKET, key, ask.amount, market, cap)
        return _short(Reason.BUDGET_TOTAL, "budget.total", ask.amount, total, self.caps.total)

    def _cap(self, market: str) -> Cash:
        own = self.own.get(market)
        return self.caps.per_market if own is None else Cash(portion(own, self.tuning.part))


def _least(ask: Reserve) -> int:
    """What must be granted at least."""
    return ask.amount if ask.least is None else min(ask.least, ask.amount)


def _short(reason: Reason, key: str, order: int, used: int, cap: int) -> Refusal:
    """The hint is in whole pUSD, so that it stands still while prices move by a tick."""
    inputs = (("order", format_cash(order)), ("in use", format_cash(used)), (key, format_cash(cap)))
    return Refusal(reason, inputs, Hint(key, str(-(-(used + order) // PUSD))))
