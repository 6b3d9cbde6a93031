"""When a feed asks for what it has not been told: REST for its books, the socket for snapshots. Sends nothing itself."""

from __future__ import annotations

from math import floor, inf

from attrs import define

from actors.market.books import Books
from actors.model.settings import FeedSettings

_LOOK_AGAIN = 0.5  # s after a REST book that differed: a frame may have been on its way
_REST_EVERY = 1.0  # s at most between reads where REST stands in: an answer must come before the last one is stale
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

    def probe_at(self, books: Books) -> float:
        """From when on the books are to be read by REST: they are old, or REST stands in for the socket.

        A quiet book is checked again before it is older than `feed.probe`: checking less often than `feed.stale` would
        let its confirmed age pass the bound between two checks (I10). All feeds do so at multiples of half that time,
        for the gateway puts checks of many markets in one read.
        """
        stand_in = max(books.waiting_since + self.bounds.snapshot_within, self._again_at)
        if not books.live:
            return stand_in
        if books.differing > 0:
            return min(stand_in, max(self._probed_at + _LOOK_AGAIN, self._shared(books.confirmed_at)))
        return min(stand_in, self._shared(max(books.confirmed_at, self._probed_at)))

    @property
    def _again_at(self) -> float:
        """The next instant common to all feeds at which REST may be read again: markets do not start together."""
        return -inf if self._probed_at == -inf else (self._probed_at // _REST_EVERY + 1) * _REST_EVERY

    def demand_at(self, books: Books) -> float:
        """From when on the socket is to be asked for snapshots: they are wanted, or have not come by themselves.

        Ever more slowly, for a book that never fits would ask as fast as it is answered.
        """
        pause = min(_DEMAND_CAP, _DEMAND_AGAIN * 2 ** (self._demands - 1)) if self._demands else 0.0
        missed = -inf if self.wanted else books.waiting_since + self.bounds.snapshot_within
        return max(self._demanded_at + pause, missed)

    def _shared(self, since: float) -> float:
        """The last of the instants common to all feeds at which what is known since then is not older than `feed.probe`."""
        shared = self.bounds.probe / 2
        return floor((since + self.bounds.probe) / shared) * shared

    def probing(self, now: float) -> None:
        self.open, self._probed_at = True, now

    def demanding(self, now: float) -> None:
        self._demands = 1 if now - self._demanded_at > _CALM else self._demands + 1
        self._demanded_at, self.wanted = now, False

    def at_once(self) -> None:
        """Whatever was read of late no longer counts: the next look asks."""
        self._probed_at = -inf
