"""The spot port over sockets: the login comes first, the secret stays inside, and one back end stands in for the other."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.model.spot import UP_DOWN, SpotPrice
from actors.ports import Disconnected
from adapters.emulator.emulator import Emulator, build
from adapters.emulator.keys import Credential
from adapters.polymarket.auth import Credentials
from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.spot_channel import SpotBackends, backends
from tests.adapters.polymarket.scripted import heard, venue
from tests.adapters.polymarket.test_wire_spot import bolt, rtds

KEYS = Credentials("key", "hidden", "phrase")
BOLT, RTDS = "ws://venue/ws", "ws://venue"


async def greeted(socket: WebSocketConnection) -> None:
    """PolyBolt's side of a good start."""
    assert (await heard(socket))["op"] == "auth"
    await socket.send_message('{"op":"authed","rid":"login"}')
    assert (await heard(socket))["op"] == "subscribe"


async def polybolt(socket: WebSocketConnection) -> None:
    """One price, then silence."""
    await greeted(socket)
    await socket.send_message(bolt())
    await trio.sleep_forever()


async def legacy(socket: WebSocketConnection) -> None:
    assert (await heard(socket))["action"] == "subscribe"
    await socket.send_message(rtds())
    await trio.sleep_forever()


def channel(dial: Dial, *urls: str) -> SpotBackends:
    return backends(urls, KEYS, dial)


async def first(of: SpotBackends, symbols: Sequence[str] = ("btc",)) -> SpotPrice:
    """The first price of a new connection."""
    with trio.fail_after(30):
        async with of.connect(symbols) as link:
            while not (prices := await link.read()):
                pass
    return prices[0]


async def test_polybolt_is_asked_for_its_canonical_prices_after_the_login(autojump_clock: object) -> None:
    requests = []

    async def script(socket: WebSocketConnection) -> None:
        requests.append(await heard(socket))
        await socket.send_message('{"op":"authed","rid":"login"}')
        requests.append(await heard(socket))
        await socket.send_message('{"op":"subscribed","channel":"price.crypto","rid":"prices"}')
        await socket.send_message(bolt())
        await trio.sleep_forever()

    async with venue(script) as dial:
        assert (await first(channel(dial, BOLT), ("btc", "eth"))).source == "chainlink"
    assert requests[0]["auth"] == {"apiKey": "key", "secret": "hidden", "passphrase": "phrase"}
    assert requests[1]["subscriptions"] == [
        {"channel": "price.crypto", "filter": {"symbol": f"{symbol}usd", "provider": "chainlink"}}
        for symbol in ("btc", "eth")
    ]


async def test_rtds_is_asked_without_a_filter_and_pinged_every_five_seconds(autojump_clock: object) -> None:
    said: list[str] = []

    async def script(socket: WebSocketConnection) -> None:
        while True:
            said.append(str(await socket.get_message()))

    async with venue(script) as dial:
        with trio.move_on_after(16):
            async with channel(dial, RTDS).connect(("btc",)) as link:
                await link.read()
    subscription = {"topic": "crypto_prices_chainlink", "type": "update"}
    assert json.loads(said[0]) == {"action": "subscribe", "subscriptions": [subscription]}
    assert said[1:] == ["PING"] * 3


@pytest.mark.parametrize("answer", ['{"op":"error","code":"auth_invalid","rid":"login"}', None, "close"])
async def test_a_refused_login_ends_the_link_and_never_shows_the_secret(
    answer: str | None, autojump_clock: object
) -> None:
    async def script(socket: WebSocketConnection) -> None:
        await heard(socket)
        if answer == "close":
            return
        if answer is not None:
            await socket.send_message(answer)
        await trio.sleep_forever()

    async with venue(script) as dial:
        of = channel(dial, BOLT)
        with pytest.raises(Disconnected) as refusal:
            await first(of)
    assert "hidden" not in f"{refusal.value!r} {of!r}"


@pytest.mark.parametrize("code", ["auth_required", "auth_expired", "sub_limit", "rate_limited"])
async def test_an_error_that_ends_the_service_ends_the_link(code: str, autojump_clock: object) -> None:
    async def script(socket: WebSocketConnection) -> None:
        await greeted(socket)
        await socket.send_message(json.dumps({"op": "error", "code": code, "rid": "prices"}))
        await trio.sleep_forever()

    async with venue(script) as dial:
        with pytest.raises(Disconnected, match=code):
            await first(channel(dial, BOLT))


