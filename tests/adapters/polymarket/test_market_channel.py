"""The market channel against a small scripted server, over memory streams and over real sockets."""

from __future__ import annotations

import json

import pytest
import trio
import trio.testing
from trio_websocket import ConnectionClosed, WebSocketConnection, WebSocketRequest, serve_websocket, wrap_server_stream

from actors.messages import BookSnapshot
from actors.ports import Disconnected
from adapters.polymarket.market_channel import PolymarketMarketChannel
from adapters.polymarket.sockets import dialler
from tests.adapters.polymarket.scripted import URL, Script, heard, venue
from tests.adapters.polymarket.test_frames import YES_CHANGE, book, change, price_change


async def test_the_subscription_goes_first_and_events_follow() -> None:
    frames: list[dict[str, object]] = []

    async def script(connection: WebSocketConnection) -> None:
        frames.append(await heard(connection))
        await connection.send_message(json.dumps([book()]))
        await connection.send_message("garbage")
        await connection.send_message(json.dumps(price_change(change())).encode())  # binary reads the same
        frames.append(await heard(connection))
        frames.append(await heard(connection))
        await connection.send_message("PONG")

    async with venue(script) as dial, PolymarketMarketChannel(URL, dial).connect(["11", "22"]) as link:
        assert [type(event) for event in await link.read()] == [BookSnapshot]
        assert list(await link.read()) == []
        assert list(await link.read()) == [YES_CHANGE]
        assert link.oddities == {"not JSON": 1}
        await link.subscribe(["33"])
        await link.unsubscribe(["22"])
        assert list(await link.read()) == []
        with pytest.raises(Disconnected, match="closed"):
            await link.read()
    flag = {"custom_feature_enabled": True}
    assert frames == [
        {"type": "market", "assets_ids": ["11", "22"], **flag},
        {"operation": "subscribe", "assets_ids": ["33"], **flag},
        {"operation": "unsubscribe", "assets_ids": ["22"], **flag},
    ]


