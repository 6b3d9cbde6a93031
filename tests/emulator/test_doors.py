"""The six ports: who is behind them, what a stranger is told there, and how the sockets' visitors are seen off."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.doors import SERVICES, Doors, NoDoor, open_doors, ports, serve_sockets
from adapters.emulator.faults_where import Where
from tests.emulator.harness import Venue, open_venue

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n"
)


async def test_the_ports_are_those_of_the_services_in_their_order() -> None:
    async with open_venue() as venue:
        clob, *others = venue.emulator.services
    assert (clob, "sockets", *others) == SERVICES


async def test_ports_are_consecutive_and_one_that_is_taken_is_named_with_its_service() -> None:
    doors = await six_in_a_row()
    first = ports(doors)["clob"]
    assert list(ports(doors).values()) == list(range(first, first + 6))
    await doors.pop("clob").aclose()
    named = rf"^port {first + 1} \(sockets\): Address already in use; the exchange needs all of {first}-{first + 5}$"
    for _ in range(2):  # the first port is let go again when the second cannot be had
        with pytest.raises(NoDoor, match=named):
            await open_doors("127.0.0.1", first)
    await close(doors)


async def test_free_ports_ascend_in_the_order_of_the_services() -> None:
    doors = await open_doors("127.0.0.1", 0)
    assert list(doors) == list(SERVICES)
    assert sorted(ports(doors).values()) == list(ports(doors).values())
    await close(doors)


async def six_in_a_row() -> Doors:
    """Whoever else runs on this machine may hold one of them: then try elsewhere."""
    for _ in range(20):
        free = await open_doors("127.0.0.1", 0)
        wanted = ports(free)["clob"]
        await close(free)
        with suppress(NoDoor):
            return await open_doors("127.0.0.1", wanted)
    raise AssertionError("no six free ports in a row")


async def close(doors: Doors) -> None:
    for door in doors.values():
        await door.aclose()


async def test_every_base_url_says_what_to_try_and_that_works(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        for service in ("gamma", "data", "relayer", "rpc"):
            status, hint = await venue.rest(service).call("GET", "/")
            assert (status, hint["service"]) == (200, service)
            method, path = hint["try"].split(" ") if " " in hint["try"] else ("GET", hint["try"])
            body = json.dumps(hint["body"]).encode() if "body" in hint else b""
            status, answer = await venue.rest(service).call(method, path, body)
            assert status == 200
            assert "error" not in answer


@pytest.mark.parametrize("head", [b"GET /ws/user", b"HEAD /", b"POST /elsewhere"])
@pytest.mark.parametrize("size", [1, 7, 100])
async def test_plain_http_on_the_sockets_port_is_told_what_lives_there(
    head: bytes, size: int, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        stream = await knocking(venue, head + b" HTTP/1.1\r\nhost: x\r\nupgrade-insecure-requests: 1\r\n\r\n", size)
        text = b"".join([chunk async for chunk in stream])
    assert text.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    said = json.loads(text.partition(b"\r\n\r\n")[2])
    assert "a WebSocket lives here" in said["error"]
    assert said["paths"] == ["/ws/market", "/ws/user", "/ws", "/"]


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_handshake_in_pieces_is_understood_and_frames_follow(size: int, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        stream = await knocking(venue, HANDSHAKE.replace(b"GET /", b"GET /ws/market"), size)
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 101")
        await stream.send_all(b"\x81\x84\0\0\0\0PING")
        assert await stream.receive_some() == b"\x81\x04PONG"


async def test_what_is_no_http_at_all_is_turned_away_at_once(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        began = trio.current_time()
        stream = await knocking(venue, b"\x16\x03\x01\x02", 4)
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 400")
        assert trio.current_time() == began


async def knocking(venue: Venue, said: bytes, size: int) -> trio.abc.Stream:
    """A connection to the sockets' port that says something in pieces of `size` bytes."""
    ours, theirs = trio.testing.memory_stream_pair()
    venue.nursery.start_soon(venue.emulator.serve_socket, theirs)
    for start in range(0, len(said), size):
        await ours.send_all(said[start : start + size])
        await trio.testing.wait_all_tasks_blocked()
    return ours


@pytest.mark.parametrize("deaf", [False, True])
async def test_at_the_end_sockets_are_closed_with_1001_and_who_does_not_answer_is_cut_off(deaf: bool) -> None:
    """On real sockets: a polite client is gone at once, a deaf one within a second."""
    async with open_venue() as venue, trio.open_nursery() as nursery:
        (door,), stop = await trio.open_tcp_listeners(0, host="127.0.0.1"), trio.Event()
        goodbye = partial(venue.emulator.desk.faults.lines.cut, Where(), 1001)
        nursery.start_soon(serve_sockets, door, venue.emulator.serve_socket, stop, goodbye)
        number = door.socket.getsockname()[1]
        async with await trio.open_tcp_stream("127.0.0.1", number) as stream:
            await stream.send_all(HANDSHAKE)
            assert b" 101 " in await stream.receive_some()
            stop.set()
            with trio.fail_after(2):
                assert await stream.receive_some() == b"\x88\x02\x03\xe9"
                before = trio.current_time()
                if not deaf:
                    await stream.send_all(b"\x88\x82\0\0\0\0\x03\xe9")
                assert await stream.receive_some() == b""
        assert (trio.current_time() - before > 0.3) is deaf
        with pytest.raises(OSError, match="all attempts to connect"):
            await trio.open_tcp_stream("127.0.0.1", number)
