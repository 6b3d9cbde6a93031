"""What once ended the exchange for everybody, each by itself: now a refusal to whoever sent it."""

from __future__ import annotations

import json
import socket
import struct
from contextlib import suppress
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator import abi, addresses, batches, wallets
from adapters.emulator.accounts import FUNDED
from adapters.emulator.http import Request, Response
from tests.emulator.harness import Venue
from tests.emulator.hostile import KEY, UPGRADE, ask, frame, guarded_venue, nested, rlp, send_and_leave

DIGITS = "9" * 5000


def request(method: str, path: str, body: object = None, **query: str) -> Request:
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method, path, query, {}, data, tuple(query.items()))


def told(response: Response | None) -> tuple[int, Any]:
    assert response is not None
    return response.status, json.loads(response.body)


@pytest.mark.parametrize("nonce", [DIGITS, "9" * 78, "٣", "-1", "1_0", ""])
async def test_a_nonce_is_a_uint256_in_digits(nonce: str, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        trader = await venue.trader()
        login = {name.lower(): value for name, value in trader.login_headers().items()} | {"poly_nonce": nonce}
        sent = Request("POST", "/auth/api-key", {}, login)
        assert told(await venue.emulator.services["clob"].handle(sent)) == (
            401,
            {"error": "Invalid L1 Request headers"},
        )


@pytest.mark.parametrize(
    ("path", "order"),
    [("/markets", "events"), ("/markets", "feeSchedule"), ("/events", "markets"), ("/events", "tags")],
)
async def test_gamma_sorts_by_plain_fields_only(path: str, order: str, autojump_clock: MockClock) -> None:
    async with guarded_venue(flow=True) as venue:
        rest = venue.rest("gamma")
        status, _ = await rest.call("GET", f"{path}?order={order}&closed=false")
        assert status == 400
        assert (await rest.call("GET", f"{path}?order=id&closed=false"))[0] == 200


@pytest.mark.parametrize(
    ("service", "target", "problem"),
    [
        ("data", "/v2/trades?limit=0", "invalid limit: '0'"),
        ("gamma", "/markets/keyset?limit=0", "invalid limit: 0"),
        ("gamma", "/markets?limit=0", "invalid limit: 0"),
        ("gamma", f"/markets?offset={DIGITS}", f"invalid offset: {DIGITS}"),
        ("data", f"/v2/trades?offset={DIGITS}", f"invalid offset: '{DIGITS}'"),
        ("gamma", "/markets/keyset?after_cursor=LTU=", "invalid after_cursor"),
        ("gamma", "/markets/keyset?after_cursor=MV8w", "invalid after_cursor"),
        ("data", "/v2/trades?cursor=LTU=", "invalid cursor: 'LTU='"),
        ("data", "/v2/trades?cursor=MV8w", "invalid cursor: 'MV8w'"),
        ("clob", "/markets?next_cursor=LTU=", "invalid next_cursor"),
        ("clob", "/markets?next_cursor=MV8w", "invalid next_cursor"),
        ("clob", "/markets?next_cursor=MDE=", "invalid next_cursor"),
        ("clob", f"/builder/trades?builder_code=0x{'11' * 32}&after={DIGITS}", "Invalid timestamp"),
    ],
)
async def test_numbers_and_cursors_nobody_gave_out_are_refused(
    service: str, target: str, problem: str, autojump_clock: MockClock
) -> None:
    async with guarded_venue() as venue:
        status, answer = await venue.rest(service).call("GET", target)
        assert (status, answer["error"]) == (400, problem)


@pytest.mark.parametrize("text", [DIGITS, "٣", "-1"])
@pytest.mark.parametrize("key", ["before", "after"])
async def test_seconds_of_trades_are_digits(key: str, text: str, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        answer = await ask(await venue.trader(), "clob", request("GET", "/data/trades", **{key: text}))
        assert told(answer) == (400, {"error": "Invalid timestamp"})


@pytest.mark.parametrize(
    ("path", "body"),
    [("/order", {"orderID": {}}), ("/order", {"orderID": []}), ("/orders", [[]]), ("/orders", [{}])],
)
async def test_an_order_id_is_text(path: str, body: object, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        answer = await ask(await venue.trader(), "clob", request("DELETE", path, body))
        assert told(answer) == (400, {"error": "Invalid orderID"})


@pytest.mark.parametrize("signature", [5, None, [1, 2], "", "0xzz", "é" * 130])
async def test_a_relayed_signature_is_text(signature: object, autojump_clock: MockClock) -> None:
    data = abi.selector("proxy((uint8,address,uint256,bytes)[])") + abi.words(32, 0)
    terms = {"relayHub": addresses.RELAY_HUB, "relay": batches.RELAY, "relayerFee": "0", "gasPrice": "0", "gasLimit": 0}
    envelope = {"type": "PROXY", "from": FUNDED[0].address, "data": "0x" + data.hex(), "nonce": "0"}
    async with guarded_venue() as venue:
        trader = await venue.trader()
        nonce = request("GET", "/nonce", address=trader.address, type="PROXY")
        assert told(await ask(trader, "relayer", nonce))[0] == 200
        proxy = wallets.of(trader.address).proxy
        body = {**envelope, "proxyWallet": proxy, "to": addresses.PROXY_FACTORY, "signatureParams": terms}
        answer = await ask(trader, "relayer", request("POST", "/submit", {**body, "signature": signature}))
        assert told(answer) == (400, {"error": "invalid signature"})


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (rlp(b"", b"\x01", b"\x01", b"\x11" * 20, b"", b"", b"\x1b", b"\x01", b"\x01"), "replay-protected (EIP-155)"),
        (nested(3000), "nested too deeply"),
        (bytes(128 * 2**10 + 1), "oversized"),
        (b"\xf8\xff\x80", "too short"),
    ],
    ids=["of before EIP-155", "nested", "oversized", "short"],
)
async def test_a_raw_transaction_is_one_that_nodes_take(raw: bytes, problem: str, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        status, answer = await rpc(venue, call("eth_sendRawTransaction", "0x" + raw.hex()))
        assert status == 200
        assert problem in answer["error"]["message"]


async def test_an_account_of_the_flow_that_owes_has_nothing_on_the_chain(autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        owing = venue.emulator.exchange.accounts.open("0x" + "ab" * 20)
        token = venue.listings[0].market.yes
        owing.cash = owing.shares[token] = -5
        whose = "00" * 12 + owing.address[2:]
        for contract, data in (
            (addresses.PUSD_TOKEN, abi.selector("balanceOf(address)").hex() + whose),
            (
                addresses.CONDITIONAL_TOKENS,
                abi.selector("balanceOf(address,uint256)").hex() + whose + f"{int(token):064x}",
            ),
        ):
            _, answer = await rpc(venue, call("eth_call", {"to": contract, "data": "0x" + data}, "latest"))
            assert int(answer["result"], 16) == 0


@pytest.mark.parametrize(("size", "problem"), [(0, "empty batch"), (101, "batch too large"), (100, None)])
async def test_a_batch_for_the_chain_has_one_to_a_hundred_calls(
    size: int, problem: str | None, autojump_clock: MockClock
) -> None:
    async with guarded_venue() as venue:
        _, answer = await rpc(venue, [call("eth_chainId")] * size)
        assert answer["error"]["message"] == problem if problem else len(answer) == size


def call(method: str, *params: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def rpc(venue: Venue, body: object) -> tuple[int, Any]:
    return await venue.rest("rpc").call("POST", "/", json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"[" * 65 + b"]" * 65, b"[" * 200_000, b"[NaN]", b'[{"token_id":Infinity}]'])
async def test_a_body_is_shallow_json(body: bytes, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        assert await venue.rest().call("POST", "/books", body) == (400, {"error": "Invalid payload"})


async def test_a_head_request_gets_the_answer_of_a_get_without_its_body(autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        get = await send_and_leave(venue, "rest", b"GET /ok HTTP/1.1\r\nhost: x\r\n\r\n")
        head = await send_and_leave(venue, "rest", b"HEAD /ok HTTP/1.1\r\nhost: x\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert head == get.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        two = await send_and_leave(venue, "rest", b"HEAD /ok HTTP/1.1\r\nhost: x\r\n\r\n" * 2)
        assert two == head * 2


@pytest.mark.parametrize(("sent", "within"), [(b"GET /ok HTTP/1.1\r\nhost:", 61.0), (b"", 4 * 3600 + 1.0)])
async def test_nobody_waits_for_ever_for_a_request(sent: bytes, within: float, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        ours, theirs = trio.testing.memory_stream_pair()
        venue.nursery.start_soon(venue.emulator.serve_rest, theirs)
        if sent:
            await ours.send_all(sent)
        began = trio.current_time()
        assert await ours.receive_some() == b""
        assert within - 2 < trio.current_time() - began < within


async def test_a_slow_body_has_a_minute_however_often_a_byte_comes(autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        ours, theirs = trio.testing.memory_stream_pair()
        venue.nursery.start_soon(venue.emulator.serve_rest, theirs)
        await ours.send_all(b"POST /books HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n")
        began = trio.current_time()
        with suppress(trio.BrokenResourceError):
            for _ in range(99):
                await trio.sleep(7)
                await ours.send_all(b"[")
        assert trio.current_time() - began < 71


@pytest.mark.parametrize("leave", ["eof", "close", "stay"])
@pytest.mark.parametrize(
    "data",
    [
        UPGRADE,
        UPGRADE + frame(1, b"\xff" * 20_000) + frame(2, b"a" * 70_000),
        UPGRADE.replace(b"host: x", b"host: \xff"),
        UPGRADE.replace(b"host: x", b"host: " + b"a" * 70),
        UPGRADE.replace(KEY, b"sec-websocket-extensions: \xff\r\n" + KEY),
        UPGRADE.replace(b"websocket\r\n", b"web\xffsocket\r\n"),
        UPGRADE.replace(KEY, b""),
    ],
    ids=["plain", "frames", "host", "long host", "extension", "upgrade", "no key"],
)
async def test_a_handshake_may_break_at_any_point(data: bytes, leave: str, autojump_clock: MockClock) -> None:
    async with guarded_venue() as venue:
        await send_and_leave(venue, "socket", data, leave=leave)


async def test_resets_during_handshakes_on_real_sockets_harm_nobody() -> None:
    async with guarded_venue() as venue:
        (door,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        venue.nursery.start_soon(trio.serve_listeners, venue.emulator.serve_socket, [door])
        for number in range(100):
            client = await trio.open_tcp_stream("127.0.0.1", door.socket.getsockname()[1])
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await client.send_all(UPGRADE[: None if number % 2 else number])
            client.socket.close()  # with a reset: nothing lingers
        await trio.sleep(0.05)
        async with await trio.open_tcp_stream("127.0.0.1", door.socket.getsockname()[1]) as client:
            await client.send_all(UPGRADE)
            assert (await client.receive_some()).startswith(b"HTTP/1.1 101")
