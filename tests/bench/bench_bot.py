"""The whole bot, as `run` starts it, over the real adapters and a bare venue."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import trio
from attrs import frozen

from actors.market.report import MarketReport
from actors.messages import BookSnapshot
from actors.model.limit_settings import LimitSettings
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.quote import Targets
from actors.model.reason import Reason
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import StrategySettings
from actors.ports import JournalStore
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring.places import Places
from actors.wiring.root import Root
from actors.wiring.venue import Ports
from adapters.polymarket.auth import Credentials
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.rest import RestTrading
from tests.bench.bare_book import MARKET
from tests.bench.links import SeenChannel
from tests.bench.marks import MarkedJournal, Marks
from tests.wiring.links import MemoryTrail
from tests.wiring.sources import unheard, unread

_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # the public Hardhat #0 key
_CREDENTIALS = Credentials("00000000-0000-0000-0000-000000000001", "c2VjcmV0IG9mIHRoZSBiZW5jaA==", "bench")
_READY_WITHIN = 10.0
_AT_ONCE = StrategySettings("simple")  # moves its quotes with every book, which `maker` is there to avoid
# The quotes move many times a second here, which the governor is there to prevent.
_UNGOVERNED = LimitSettings(min_life=0.0, dedupe=0.0, actions_per_minute=100_000)


@frozen
class NoPublicData:
    """The public side of a venue that has none: every answer is that it could not be read."""

    why: str = "the bare venue has no public data"

    async def server_time(self) -> float | Unread:
        return await self._nothing()

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        return await self._nothing()

    async def describe(self, condition_ids: Sequence[str]) -> Mapping[str, Market | Unread] | Unread:
        return await self._nothing()

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        return ()

    async def listed(self, like: str = "") -> tuple[str, ...] | Unread:
        return await self._nothing()

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread:
        return await self._nothing()

    async def _nothing(self) -> Unread:
        await trio.lowlevel.checkpoint()
        return Unread(self.why)


@asynccontextmanager
async def running(port: int, journal: JournalStore, state: Path, marks: Marks) -> AsyncIterator[None]:
    """A bot on the venue at `port` that would quote if the book were narrow; stopped in an orderly way at the end."""
    trading = await connect(
        f"http://127.0.0.1:{port}", Key(_KEY), wall=time.time, salts=Random(1), credentials=_CREDENTIALS
    )
    board = Board()
    stop = Stop(board)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_root(_ports(port, trading, journal, marks), state).run, board, stop)
        await _waiting_for_a_spread(board)
        yield
        stop.ask("the bench is over")
    await trading.close()


def _ports(port: int, trading: RestTrading, journal: JournalStore, marks: Marks) -> Ports:
    sockets = f"ws://127.0.0.1:{port}/ws"
    return Ports(
        trading=trading,
        public=NoPublicData(),
        market_channel=SeenChannel(PolymarketMarketChannel(f"{sockets}/market"), marks.decoding),
        user_channel=trading.user_channel(f"{sockets}/user"),
        journal=MarkedJournal(journal, marks),
        wall=time.time,
        trail=MemoryTrail(),
    )


def _root(ports: Ports, state: Path) -> Root:
    settings = Settings((MarketSettings(MARKET.slug),), strategy=_AT_ONCE, limits=_UNGOVERNED)
    return Root(
        settings=settings,
        ports=ports,
        markets=(MARKET,),
        places=Places(state, state / "s", state / "journal.db", state / "ledger", state / "log", state / "trail"),
        random=Random,
        duration=None,
        details={},
        sources=unread(settings),
        set_level=unheard,
    )


async def _waiting_for_a_spread(board: Board) -> None:
    """Until only the strategy stands against quoting."""

    def ready() -> bool:
        targets, report = board.last(Targets, MARKET.slug), board.last(MarketReport, MARKET.slug)
        refusal = targets.refusal if targets else None
        return refusal is not None and refusal.reason is Reason.SPREAD_TOO_WIDE and report is not None

    with trio.fail_after(_READY_WITHIN):
        while not ready():
            await board.change()