async def test_one_bad_symbol_or_frame_is_counted_and_the_others_go_on(autojump_clock: object) -> None:
    async def script(socket: WebSocketConnection) -> None:
        await greeted(socket)
        for text in ('{"op":"error","code":"bad_filter"}', "rubbish", "rubbish", bolt()):
            await socket.send_message(text)
        await trio.sleep_forever()

    async with venue(script) as dial, channel(dial, BOLT).connect(("cat", "btc")) as link:
        while not await link.read():
            pass
        assert link.oddities == {"error: bad_filter": 1, "not a frame": 2}


async def test_kinds_of_odd_frames_are_bounded(autojump_clock: object) -> None:
    async def script(socket: WebSocketConnection) -> None:
        await heard(socket)
        for number in range(300):
            await socket.send_message(rtds(f"topic{number}"))
        await socket.send_message(rtds())
        await trio.sleep_forever()

    async with venue(script) as dial, channel(dial, RTDS).connect(("btc",)) as link:
        while not await link.read():
            pass
        assert len(link.oddities) == 101
        assert sum(link.oddities.values()) == 300


@asynccontextmanager
async def two_venues(*, refuse: bool, stall: bool) -> AsyncIterator[tuple[Dial, list[str]]]:
    """PolyBolt and RTDS behind one dial; `dialled` tells which was tried."""
    dialled: list[str] = []

    async def script(socket: WebSocketConnection) -> None:
        if socket.path == "/":
            await legacy(socket)
        elif refuse:
            raise ConnectionClosed(None)
        elif stall:
            await greeted(socket)
            await trio.sleep_forever()
        else:
            await polybolt(socket)

    async with venue(script) as inner:

        @asynccontextmanager
        async def dial(url: str) -> AsyncIterator[object]:
            dialled.append("PolyBolt" if url.endswith("/ws") else "RTDS")
            async with inner(url) as socket:
                yield socket

        yield dial, dialled  # type: ignore[misc]


async def attempt(of: SpotBackends) -> str:
    """What one connection brings: the exact digits of its first price, or why none came within ten seconds."""
    with trio.move_on_after(10):
        try:
            return str((await first(of)).price)
        except Disconnected:
            return "refused"
    return "stalled"


FROM_BOLT, FROM_RTDS = "9103586123000", "9103586000000"


@pytest.mark.parametrize(("refuse", "stall", "word"), [(True, False, "refused"), (False, True, "stalled")])
async def test_rtds_stands_in_when_polybolt_refuses_or_stalls(
    refuse: bool, stall: bool, word: str, autojump_clock: object
) -> None:
    async with two_venues(refuse=refuse, stall=stall) as (dial, dialled):
        of = channel(dial, BOLT, RTDS)
        assert [await attempt(of) for _ in range(2)] == [word, FROM_RTDS]
        assert dialled == ["PolyBolt", "RTDS"]
        assert await attempt(of) == word, "after a good connection the preferred one is tried again"


async def test_polybolt_is_preferred_while_it_delivers(autojump_clock: object) -> None:
    async with two_venues(refuse=False, stall=False) as (dial, dialled):
        of = channel(dial, BOLT, RTDS)
        assert [await attempt(of) for _ in range(3)] == [FROM_BOLT] * 3
        assert dialled == ["PolyBolt"] * 3


async def test_a_link_that_stalls_after_its_first_prices_is_followed_by_the_other_back_end(
    autojump_clock: object,
) -> None:
    async with two_venues(refuse=False, stall=False) as (dial, _):
        of = channel(dial, BOLT, RTDS)
        with trio.move_on_after(12):
            async with of.connect(("btc",)) as link:
                while True:
                    await link.read()
        assert await attempt(of) == FROM_RTDS


async def test_both_back_ends_read_the_emulator_s_prices() -> None:
    """Over real sockets and the real clock: the same numbers from both, and those of the exchange."""
    emulator = build(11, wall=time.time, flow=False)
    keys = Credential("key", "hidden", "phrase", "0x" + "1" * 40, 0)
    emulator.desk.keys.by_key[keys.key] = keys
    async with served(emulator) as port:
        for url in (f"ws://127.0.0.1:{port}/ws", f"ws://127.0.0.1:{port}"):
            of, seen = channel(dialler(), url), dict[str, SpotPrice]()
            with trio.fail_after(5):
                async with of.connect(UP_DOWN) as link:
                    while not seen.keys() >= set(UP_DOWN):
                        seen |= {price.symbol: price for price in await link.read()}
            assert link.oddities == {}
            for price in seen.values():
                assert price.source == "chainlink"
                assert price.price == emulator.rtds.prices.price(price.symbol, price.at_ms / 1000)


@asynccontextmanager
async def served(emulator: Emulator) -> AsyncIterator[int]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        listeners = await nursery.start(trio.serve_tcp, emulator.serve_socket, 0)
        yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()
