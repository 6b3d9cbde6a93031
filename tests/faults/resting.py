"""Whether anything of the bot's rests on a market that it can no longer see: quotes are leases (I10 for what rests)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import inf
from typing import Any

from attrs import define, field

from actors.model.numbers import parse_size

_WITHIN = 14.0  # s: feed.stale, a lease, and as long again for a crash or an answer on its way
_OBEYED = 27.0  # s that the venue may keep cancels waiting by an HTTP 429: 24 at most, and a tenth of dispersion
_CHANCE = 3.0  # s that a bot has to act once it could have noticed: a clock that jumps gives it none


@define
class _Open:
    market: str
    left: int
    since: float


@define(eq=False)
class Resting:
    """`clock` gives seconds since the run began; `ours` says of an order id whether it is the bot's."""

    address: str
    clock: Callable[[], float]
    ours: Callable[[str], bool]
    _tokens: dict[str, list[str]] = field(factory=dict)
    _slugs: dict[str, str] = field(factory=dict)
    _parked: dict[str, float] = field(factory=dict)
    _open: dict[str, _Open] = field(factory=dict)
    _seen: dict[str, float] = field(factory=dict)
    _cancelled: dict[str, float] = field(factory=dict)
    _suspect: dict[str, float] = field(factory=dict)
    _told: set[str] = field(factory=set)
    _limited_until: float = -inf

    def hear(self, line: Mapping[str, Any]) -> None:
        """A ledger line."""
        match line["kind"]:
            case "market":
                self._tokens[line["market"]], self._slugs[line["market"]] = line["tokens"], line["slug"]
            case "order" if line["address"] == self.address and line["life"] in ("GTC", "GTD"):
                self._open[line["order"]] = _Open(line["market"], parse_size(line["size"]), self.clock())
            case "cancel" | "expire":
                self._open.pop(line["order"], None)
            case "trade":
                for leg in (line["taker"], *line["makers"]):
                    self._fill(leg["order"], parse_size(leg["size"]))

    def _fill(self, order: str, size: int) -> None:
        known = self._open.get(order)
        if known is not None:
            known.left -= size
            if known.left <= 0:
                del self._open[order]

    def saw(self, tokens: Iterable[str], at: float) -> None:
        """The bot has seen something of these tokens' books, as they were at `at`."""
        for token in tokens:
            self._seen[token] = max(at, self._seen.get(token, -inf))

    def parked(self, slugs: Collection[str]) -> None:
        """These markets are given up for now, and no others: nobody looks at what their sockets say."""
        now = self.clock()
        self._parked = {slug: self._parked.get(slug, now) for slug in slugs}

    def cancels(self, orders: Iterable[str]) -> None:
        """A cancel of these is about to leave."""
        self._cancelled |= dict.fromkeys(orders, self.clock())

    def limited(self) -> None:
        """The venue refuses a cancel for its rate: the next one is to wait."""
        self._limited_until = self.clock() + _OBEYED

    def _looked(self, market: str) -> float:
        """When the bot last saw something of both books of a market that it cares for."""
        seen = min(self._seen.get(token, -inf) for token in self._tokens[market])
        return min(seen, self._parked.get(self._slugs[market], inf))

    def blind(self, born_at: float) -> Iterator[str]:
        """A sentence for each order that the life born at `born_at` leaves on a market it has not seen for too long."""
        now = self.clock()
        for order, known in self._open.items():
            last = self._looked(known.market)
            since = max(last, known.since, born_at)
            tried = self._cancelled.get(order, -inf) > max(last, known.since)
            excused = tried or now < self._limited_until
            if now - since <= _WITHIN or excused or order in self._told or not self.ours(order):
                self._suspect.pop(order, None)
            elif now - self._suspect.setdefault(order, now) > _CHANCE:
                self._told.add(order)
                yield f"order {order[:12]}… rests, uncancelled, on a book that was last seen {now - last:.1f} s ago"
