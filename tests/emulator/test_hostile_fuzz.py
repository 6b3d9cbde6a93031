"""Whatever a logged-in client asks for, in whatever types, digits and letters, the exchange answers and meets no bug."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import trio
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock
from trio_websocket import ConnectionClosed

from adapters.emulator import abi, addresses
from adapters.emulator.accounts import FUNDED
from adapters.emulator.http import Request
from tests.depth import examples
from tests.emulator.harness import Trader, Venue
from tests.emulator.hostile import UPGRADE, ask, frame, guarded_venue, nested, rlp, send_and_leave

SLOWLY = settings(
    max_examples=examples(30),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is a venue of its own: shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TEXTS = (
    *("", "0", "-1", "1", "9" * 11, "9" * 15, "9" * 5000, "1e400", "nan", "-inf", "٣", "²", "\ud800", "\0"),
    *("null", "{}", "[]", "true", "LTU=", "LTE=", "MV8w", "MA==", "%%%", "a,b", "a" * 100, "demo", "2025-11-20"),
    *("2026-11-20", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "max", "1h"),
    *(FUNDED[0].address, "0x" + "ab" * 20, "0x" + "zz" * 20, "0x" + "ab" * 32, "0x" + "00" * 65),
    *("BUY", "SELL", "DESC", "OPEN", "CLOSED", "MERGEABLE", "TRADE", "PROXY", "SAFE", "WALLET", "COLLATERAL"),
)
SORTS = ("id", "events", "markets", "tags", "feeSchedule", "liquidityNum", "volume", "slug", "id,tags", "closed")
KEYS = {
    "clob": "token_id side market asset_id id maker_address before after next_cursor asset_type signature_type date "
    "order_id startTs endTs interval fidelity page_size ids order_by position min_spread max_price builder_code q",
    "gamma": "limit offset order order ascending after_cursor closed active slug id condition_ids clob_token_ids q "
    "tag_id limit_per_type page events_status volume_num_min end_date_max exclude_events series_id",
    "data": "user user limit offset cursor filter_amount filter_type status side type condition_id",
    "relayer": "address type id",
    "rpc": "id",
}
FIELDS = [
    "order",
    "orderID",
    "orderType",
    "owner",
    "salt",
    "maker",
    "signer",
    "tokenId",
    "makerAmount",
    "takerAmount",
    "side",
    "signatureType",
    "signature",
    "expiration",
    "timestamp",
    "metadata",
    "builder",
    "postOnly",
    "deferExec",
    "token_id",
    "market",
    "asset_id",
    "heartbeat_id",
    "key",
    "type",
    "from",
    "to",
    "data",
    "nonce",
    "value",
    "proxyWallet",
    "signatureParams",
    "depositWalletParams",
    "method",
    "params",
    "id",
    "auth",
    "apiKey",
    "secret",
    "passphrase",
    "assets_ids",
    "operation",
    "level",
    "markets",
    "custom_feature_enabled",
    "action",
    "subscriptions",
    "topic",
    "filters",
    "op",
    "channel",
    "filter",
    "rid",
]
NUMBERS = (0, -1, 5, 2**53, 2**256, 10**400, 1.5, 1e300, float("inf"), float("nan"))
RAW = (b"", b"{", b"\xff", b"1" * 6000, b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900)
SEEDS = st.integers(0, 2**32 - 1)  # a plain generator draws a thousand requests in the time of ten of Hypothesis's


def value(rng: Random, depth: int = 3) -> Any:  # noqa: ANN401 - JSON
    kind = rng.randrange(7 if depth else 4)
    if kind < 4:
        return (rng.choice(TEXTS), rng.choice(NUMBERS), None, rng.random() < 0.5)[kind]
    children = [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return children if kind == 4 else {rng.choice(FIELDS): child for child in children}


def body_for(rng: Random, venue: Venue, trader: Trader, path: str) -> bytes:
    """Anything, or a right order or cancel with something wrong laid over it."""
    if rng.random() < 0.1:
        return rng.choice(RAW)
    if path in ("/order", "/orders") and rng.random() < 0.7:
        listing = venue.listings[0]
        right: Any = trader.order(listing, listing.market.yes, "BUY", "0.4", "10")
        right["order"][rng.choice(list(right["order"]))] = value(rng)
        ids: Any = {"orderID": value(rng)}
        return json.dumps(rng.choice([right, [right], ids, [value(rng)]])).encode()
    return json.dumps(value(rng)).encode()


def query_for(rng: Random, venue: Venue, service: str) -> dict[str, str]:
    market, keys = venue.listings[0].market, KEYS[service].split()
    asked = {
        rng.choice(keys): real(rng.choice((*TEXTS, market.yes, market.condition_id))) for _ in range(rng.randrange(4))
    }
    return {key: rng.choice(SORTS) if key == "order" else text for key, text in asked.items()}


def real(text: str) -> str:
    """What a text of a target is when it arrives: percent-encoding carries no lone surrogates."""
    return text.encode(errors="replace").decode()


def play(act: Callable[[Venue, Trader], Awaitable[None]], **options: Any) -> None:  # noqa: ANN401 - as `build`
    async def main() -> None:
        async with guarded_venue(**options) as venue:
            await act(venue, await venue.trader())

    trio.run(main, clock=MockClock(autojump_threshold=0))


@SLOWLY
@given(SEEDS)
def test_no_request_of_a_logged_in_client_meets_a_bug(seed: int) -> None:
    rng = Random(seed)

    async def act(venue: Venue, trader: Trader) -> None:
        await trade(venue, trader)
        for _ in range(500):
            service = rng.choice(list(venue.emulator.services))
            method, path = rng.choice(places(venue, service))
            path = path[:-1] + real(rng.choice(TEXTS)) if path.endswith("*") else path
            asked = query_for(rng, venue, service)
            body = b"" if method == "GET" else body_for(rng, venue, trader, path)
            sent = Request(method, path, asked, {}, body, tuple(asked.items()))
            if path in ("/auth/api-key", "/auth/derive-api-key"):
                login = {name.lower(): text for name, text in trader.login_headers().items()}
                sent = evolve(sent, headers={**login, f"poly_{rng.choice(LOGIN)}": rng.choice(TEXTS)})
            response = await ask(trader, service, sent)
            assert response is not None
            assert response.status < 500, (service, method, path, asked, body[:200])

    play(act)


LOGIN = ("nonce", "timestamp", "address", "signature")


async def trade(venue: Venue, trader: Trader) -> None:
    """Something to list: a trade with another client, and orders that rest."""
    other, listing = await venue.trader(1), venue.listings[0]
    await trader.place(listing, listing.market.yes, "BUY", "0.5", "20")
    await other.place(listing, listing.market.no, "BUY", "0.5", "10")


def places(venue: Venue, service: str) -> list[tuple[str, str]]:
    """Every route of a service, but for the end of the key that asks."""
    rest = venue.emulator.services[service]
    return [place for place in (*rest.open, *rest.private) if place != ("DELETE", "/auth/api-key")]


@SLOWLY
@given(SEEDS)
def test_no_call_of_the_chain_meets_a_bug(seed: int) -> None:
    rng = Random(seed)

    async def act(venue: Venue, trader: Trader) -> None:
        owing = venue.emulator.exchange.accounts.open("0x" + "ab" * 20)
        owing.cash = -5
        for _ in range(150):
            method = rng.choice(
                ["eth_call", "eth_call", "eth_sendRawTransaction", "eth_estimateGas", "eth_getCode", "x"]
            )
            params = [value(rng) for _ in range(rng.randrange(3))]
            if method == "eth_sendRawTransaction":
                params = ["0x" + raw_transaction(rng).hex()]
            elif method == "eth_call" and rng.random() < 0.8:
                data = abi.selector("balanceOf(address)") + bytes(12) + bytes.fromhex(owing.address[2:])
                data = data if rng.random() < 0.5 else data[: rng.randrange(40)] + rng.randbytes(rng.randrange(60))
                params = [{"to": addresses.PUSD_TOKEN, "data": "0x" + data.hex()}, "latest"]
            body = json.dumps({"id": value(rng), "method": method, "params": params}).encode()
            response = await ask(trader, "rpc", Request("POST", "/", {}, {}, body))
            assert response is not None
            assert response.status == 200

    play(act)


def raw_transaction(rng: Random) -> bytes:
    """Nine or twelve fields, or nothing but lists within lists, or noise."""
    if rng.random() < 0.1:
        return nested(rng.choice([3, 5, 2000]))
    fields = [rng.randbytes(rng.choice([0, 1, 1])) for _ in range(rng.choice([9, 9, 12]))]
    return rng.choice([b"", b"", b"\x02", rng.randbytes(2)]) + rlp(*fields[:3], bytes(20), b"", b"", *fields[6:9])


HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"host", b"upgrade", b"content-length", b"poly_nonce", b"poly_timestamp", b"expect"]),
        st.binary(max_size=8),
    ),
    max_size=3,
)
FRAMES = st.lists(
    st.tuples(
        st.integers(0, 15),
        st.one_of(st.binary(max_size=130), st.sampled_from([b"PING", b"\x03\xe8", b"\xff" * 20_000, b"[" * 9_000])),
        st.booleans(),
    ),
    max_size=4,
)
PATHS = st.sampled_from([b"/ws/market", b"/ws/user", b"/ws", b"/", b"/nowhere", b"/ws/\xff"])


@SLOWLY
@given(
    st.lists(
        st.tuples(PATHS, HEADERS, st.binary(max_size=4), FRAMES, st.sampled_from(["eof", "close", "stay"])),
        min_size=5,
        max_size=15,
    ),
    st.sampled_from(["socket", "rest"]),
)
def test_no_bytes_of_a_handshake_or_of_frames_meet_a_bug(clients: list[Any], port: str) -> None:
    async def act(venue: Venue, trader: Trader) -> None:
        for path, headers, noise, frames, leave in clients:
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
            head = UPGRADE.replace(b"/ws/market", path).replace(b"host: x\r\n", b"host: x\r\n" + lines)
            data = head + noise + b"".join(frame(kind, payload, final=end) for kind, payload, end in frames)
            await send_and_leave(venue, port, data, leave=leave)

    play(act)


@SLOWLY
@given(st.sampled_from(["/ws/market", "/ws/user", "/ws", "/"]), SEEDS)
def test_no_frame_of_a_client_meets_a_bug(path: str, seed: int) -> None:
    rng = Random(seed)

    async def act(venue: Venue, trader: Trader) -> None:
        socket = await venue.socket(path)
        try:
            for _ in range(25):
                await socket.send_message(json.dumps(value(rng)))
            await trio.sleep(1)
        except ConnectionClosed:
            return  # the channel's right

    play(act)
