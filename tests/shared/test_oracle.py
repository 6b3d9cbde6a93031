"""The oracle keeps the newest true price of each symbol, outlives its socket, and stops nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from math import inf
from random import Random

import pytest
import trio
from attrs import define, evolve, field, frozen

from actors.kernel.mailbox import Mailbox
from actors.model.spot import CANONICAL, UP_DOWN, USD, Mark, SpotPrice, age
from actors.model.stream import Stream
from actors.ports import Disconnected
from actors.shared.board import Board
from actors.shared.oracle import Oracle
from actors.shared.streams import Oddities
from tests.shared.life import crash, living, reborn
from tests.wiring.world import ALPHA, World, bot, until, world

START = 1_763_628_000.0
Batch = Sequence[SpotPrice] | None


@define(eq=False)
class Sockets:
    """The spot port: what is said reaches every open link; None cuts it. `down` refuses new ones."""

    down: bool = False
    dialled: list[float] = field(factory=list)
    wanted: tuple[str, ...] = ()
    oddities: dict[str, int] = field(factory=dict)
    _ways: list[trio.MemorySendChannel[Batch]] = field(factory=list)

    @asynccontextmanager
    async def connect(self, symbols: Sequence[str]) -> AsyncIterator[Link]:
        self.dialled.append(trio.current_time())
        self.wanted = tuple(symbols)
        await trio.lowlevel.checkpoint()
        if self.down:
            raise Disconnected("refused")
        send, receive = trio.open_memory_channel[Batch](inf)
        self._ways.append(send)
        try:
            yield Link(receive, self.oddities)
        finally:
            self._ways.remove(send)

    @property
    def up(self) -> bool:
        return bool(self._ways)

    async def say(self, *prices: SpotPrice) -> None:
        for way in self._ways:
            way.send_nowait(prices)
        await trio.sleep(0.001)

    async def cut(self) -> None:
        for way in self._ways:
            way.send_nowait(None)
        await trio.sleep(0.001)


@frozen(eq=False)
class Link:
    _receive: trio.MemoryReceiveChannel[Batch]
    oddities: dict[str, int]

    async def read(self) -> Sequence[SpotPrice]:
        batch = await self._receive.receive()
        if batch is None:
            raise Disconnected("cut")
        return batch


def wall() -> float:
    return START + trio.current_time()


def btc(price: float, *, late: float = 0.0, symbol: str = "btc", source: str = CANONICAL) -> SpotPrice:
    return SpotPrice(symbol, round(price * USD), round((wall() - late) * 1000), source)


@define(eq=False)
class Watch:
    """An oracle with the board it writes to."""

    sockets: Sockets = field(factory=Sockets)
    board: Board = field(factory=Board)

    def oracle(self) -> Oracle:
        return Oracle(Mailbox("oracle"), self.sockets, UP_DOWN, self.board, wall, Random(1))

    def shown(self, symbol: str = "btc") -> float | None:
        mark = self.board.last(Mark, symbol)
        return None if mark is None else mark.price.price / USD

    def age(self, symbol: str = "btc") -> float:
        return age(self.board.last(Mark, symbol), trio.current_time())


@pytest.fixture
def watch() -> Watch:
    return Watch()


@asynccontextmanager
async def watching(watch: Watch) -> AsyncIterator[Oracle]:
    oracle = watch.oracle()
    async with living(oracle):
        await trio.sleep(0.001)
        yield oracle


async def test_the_newest_price_of_each_symbol_is_on_the_board_with_its_age(
    watch: Watch, autojump_clock: object
) -> None:
    async with watching(watch):
        assert (watch.shown(), watch.age()) == (None, inf)
        await watch.sockets.say(btc(91_000, late=2.0), btc(91_001, late=1.0), btc(3_000, symbol="eth"))
        assert (watch.shown("btc"), watch.shown("eth")) == (91_001, 3_000)
        await trio.sleep(4.0)
        assert watch.age("btc") == pytest.approx(5.0, abs=0.01)
        assert watch.age("eth") == pytest.approx(4.0, abs=0.01)
        assert watch.age("sol") == inf


async def test_a_price_out_of_order_is_dropped(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        await watch.sockets.say(btc(91_001, late=1.0))
        await watch.sockets.say(btc(91_000, late=2.0))
        assert watch.shown() == 91_001


async def test_a_price_from_the_future_cannot_block_the_true_ones(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        await watch.sockets.say(btc(1.0, late=-3600.0))
        assert watch.shown() is None
        await watch.sockets.say(btc(91_000))
        assert watch.shown() == 91_000
        refused = watch.board.last(Oddities, "oracle")
        assert refused is not None
        assert refused.counts == {"price from the future": 1}


async def test_symbols_nobody_asked_for_are_ignored(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        await watch.sockets.say(btc(0.2, symbol="doge"))
        assert watch.sockets.wanted == UP_DOWN
        assert watch.shown("doge") is None


async def test_a_stalled_socket_is_replaced_after_ten_seconds(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        for _ in range(20):
            await trio.sleep(9.0)
            await watch.sockets.say(btc(91_000))
        assert len(watch.sockets.dialled) == 1, "a price every nine seconds keeps it"
        last = trio.current_time()
        await until(lambda: len(watch.sockets.dialled) == 2, within=12.0)
        assert watch.sockets.dialled[1] - last >= 10.0


async def test_a_source_that_repeats_itself_is_stalled(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        same = btc(91_000)
        for _ in range(12):
            await watch.sockets.say(same)
            await trio.sleep(1.0)
        assert len(watch.sockets.dialled) == 2
        assert watch.age() > 10.0


async def test_it_reconnects_from_one_second_up_to_thirty_and_at_once_after_a_good_link(
    watch: Watch, autojump_clock: object
) -> None:
    watch.sockets.down = True
    async with watching(watch):
        await trio.sleep(300.0)
        at = watch.sockets.dialled
        pauses = [later - earlier for earlier, later in pairwise(at)]
        assert all(
            0.5 * most <= pause <= most for pause, most in zip(pauses, (1, 2, 4, 8, 16, 30, 30, 30), strict=False)
        )
        assert len(set(pauses[5:])) > 1, "with jitter"
        watch.sockets.down = False
        await until(lambda: watch.sockets.up, within=31.0)
        await watch.sockets.say(btc(91_000))
        await watch.sockets.cut()
        cut = trio.current_time()
        await until(lambda: watch.sockets.up, within=1.1)
        await watch.sockets.say(btc(91_002))
        assert watch.shown() == 91_002
        assert trio.current_time() - cut <= 1.1


async def test_what_it_cannot_read_is_counted_for_status(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        watch.sockets.oddities["not a frame"] = 3
        await watch.sockets.say()
        refused = watch.board.last(Oddities, "oracle")
        assert refused is not None
        assert refused.counts == {"not a frame": 3}


async def test_its_crash_keeps_the_last_prices_and_their_age(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch) as oracle:
        await watch.sockets.say(btc(91_000))
        await crash(oracle)
        assert not watch.sockets.up
        await reborn()
        await until(lambda: watch.sockets.up, within=1.0)
        await watch.sockets.say(btc(90_000, late=5.0))
        assert watch.shown() == 91_000
        assert watch.age() == pytest.approx(0.26, abs=0.1)


def with_spot(of: World, sockets: Sockets) -> World:
    """The same world, with spot prices among its ports."""

    class WithSpot(World):
        @property
        def ports(self) -> object:  # type: ignore[override]
            return evolve(super().ports, spot=sockets)

    return WithSpot(of.venue, of.users, of.sockets, of.journal, of.settings)


@pytest.mark.parametrize("trouble", ["refuses", "is silent", "crashes"])
async def test_a_dead_oracle_stops_no_market(trouble: str, autojump_clock: object) -> None:
    sockets = Sockets(down=trouble == "refuses")
    async with bot(with_spot(world(ALPHA), sockets)) as running:
        if trouble == "crashes":
            running.shared("oracle").crash("drill", 5)
        await until(lambda: len(running.live()) == 2, within=3.0)
        await trio.sleep(60.0)
        assert len(running.live()) == 2
        assert running.spine.admission.is_open
        assert running.services["streams"].up


async def test_without_an_address_there_is_no_oracle(autojump_clock: object) -> None:
    async with bot(world(ALPHA)) as running:
        assert "oracle" not in running.services
        assert running.spine.spot_symbols == ()


async def test_the_stream_has_what_was_heard_with_its_volatility_and_only_of_the_canonical_source(
    watch: Watch, autojump_clock: object
) -> None:
    async with watching(watch):
        await watch.sockets.say(*(btc(91_000 + second % 7, late=100 - second) for second in range(99)))
        await watch.sockets.say(btc(80_000, late=0.5, source="binance"))
        stream = watch.board.last(Stream, "btc")
        assert stream is not None
        assert len(stream.times) == 99
        assert stream.returns > 60
        assert stream.variance > 0
        assert stream.age(trio.current_time()) == pytest.approx(2.0, abs=0.01)
        assert stream.ahead == 0.0


async def test_a_snapshot_after_a_break_closes_the_gap_in_the_stream(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        await watch.sockets.say(*(btc(91_000, late=60 - second) for second in range(20)))
        await watch.sockets.cut()
        await until(lambda: watch.sockets.up, within=3.0)
        await watch.sockets.say(*(btc(91_000, late=60 - second) for second in range(59)))
        stream = watch.board.last(Stream, "btc")
        assert stream is not None
        assert max(later - earlier for earlier, later in pairwise(stream.times)) <= 3_000


async def test_a_life_goes_on_with_the_stream_of_the_last_one(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch) as oracle:
        await watch.sockets.say(*(btc(91_000 + second % 5, late=100 - second) for second in range(99)))
        before = watch.board.last(Stream, "btc")
        await crash(oracle)
        await reborn()
        await until(lambda: watch.sockets.up, within=1.0)
        await watch.sockets.say(btc(91_003))
        after = watch.board.last(Stream, "btc")
        assert before is not None
        assert after is not None
        assert len(after.times) == 100
        assert after.returns == pytest.approx(before.returns, abs=1.0)
        assert after.variance == pytest.approx(before.variance, rel=0.1)


async def test_a_clock_that_is_behind_shows_in_prices_before_their_time(watch: Watch, autojump_clock: object) -> None:
    async with watching(watch):
        await watch.sockets.say(btc(91_000, late=-0.4))
        stream = watch.board.last(Stream, "btc")
        assert stream is not None
        assert stream.ahead == pytest.approx(0.4, abs=0.002)
