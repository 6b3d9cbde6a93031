"""Shares that our trades bought and the venue's balance does not show: moved by hand, or not seen by its cache yet (F17, F32).

The ledger stays as it is: what they cost was paid, and they may come back. They are only not offered for sale, and what is
missing for a while is no reason to wait for a sale that cannot be.
"""

from __future__ import annotations

from math import inf

from attrs import define, evolve, field

from actors.market.foreign import Foreign
from actors.model.ledger import Holding, Ledger, Position
from actors.model.market import Market, Outcome
from actors.model.numbers import format_size

_APART = 5.0  # s between readings that are to say something new; also how long shares must be missing to count as gone
_AGAIN = 30.0  # s between looks whether shares that are gone have come back
_LOST = 10.0  # s after which no answer will come: longer than every HTTP timeout of the two requests together


@define
class _Count:
    """What the readings of one token say, in size units; times are trio's.

    `missing` at the last reading, and no less since `since`. `spare` are shares beyond ours, which may back sales of
    others; None while nothing keeps ours from being sold.
    """

    look_at: float = inf
    asked_at: float = -inf
    missing: int = 0
    since: float = inf
    gone: int = 0
    spare: int | None = None


@define(eq=False)
class Stock:
    """What of a market's holdings can be sold, by readings of the balance that a refused sale asks for."""

    market: Market
    foreign: Foreign
    _counts: dict[Outcome, _Count] = field(factory=lambda: {outcome: _Count() for outcome in Outcome})

    @property
    def look_at(self) -> float:
        """When a balance is to be read next; inf while there is nothing to doubt."""
        return min(count.look_at for count in self._counts.values())

    def doubt(self, outcome: Outcome, now: float) -> None:
        """The venue refused a sale for want of shares."""
        count = self._counts[outcome]
        count.look_at = min(count.look_at, max(now, count.asked_at + _APART))

    def due(self, now: float) -> tuple[str, ...]:
        """Tokens whose balance is to be read now; each counts as asked for."""
        due = [outcome for outcome, count in self._counts.items() if count.look_at <= now]
        for outcome in due:
            self._counts[outcome].asked_at, self._counts[outcome].look_at = now, now + _LOST
        return tuple(self.market.token(outcome) for outcome in due)

    def unread(self, token: str, now: float) -> None:
        """Nothing was learnt."""
        self._counts[self.market.outcome(token)].look_at = now + _APART

    def read(self, token: str, balance: int, asked_at: float, now: float, ledger: Ledger) -> str:
        """A balance (size units) as the venue read it after `asked_at`; what is to be told of it, "" if nothing new."""
        outcome = self.market.outcome(token)
        count, ours = self._counts[outcome], max(0, ledger.on_chain(outcome))
        missing, gone = max(0, ours - balance), count.gone
        if missing > count.missing:
            count.since = asked_at
        count.missing = missing
        count.gone = missing if asked_at - count.since >= _APART else min(gone, missing)
        spare = max(0, balance - ours)
        count.spare = spare if missing or self.foreign.selling(token) > spare else None
        calm = count.gone == missing
        count.look_at = inf if count.spare is None else now + (_AGAIN if calm else _APART)
        return _told(outcome, gone, count.gone)

    def over(self, position: Position) -> Position:
        """The position with what cannot be sold of it, by the readings and the sales of others as they are now."""
        if all(count.spare is None for count in self._counts.values()):
            return position
        return evolve(position, yes=self._over(Outcome.YES, position.yes), no=self._over(Outcome.NO, position.no))

    def _over(self, outcome: Outcome, holding: Holding) -> Holding:
        count = self._counts[outcome]
        if count.spare is None:
            return holding
        tied = max(0, self.foreign.selling(self.market.token(outcome)) - count.spare)
        return evolve(holding, barred=count.missing + tied, gone=count.gone)


def _told(outcome: Outcome, before: int, gone: int) -> str:
    if gone == before:
        return ""
    if not gone:
        return f"the {outcome.value} shares that were missing are in the account's balance again"
    return (
        f"{format_size(gone)} {outcome.value} shares that were traded here are not in the account's balance: "
        "moved, merged or sold elsewhere? They are not offered for sale until they are back"
    )
