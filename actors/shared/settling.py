"""What one life of the settlement actor has in hand. No channel is written here."""

from __future__ import annotations

from collections import deque
from collections.abc import Container
from math import inf

from attrs import define, evolve, field, frozen

from actors.model.conversion import Conversion, Spare
from actors.model.order import Settlement as Stage
from actors.records import Batch
from actors.shared.asides import Wish

_IDLE_FOR = 5.0  # s: pairs that were bought just now are about to be quoted
_AGAIN_AFTER = (10.0, 30.0, 120.0)  # s after the first, second … failure in a market


@frozen
class SettlementState:
    """What is under way, what was done last, what went wrong last (state, for people)."""

    under_way: str = ""
    last: str = ""
    problem: str = ""


@define(eq=False)
class Chased:
    """A batch that was signed: may be sent, on its way, or over. `again_at` is when unknown bytes are sent once more."""

    batch: Batch
    look_at: float
    again_at: float
    looks: int = 0


@define(eq=False)
class Work:
    """One life's work. `asked` waits for a tracker or for the gateway until `asked_until`; `ended` for the journal."""

    life: int
    spares: dict[str, Spare] = field(factory=dict)
    idle_since: dict[str, float] = field(factory=dict)
    wishes: deque[Wish] = field(factory=deque)
    asked: Conversion | None = None
    asked_until: float = inf
    chased: Chased | None = None
    waiting: deque[Batch] = field(factory=deque)
    ended: deque[tuple[Batch, str]] = field(factory=deque)
    failures: dict[str, tuple[int, float]] = field(factory=dict)
    shown: SettlementState = SettlementState()
    _keys: int = 0

    def key(self) -> str:
        """One that was never given before, in this life or another."""
        self._keys += 1
        return f"{self.life}.{self._keys}"

    @property
    def idle(self) -> bool:
        return self.asked is None and self.chased is None and not (self.ended or self.waiting)

    def spare(self, spare: Spare, merge_above: int | None, now: float) -> None:
        """Hear what a market can spare, and note since when its pairs are many enough to be merged."""
        market = spare.market.slug
        self.spares[market] = spare
        if spare.leaving and spare.pairs >= spare.market.min_size and spare.pays is None:
            self.idle_since[market] = -inf
        elif merge_above is not None and spare.pairs >= merge_above and spare.pays is None:
            since = self.idle_since.get(market, -inf)
            self.idle_since[market] = now if since == -inf else since
        else:
            self.idle_since.pop(market, None)

    def forget_all_but(self, markets: Container[str]) -> None:
        """Markets leave the run: nothing is to be asked of one that has."""
        for market in [market for market in self.spares if market not in markets]:
            del self.spares[market]
            self.idle_since.pop(market, None)
            self.failures.pop(market, None)

    def idles(self, spare: Spare, now: float) -> bool:
        return now >= self.idle_since.get(spare.market.slug, inf) + _IDLE_FOR

    def later(self) -> list[float]:
        """When time alone will ask for something."""
        return [until for _, until in self.failures.values()] + [at + _IDLE_FOR for at in self.idle_since.values()]

    def forget(self, key: str) -> None:
        if self.asked is not None and self.asked.key == key:
            self.asked, self.asked_until = None, inf

    def is_asked(self, key: str) -> bool:
        return self.asked is not None and self.asked.key == key

    def end(self, batch: Batch, stage: Stage, why: str) -> None:
        """A batch is over; that is still to be recorded."""
        key = batch.conversion.key
        if self.chased is not None and self.chased.batch.conversion.key == key:
            self.chased = None
        self.waiting = deque(one for one in self.waiting if one.conversion.key != key)
        if all(one.conversion.key != key for one, _ in self.ended):
            self.ended.append((evolve(batch, conversion=evolve(batch.conversion, settlement=stage)), why))

    def rests(self, market: str, now: float) -> bool:
        """Whether the market has failed too lately to try again by ourselves."""
        return now < self.failures.get(market, (0, -inf))[1]

    def failed(self, market: str, now: float) -> None:
        times = self.failures.get(market, (0, 0.0))[0]
        self.failures[market] = (times + 1, now + _AGAIN_AFTER[min(times, len(_AGAIN_AFTER) - 1)])
