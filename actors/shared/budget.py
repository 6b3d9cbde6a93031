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
from actors.model.numbers import Cash, format_cash
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
    inventory: int = 0
    spoken: bool = False

    @property
    def used(self) -> int:
        return sum(self.reserved.values()) + self.inventory


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
        accounts: dict[str, _Account] = {}
        await self._hear_restatements(accounts)
        ready()
        while True:
            letters = await self.mailbox.read()
            if any(isinstance(letter, Called) for letter in letters):
                self._forget(accounts)
            for letter in letters:
                self._take(letter, accounts)

    def _forget(self, accounts: dict[str, _Account]) -> None:
        """What has left the run ties nothing up; it was flat, and nothing of it was alive."""
        for market in accounts.keys() - set(self.markets):
            del accounts[market]

    async def _hear_restatements(self, accounts: dict[str, _Account]) -> None:
        """A restarted budget first hears the last restatement of every market: they are unread again."""
        for letter in self.mailbox.read_nowait():
            self._take(letter, accounts)

    def _take(self, letter: object, accounts: dict[str, _Account]) -> None:
        match letter:
            case Ask() if letter.open:
                letter.reply(self._reserve(letter.question, accounts))
            case Restate():
                account = accounts.setdefault(letter.market, _Account())
                if letter.seq >= account.seq:
                    account.seq, account.spoken = letter.seq, True
                    account.reserved = dict(letter.reserved)
                    account.inventory = letter.inventory_cost

    def _reserve(self, ask: Reserve, accounts: dict[str, _Account]) -> Grant:
        account = accounts.setdefault(ask.market, _Account())
        held = account.reserved.get(ask.key, 0)
        market = account.used - held
        silent = sum(self._cap(m) for m in self.markets if m not in accounts or not accounts[m].spoken)
        total = sum(a.used for a in accounts.values()) + silent - held
        granted = min(ask.amount, self._cap(ask.market) - market, self.caps.total - total)
        if granted < (ask.amount if ask.least is None else min(ask.least, ask.amount)):
            return self._refusal(ask, market + ask.amount, total + ask.amount)
        account.reserved[ask.key] = Cash(granted)
        account.seq = max(account.seq, ask.seq)
        return None if granted == ask.amount else Cash(granted)

    def _refusal(self, ask: Reserve, market: int, total: int) -> Refusal:
        """Which cap the order would have taken past itself, the market's first."""
        if market > (cap := self._cap(ask.market)):
            key = "markets[].budget" if ask.market in self.own else "budget.per_market"
            return _short(Reason.BUDGET_MARKET, key, market, cap)
        return _short(Reason.BUDGET_TOTAL, "budget.total", total, self.caps.total)

    def _cap(self, market: str) -> Cash:
        own = self.own.get(market)
        return self.caps.per_market if own is None else Cash(portion(own, self.tuning.part))


def _short(reason: Reason, key: str, needed: int, cap: int) -> Refusal:
    return Refusal(reason, (("needed", format_cash(needed)), (key, format_cash(cap))), Hint(key, format_cash(needed)))
