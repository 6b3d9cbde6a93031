"""Whatever a logged-in client asks for, in whatever types, digits and letters, the exchange answers and meets no bug."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import trio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock
from trio_websocket import ConnectionClosed

from adapters.emulator.accounts import FUNDED
from adapters.emulator.http import Request
from tests.emulator.harness import Trader, Venue
from tests.emulator.hostile import UPGRADE, ask, frame, guarded_venue, send_and_leave

SLOWLY = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example is a venue of its own: shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

TOKEN, CONDITION, FIELD = "a token", "a condition", "a field"  # replaced by real ones
TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1", "9" * 11, "9" * 15, "9" * 5000, "1e400", "nan", "-inf", "٣", "²", "\ud800", "\0"]
    ),
    st.sampled_from(["null", "{}", "[]", "true", "LTU=", "LTE=", "MV8w", "MA==", "%%%", "a,b", "a" * 100]),
    st.sampled_from(["2026-11-20", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"]),
    st.sampled_from([TOKEN, CONDITION, FIELD, FUNDED[0].address, "0x" + "ab" * 20, "0x" + "zz" * 20, "0x" + "ab" * 32]),
    st.sampled_from(["BUY", "SELL", "DESC", "OPEN", "CLOSED", "TRADE", "max", "1h", "PROXY", "SAFE", "COLLATERAL"]),
    st.text(max_size=5),
)
QUERY = [
    "token_id",
    "side",
    "market",
    "asset_id",
    "id",
    "maker_address",
    "before",
    "after",
    "next_cursor",
    "asset_type",
    "signature_type",
    "order_id",
    "date",
    "startTs",
    "endTs",
    "interval",
    "fidelity",
    "limit",
    "offset",
    "order",
    "ascending",
    "after_cursor",
    "closed",
    "active",
    "slug",
    "condition_ids",
    "tag_id",
    "clob_token_ids",
    "q",
    "limit_per_type",
    "page",
    "page_size",
    "events_status",
    "user",
    "filter_amount",
    "filter_type",
    "status",
    "type",
    "cursor",
    "condition_id",
    "address",
    "builder_code",
    "ids",
    "order_by",
    "position",
    "min_spread",
    "max_price",
    "min_volume_24hr",
    "volume_num_min",
    "liquidity_num_max",
    "start_date_min",
    "end_date_max",
    "exclude_events",
    "series_id",
    "no_competition",
    "event_id",
]
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
NUMBERS = st.sampled_from([0, -1, 5, 2**53, 2**256, 10**400, 1.5, 1e300, float("inf"), float("nan")])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)),
    max_leaves=8,
)
ORDERS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=2)  # laid over a right order
BODIES = st.one_of(
    JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([b"", b"{", b"\xff", b"1" * 6000, b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900]),
)
CALLS = st.tuples(
    st.floats(0, 1, exclude_max=True),  # which route
    st.dictionaries(st.sampled_from(QUERY), TEXTS, max_size=4),
    BODIES,
    ORDERS,
    TEXTS,
)


def play(act: Callable[[Venue, Trader], Awaitable[None]], **options: Any) -> None:  # noqa: ANN401 - as `build`
    async def main() -> None:
        async with guarded_venue(**options) as venue:
            await act(venue, await venue.trader())

    trio.run(main, clock=MockClock(autojump_threshold=0))


@SLOWLY
@given(st.lists(CALLS, min_size=25, max_size=40))
def test_no_request_of_a_logged_in_client_meets_a_bug(calls: list[Any]) -> None:
    async def act(venue: Venue, trader: Trader) -> None:
        await trade(venue, trader)
        for where, query, body, order, text in calls:
            service, method, path = places(venue)[int(where * len(places(venue)))]
            path = path[:-1] + real(venue, text) if path.endswith("*") else path
            if path in ("/order", "/orders") and method == "POST":
                listing = venue.listings[0]
                right = trader.order(listing, listing.market.yes, "BUY", "0.4", "10")
                right["order"].update(order)
                body = json.dumps(right if path == "/order" else [right, order]).encode()
            asked = {key: real(venue, value) for key, value in query.items()}
            response = await ask(trader, service, Request(method, path, asked, {}, body, tuple(asked.items())))
            assert response is not None
            assert response.status < 500, (service, method, path, asked, body)

    play(act)


async def trade(venue: Venue, trader: Trader) -> None:
    """Something to list: a trade with another client, and orders that rest."""
    other, listing = await venue.trader(1), venue.listings[0]
    await trader.place(listing, listing.market.yes, "BUY", "0.5", "20")
    await other.place(listing, listing.market.no, "BUY", "0.5", "10")


def places(venue: Venue) -> list[tuple[str, str, str]]:
    """Every route of every service, but for the end of the key that asks."""
    return [
        (name, method, path)
        for name, rest in venue.emulator.services.items()
        for method, path in (*rest.open, *rest.private)
        if (method, path) != ("DELETE", "/auth/api-key")
    ]


def real(venue: Venue, text: str) -> str:
    """What a text of a target is when it arrives: percent-encoding carries no lone surrogates."""
    market, text = venue.listings[0].market, text.encode(errors="replace").decode()
    return {TOKEN: market.yes, CONDITION: market.condition_id, FIELD: "liquidityNum"}.get(text, text)


CALLDATA = st.one_of(
    st.binary(max_size=200).map(bytes.hex), st.sampled_from(["70a08231" + "ff" * 32, "00fdd58e", "c0" * 200])
)
PARAMS = st.one_of(
    JSON, CALLDATA.map(lambda data: "0x" + data), CALLDATA.map(lambda data: {"to": FUNDED[0].address, "data": data})
)


@SLOWLY
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.lists(PARAMS, max_size=3)), min_size=10, max_size=30))
def test_no_call_of_the_chain_meets_a_bug(calls: list[Any]) -> None:
    methods = [
        "eth_call",
        "eth_sendRawTransaction",
        "eth_estimateGas",
        "eth_getBlockByNumber",
        "eth_getTransactionCount",
    ]

    async def act(venue: Venue, trader: Trader) -> None:
        for which, params in calls:
            body = {"id": params[:1], "method": methods[int(which * len(methods))], "params": params}
            response = await ask(trader, "rpc", Request("POST", "/", {}, {}, json.dumps(body).encode()))
            assert response is not None
            assert response.status == 200

    play(act)


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
@given(st.sampled_from(["/ws/market", "/ws/user", "/ws", "/"]), st.lists(JSON, min_size=5, max_size=25))
def test_no_frame_of_a_client_meets_a_bug(path: str, words: list[Any]) -> None:
    async def act(venue: Venue, trader: Trader) -> None:
        socket = await venue.socket(path)
        try:
            for word in words:
                await socket.send_message(json.dumps(word))
            await trio.sleep(1)
        except ConnectionClosed:
            return  # the channel's right

    play(act)
