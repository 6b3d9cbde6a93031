"""The streams actor: market sockets, at most 200 tokens each, every frame decoded once and handed to its feeds.

Nothing here ever waits for a market. A socket that breaks leaves its feeds in doubt until fresh snapshots arrive; and
before frames that waited while nothing ran, they are told of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from random import Random
from typing import ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.alarm import A_STEP, alarm
from actors.kernel.mailbox import Mailbox
from actors.kernel.patience import Patience
from actors.kernel.supervisor import Ready
from actors.messages import BookSnapshot, Frames, MarketEvent, Resync, StreamLost
from actors.ports import Disconnected, MarketChannel, MarketFeedLink, WallClock
from actors.shared.board import Board
from actors.shared.pulse import EVERY, Pulse
from actors.shared.roll import Called
from actors.shared.speed import Speed

_TOKENS_PER_SOCKET = 200  # polymarket.md §6.1: larger subscriptions have lost initial snapshots
_RETRY_FIRST, _RETRY_CAP = 0.5, 30.0
_IN_VAIN = 2  # resyncs without a snapshot before the socket is replaced
_REPLACE_CAP = 300.0  # s, the longest a socket is kept although some tokens are not heard on it


@define(eq=False)
class _Shard:
    """One socket's tokens and, while it is up, its link; `asked` counts the resyncs of a token without an answer.

    `replaced` is how many links in a row were given up for tokens that never got one; `left` are tokens that were given up
    on this link, whose last frames may still be on their way.
    """

    number: int
    tokens: dict[str, None]  # in the order in which they came
    link: MarketFeedLink | None = None
    joined_at: float = 0.0
    heard: bool = False
    asked: Counter[str] = field(factory=Counter)
    patience: Patience = field(factory=lambda: Patience(inf))
    oddities: dict[str, int] = field(factory=dict)
    strays: int = 0
    trouble: str = ""
    replaced: int = 0
    left: set[str] = field(factory=set)
    scope: trio.CancelScope = field(factory=trio.CancelScope)
    _in_vain: set[str] = field(factory=set)

    def joined(self, link: MarketFeedLink, now: float) -> None:
        self.link, self.joined_at, self.heard, self.trouble = link, now, False, ""
        self.asked.clear()
        self.left.clear()

    def hear(self, events: Sequence[MarketEvent]) -> None:
        self.heard = self.heard or bool(events)
        for event in events:
            if isinstance(event, BookSnapshot):
                self.asked.pop(event.token, None)
                self._in_vain.discard(event.token)
        if not self._in_vain:
            self.replaced = 0

    def deaf(self, tokens: Sequence[str], now: float, silent: float) -> bool:
        """Count a resync; whether so many were in vain that the link, older than `silent` seconds, is to be replaced.

        Where new links were in vain, too, the next one is given ever more time: it costs the other markets theirs.
        """
        self.asked.update(tokens)
        unheard = [token for token in tokens if self.asked[token] > _IN_VAIN]
        if not unheard or now - self.joined_at < min(_REPLACE_CAP, silent * 2**self.replaced):
            return False
        self.replaced += 1
        self._in_vain.update(unheard)
        return True


@frozen
class Oddities:
    """What was refused of the frames of a socket, by kind (state)."""

    counts: Mapping[str, int]


@frozen
class Awake:
    """Look what the pulse has to tell (state, to itself)."""


@frozen
class Streams:
    """`routes` names the feed of every token; markets come and go in it."""

    rank: ClassVar[int] = 3
    mailbox: Mailbox[object]
    channel: MarketChannel
    routes: Mapping[str, Mailbox[object]]
    silent: float
    board: Board
    random: Random
    wall: WallClock
    speed: Speed
    _pulse: Pulse = field(factory=Pulse, init=False)  # outlives this actor's lives: nobody else looks

    async def run(self, ready: Ready) -> None:
        shards: list[_Shard] = []
        async with trio.open_nursery() as nursery:
            self._follow(shards, nursery)
            ready()
            with alarm().attended(EVERY, self._beat):
                await self._serve(shards, nursery)

    async def _serve(self, shards: list[_Shard], nursery: trio.Nursery) -> None:
        while True:
            letters = await self.mailbox.read()
            self._mind_stall(trio.current_time())
            for letter in letters:
                match letter:
                    case Resync():
                        nursery.start_soon(self._resync, letter, shards, name="resync")
                    case Called():
                        self._follow(shards, nursery)

    def _follow(self, shards: list[_Shard], nursery: trio.Nursery) -> None:
        """Watch the tokens of now: on sockets that have room, or on new ones. One without tokens is closed."""
        for shard in list(shards):
            gone = [token for token in shard.tokens if token not in self.routes]
            for token in gone:
                del shard.tokens[token]
            if not shard.tokens:
                shards.remove(shard)
                shard.scope.cancel()
            elif gone:
                shard.left.update(gone)
                nursery.start_soon(self._leave, shard, gone, name="market socket leave")
        known = {token for shard in shards for token in shard.tokens}
        new = [token for token in self.routes if token not in known]
        for shard in shards:
            room = _TOKENS_PER_SOCKET - len(shard.tokens)
            joining, new = new[:room], new[room:]
            if joining:
                shard.tokens |= dict.fromkeys(joining)
                shard.left.difference_update(joining)
                nursery.start_soon(self._join, shard, joining, name="market socket join")
        for start in range(0, len(new), _TOKENS_PER_SOCKET):
            number = max((shard.number for shard in shards), default=0) + 1
            shard = _Shard(number, dict.fromkeys(new[start : start + _TOKENS_PER_SOCKET]))
            shards.append(shard)
            nursery.start_soon(self._keep, shard, name="market socket")

    async def _join(self, shard: _Shard, tokens: Sequence[str]) -> None:
        """A link that is being made takes all tokens along; one that breaks is made anew with them."""
        if shard.link is not None:
            try:
                await shard.link.subscribe(tokens)
            except Disconnected as broken:
                logger.debug("market socket: joining: {}", broken)

    async def _leave(self, shard: _Shard, tokens: Sequence[str]) -> None:
        if shard.link is not None:
            try:
                await shard.link.unsubscribe(tokens)
            except Disconnected as broken:
                logger.debug("market socket: leaving: {}", broken)

    async def _keep(self, shard: _Shard) -> None:
        """One socket until nobody needs it: connect, read, reconnect with growing pauses."""
        with shard.scope:
            await self._connect(shard)

    async def _connect(self, shard: _Shard) -> None:
        pause = _RETRY_FIRST
        while True:
            why = "silent"
            try:
                asked = tuple(shard.tokens)
                async with self.channel.connect(asked) as link:
                    shard.joined(link, trio.current_time())
                    shard.left.update(token for token in asked if token not in shard.tokens)
                    if late := [token for token in shard.tokens if token not in asked]:
                        await link.subscribe(late)
                    await self._read(shard, link)
            except* Disconnected as group:
                why = str(group.exceptions[0])
            shard.link = None
            pause = _RETRY_FIRST if shard.heard else pause
            if why != shard.trouble or pause >= _RETRY_CAP:  # the same words every second would drown everything else
                logger.warning("market socket: {}", why)
            shard.trouble = why
            self._tell(shard.tokens, StreamLost(why))
            await trio.sleep(pause * self.random.uniform(0.5, 1.0))
            pause = min(pause * 2, _RETRY_CAP)

    async def _read(self, shard: _Shard, link: MarketFeedLink) -> None:
        """Hand out frames until the socket has said nothing at all for `silent` seconds."""
        with Patience(self.silent) as shard.patience:
            while True:
                before, events = link.frames, await link.read()
                now = trio.current_time()
                shard.patience.heard(now)
                self.speed.frames += link.frames - before
                self._mind_stall(now)
                shard.hear(events)
                if shard.left:
                    events = [event for event in events if event.token not in shard.left]
                shard.strays += await self._hand_out(events, now)
                self._report_oddities(shard, link)

    def _beat(self, late: float, now: float) -> bool:
        """The alarm runs: look at the clocks, and wake up only if there is something to tell."""
        self.speed.lag.add(late)
        stalled = self._pulse.beat(now, self.wall())
        if stalled:
            self.mailbox.put(Awake())
        return stalled

    def _mind_stall(self, now: float) -> None:
        if (stalled := self._pulse.look(now, self.wall())) is not None:
            away = now - stalled.before
            logger.warning("nothing ran for {:.1f} s; every book is checked before it counts", away)
            self._tell(self.routes, stalled)

    def _tell(self, tokens: Iterable[str], fact: object) -> None:
        """The feeds of these tokens, once each."""
        feeds = [self.routes[token] for token in tokens if token in self.routes]
        for feed in {id(feed): feed for feed in feeds}.values():
            feed.tell(fact)

    async def _hand_out(self, events: Sequence[MarketEvent], at: float) -> int:
        """Each market is woken once per read, with its events in order. How many belonged to none of ours."""
        batches: dict[Mailbox[object], list[MarketEvent]] = {}
        strays = 0
        for event in events:
            if (feed := self.routes.get(event.token)) is None:
                strays += 1
            else:
                batches.setdefault(feed, []).append(event)
        for number, (feed, batch) in enumerate(batches.items(), 1):
            feed.tell(Frames(tuple(batch), at))
            if number % A_STEP == 0:
                await trio.lowlevel.cancel_shielded_checkpoint()
        return strays

    def _report_oddities(self, shard: _Shard, link: MarketFeedLink) -> None:
        """What a frame could not be is counted by the adapter; each kind is logged once per socket."""
        seen = {**link.oddities, **({"event of an unknown asset": shard.strays} if shard.strays else {})}
        if seen == shard.oddities:
            return
        for kind in seen.keys() - shard.oddities.keys():
            logger.warning("market frames refused: {} (counted from now on, logged once)", kind)
        shard.oddities = seen
        self.board.put(Oddities(seen), about=shard.number)

    async def _resync(self, resync: Resync, shards: Sequence[_Shard]) -> None:
        """Leave and join the market's tokens again: the venue then sends snapshots (polymarket.md §6.4).

        A socket on which that was in vain twice is replaced, though not sooner than after `silent` seconds: its other
        markets lose their books for a moment (reliability.md F11, F12).
        """
        for shard in shards:
            mine = [token for token in resync.tokens if token in shard.tokens]
            if mine and shard.link is not None:
                if shard.deaf(mine, trio.current_time(), self.silent):
                    shard.patience.cancel()
                    return
                try:
                    await shard.link.unsubscribe(mine)
                    await shard.link.subscribe(mine)
                except Disconnected as broken:
                    logger.warning("resync of {}: {}", resync.market, broken)
