"""When a feed asks for what it has not been told: REST for its books, the socket for snapshots. Sends nothing itself."""

from __future__ import annotations

from math import inf

from attrs import define

from actors.market.books import Books
from actors.model.settings import FeedSettings

_LOOK_AGAIN = 0.5  # s after a REST book that differed: a frame may have been on its way
_REST_EVERY = 1.0  # s between reads where REST stands in: an answer must come before the last one is stale
_DEMAND_AGAIN, _DEMAND_CAP = 0.5, 10.0  # s between demands for snapshots, doubling
_CALM = 20.0  # s without a demand after which the next one is again the first


@define(eq=False)
class Questions:
    """`open` while REST owes an answer; `wanted` while fresh snapshots are to be demanded."""

    bounds: FeedSettings
    open: bool = False
    wanted: bool = False
    _probed_at: float = -inf
    _demanded_at: float = -inf
    _demands: int = 0

    def probe_due(self, books: Books, now: float) -> bool:
        """Whether the books are to be read by REST now: they are old, or REST stands in for the socket.

        A quiet book is checked again each time it is `feed.probe` old: checking less often than `feed.stale` would let
        its confirmed age pass the bound between two checks (I10). The gateway puts checks of many markets in one read.
        """
        since = now - self._probed_at
        if books.waited(now) > self.bounds.snapshot_within:
            return since >= _REST_EVERY
        again = since >= self.bounds.probe or (books.differing > 0 and since >= _LOOK_AGAIN)
        return books.live and again and now - books.confirmed_at >= self.bounds.probe

    def demand_due(self, books: Books, now: float) -> bool:
        """Whether the socket is to be asked for snapshots now: they are wanted, or have not come by themselves.

        Ever more slowly, for a book that never fits would ask as fast as it is answered.
        """
        since = now - self._demanded_at
        if since > _CALM:
            self._demands = 0
        pause = min(_DEMAND_CAP, _DEMAND_AGAIN * 2 ** (self._demands - 1)) if self._demands else 0.0
        return since >= pause and (self.wanted or books.waited(now) > self.bounds.snapshot_within)

    def probing(self, now: float) -> None:
        self.open, self._probed_at = True, now

    def demanding(self, now: float) -> None:
        self._demanded_at, self.wanted = now, False
        self._demands += 1

    def at_once(self) -> None:
        """Whatever was read of late no longer counts: the next look asks."""
        self._probed_at = -inf