async def test_a_quiet_link_pings_every_ten_seconds_and_lives_on_pongs(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pings: list[float] = []

    async def script(connection: WebSocketConnection) -> None:
        await heard(connection)
        while True:
            assert await connection.get_message() == "PING"
            pings.append(trio.current_time())
            await connection.send_message("PONG")

    async with venue(script) as dial, PolymarketMarketChannel(URL, dial).connect(["11"]) as link:
        began = trio.current_time()
        for _ in range(6):
            assert list(await link.read()) == []
    assert [round(at - began) for at in pings] == [10, 20, 30, 40, 50, 60]


async def test_a_busy_link_still_pings(autojump_clock: trio.testing.MockClock) -> None:
    pings = 0

    async def chatter(connection: WebSocketConnection) -> None:
        nonlocal pings
        await heard(connection)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(talk, connection)
            while True:
                pings += await connection.get_message() == "PING"

    async def talk(connection: WebSocketConnection) -> None:
        while True:
            await connection.send_message("[]")
            await trio.sleep(1)

    async with venue(contained(chatter)) as dial, PolymarketMarketChannel(URL, dial).connect(["11"]) as link:
        while trio.current_time() < 35:
            await link.read()
    assert pings == 3


def contained(script: Script) -> Script:
    """A script whose nursery ends with the connection."""

    async def run(connection: WebSocketConnection) -> None:
        try:
            await script(connection)
        except* ConnectionClosed:
            pass

    return run


async def test_thirty_seconds_of_silence_are_a_dead_link(autojump_clock: trio.testing.MockClock) -> None:
    async def script(connection: WebSocketConnection) -> None:
        await trio.sleep_forever()

    async with venue(script) as dial, PolymarketMarketChannel(URL, dial).connect(["11"]) as link:
        began = trio.current_time()
        with pytest.raises(Disconnected, match="nothing heard"):
            await link.read()
        assert trio.current_time() - began == pytest.approx(30)


async def test_a_reader_that_was_late_itself_takes_what_waits_before_it_gives_up(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def script(connection: WebSocketConnection) -> None:
        await heard(connection)
        await connection.send_message(json.dumps(price_change(change())))
        await trio.sleep_forever()

    async with venue(script) as dial, PolymarketMarketChannel(URL, dial).connect(["11"]) as link:
        await trio.sleep(45)
        assert list(await link.read()) == [YES_CHANGE]


async def test_a_peer_that_takes_nothing_is_disconnected_within_seconds(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def stalled(host: str, port: int, tls: bool) -> trio.abc.Stream:
        ours, _ = trio.testing.lockstep_stream_pair()
        return ours

    began = trio.current_time()
    with pytest.raises(Disconnected, match="within 5 s"):
        async with PolymarketMarketChannel(URL, dialler(stalled)).connect(["11"]):
            raise AssertionError("connected to nobody")
    assert trio.current_time() - began == pytest.approx(5)


@pytest.mark.parametrize("problem", [OSError("no route"), trio.BrokenResourceError()])
async def test_a_connection_that_cannot_be_made_is_disconnected(problem: Exception) -> None:
    async def broken(host: str, port: int, tls: bool) -> trio.abc.Stream:
        raise problem

    with pytest.raises(Disconnected, match="no connection to venue"):
        async with PolymarketMarketChannel(URL, dialler(broken)).connect(["11"]):
            raise AssertionError("connected to nobody")


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"nonsense\r\n\r\n", b""],
)
async def test_a_peer_that_speaks_no_websocket_is_disconnected(
    answer: bytes, autojump_clock: trio.testing.MockClock
) -> None:
    async with trio.open_nursery() as nursery:

        async def stream(host: str, port: int, tls: bool) -> trio.abc.Stream:
            ours, theirs = trio.testing.memory_stream_pair()

            async def reply() -> None:
                await theirs.receive_some()
                await theirs.send_all(answer)
                await theirs.aclose()

            nursery.start_soon(reply)
            return ours

        with pytest.raises(Disconnected, match="no connection to venue"):
            async with PolymarketMarketChannel(URL, dialler(stream)).connect(["11"]):
                raise AssertionError("connected to nobody")


async def test_bytes_that_break_the_protocol_end_the_link_as_disconnected() -> None:
    breaking: list[trio.abc.Stream] = []

    async def script(connection: WebSocketConnection) -> None:
        await heard(connection)
        await breaking[0].send_all(b"\xff\xff\xff\xff\xff")
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:

        async def serve(stream: trio.abc.Stream) -> None:
            async with trio.open_nursery() as inner:
                request = await wrap_server_stream(inner, stream)
                await script(await request.accept())

        async def stream(host: str, port: int, tls: bool) -> trio.abc.Stream:
            ours, theirs = trio.testing.memory_stream_pair()
            breaking.append(theirs)
            nursery.start_soon(serve, theirs)
            return ours

        async with PolymarketMarketChannel(URL, dialler(stream)).connect(["11"]) as link:
            with pytest.raises(Disconnected):
                await link.read()
        nursery.cancel_scope.cancel()


async def test_an_error_of_the_reader_itself_travels_unwrapped() -> None:
    async def script(connection: WebSocketConnection) -> None:
        await trio.sleep_forever()

    async with venue(script) as dial:
        with pytest.raises(KeyError, match="mine"):
            async with PolymarketMarketChannel(URL, dial).connect(["11"]):
                raise KeyError("mine")


async def test_cancelling_a_reader_leaves_quickly(autojump_clock: trio.testing.MockClock) -> None:
    async def script(connection: WebSocketConnection) -> None:
        await trio.sleep_forever()

    async with venue(script) as dial:
        with trio.move_on_after(3) as scope:
            async with PolymarketMarketChannel(URL, dial).connect(["11"]) as link:
                while True:
                    await link.read()
        assert scope.cancelled_caught
        assert trio.current_time() < 5


async def test_real_sockets_carry_a_dump_larger_than_the_librarys_default() -> None:
    dump = json.dumps([book(asset_id=f"{n:077d}", bids=[{"price": "0.48", "size": "30"}] * 40) for n in range(1_000)])
    assert 2**20 < len(dump) < 16 * 2**20

    async def handler(request: WebSocketRequest) -> None:
        connection = await request.accept()
        await heard(connection)
        await connection.send_message(dump)

    async with trio.open_nursery() as nursery:
        server = await nursery.start(serve_websocket, handler, "127.0.0.1", 0, None)
        channel = PolymarketMarketChannel(f"ws://127.0.0.1:{server.port}/ws/market")
        async with channel.connect(["11"]) as link:
            assert len(await link.read()) == 1_000
        nursery.cancel_scope.cancel()
