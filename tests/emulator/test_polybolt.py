"""PolyBolt at the emulator: logins, acknowledgements, snapshots, numbered prices, and what a breach of its rules costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.polybolt import MOST_FRAMES_A_SECOND, MOST_LOGINS, MOST_SUBSCRIPTIONS
from adapters.emulator.spot_prices import USD
from tests.emulator.harness import frames_until_quiet, open_venue
from tests.emulator.spot_sockets import BTC, ERROR, bolt, breach, creds, item, say, seconds_of


async def test_reference_prices_need_a_login_and_say_so(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue)
        for channel in ("price.crypto", "price.crypto.twap", "price.equity", "price.equity.twap"):
            wanted = item(channel, symbol="btcusd", window_seconds=60)
            answer = await say(socket, op="subscribe", subscriptions=[wanted])
            assert answer == ERROR | {"code": "auth_required", "channel": channel}
        assert await seconds_of(socket, 2.0) == []


async def test_a_subscription_brings_two_minutes_then_a_price_a_second(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        spot, socket = venue.emulator.bolt.prices, await bolt(venue, await venue.trader())
        answer = await say(socket, op="subscribe", subscriptions=[BTC])
        assert answer == {"op": "subscribed", "channel": "price.crypto", "rid": "r"}
        snapshot, *updates = await seconds_of(socket, 4.5)
        assert snapshot["snapshot"] is True
        points = [*snapshot["payload"]["data"], *(update["payload"] for update in updates)]
        assert len(points) == 120 + 5
        first = points[0]["timestamp"]
        assert [point["timestamp"] for point in points] == [first + 1000 * n for n in range(125)]
        assert [frame["seq"] for frame in (snapshot, *updates)] == [1, 2, 3, 4, 5, 6]
        for point in points:
            price = spot.price("btc", point["timestamp"] / 1000)
            assert point["full_accuracy_value"] == f"{price // USD}.{price % USD:08d}"
            assert point["value"] == price / USD
        assert all("snapshot" not in update for update in updates)


async def test_every_channel_publishes_its_own_series(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        spot, socket = venue.emulator.bolt.prices, await bolt(venue, await venue.trader())
        wanted = [
            BTC,
            item("price.crypto.twap", symbol="btcusd", window_seconds=60),
            item("price.equity", symbol="aapl"),
            item("price.equity.twap", symbol="AAPL", window_seconds=60),
        ]
        await say(socket, op="subscribe", subscriptions=wanted)
        frames = [f for f in await seconds_of(socket, 1.0) if "payload" in f and "snapshot" not in f]
        by_channel = {frame["channel"]: frame["payload"] for frame in frames}
        at = by_channel["price.crypto"]["timestamp"] / 1000
        expected = {
            "price.crypto": ("chainlink", spot.price("btc", at)),
            "price.crypto.twap": ("chainlink", spot.twap("btc", at, 60)),
            "price.equity": ("pyth", spot.price("aapl", at) // 1000 * 1000),
            "price.equity.twap": ("pyth", spot.twap("aapl", at, 60)),
        }
        shown = {c: (p["source"], round(float(p["full_accuracy_value"]) * USD)) for c, p in by_channel.items()}
        assert shown == expected
        assert [by_channel[c].get("window_seconds") for c in sorted(by_channel)] == [None, 60, None, 60]


async def test_best_prices_are_public_and_told_when_they_move(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (listing, *_) = await venue.trader(), venue.listings
        socket, yes = await bolt(venue), listing.market.yes
        await say(socket, op="subscribe", subscriptions=[item("price.polymarket", asset_id=yes)])
        (snapshot,) = await seconds_of(socket, 3.0)
        assert (snapshot["payload"]["best_bid"], snapshot["payload"]["best_ask"]) == ("0", "1")
        await ann.place(listing, yes, "BUY", "0.45", "10")
        (update,) = await seconds_of(socket, 3.0)
        assert (update["payload"]["best_bid"], update["payload"]["asset_id"]) == ("0.45", yes)
        assert update["payload"]["market"] == listing.market.condition_id
        assert set(update["payload"]) == {"market", "asset_id", "best_bid", "best_ask", "hash", "timestamp"}
        await say(socket, op="subscribe", subscriptions=[item("price.polymarket", asset_id="12345")])
        (cold,) = await seconds_of(socket, 3.0)
        assert cold["payload"] == []


async def test_what_nobody_prices_is_accepted_and_empty(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        for wanted in (
            item("price.crypto", symbol="catusd"),
            item("price.crypto.twap", symbol="btcusd", window_seconds=30),
        ):
            assert (await say(socket, op="subscribe", subscriptions=[wanted]))["op"] == "subscribed"
            (snapshot,) = await seconds_of(socket, 2.0)
            assert snapshot["payload"]["data"] == []


async def test_a_repeated_subscription_is_acknowledged_without_a_snapshot_and_ends_once(
    autojump_clock: MockClock,
) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        await say(socket, op="subscribe", **BTC)  # the singular form
        await frames_until_quiet(socket)
        assert (await say(socket, op="subscribe", **BTC))["op"] == "subscribed"
        assert all("snapshot" not in frame for frame in await seconds_of(socket, 2.0))
        assert (await say(socket, op="unsubscribe", **BTC))["op"] == "unsubscribed"
        assert await seconds_of(socket, 3.0) == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (item("price.weather", symbol="btcusd"), "bad_channel"),
        ({"filter": {}}, "bad_channel"),
        ({"channel": "price.crypto"}, "bad_filter"),
        (item("price.crypto", symbol=7), "bad_filter"),
        (item("price.crypto", symbol=""), "bad_filter"),
        (item("price.crypto.twap", symbol="btcusd"), "bad_filter"),
        (item("price.crypto.twap", symbol="btcusd", window_seconds=0), "bad_filter"),
        (item("price.crypto.twap", symbol="btcusd", window_seconds=True), "bad_filter"),
        (item("price.polymarket", asset_id="0x12"), "bad_filter"),
        (item("price.polymarket", symbol="btcusd"), "bad_filter"),
    ],
)
async def test_a_bad_item_is_refused_and_its_neighbour_is_not(
    wanted: dict[str, Any], code: str, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        assert (await say(socket, op="subscribe", subscriptions=[wanted, BTC]))["code"] == code
        assert json.loads(await socket.get_message())["op"] == "subscribed"


@pytest.mark.parametrize(
    "text", ["hello", "[]", "{}", '{"op":"dance"}', '{"op":"subscribe"}', '{"op":"auth","auth":{}}', "[" * 10_000]
)
async def test_a_malformed_request_is_a_bad_op(text: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await venue.socket("/ws")
        await socket.send_message(text)
        assert json.loads(await socket.get_message()) == {"op": "error", "code": "bad_op"}
        assert await say(socket, op="ping") == {"op": "pong", "rid": "r"}
        await socket.send_message("PING")
        assert await socket.get_message() == "PONG"


async def test_the_65th_subscription_costs_the_connection(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        many = [item("price.crypto", symbol=f"x{number}usd") for number in range(MOST_SUBSCRIPTIONS)]
        await say(socket, op="subscribe", subscriptions=many)
        assert all("code" not in frame for frame in await frames_until_quiet(socket))
        await socket.send_message(json.dumps({"op": "subscribe", **BTC}))
        assert await breach(socket) == "sub_limit"


async def test_too_many_requests_a_second_cost_the_connection(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        for _ in range(3):  # twenty a second are fine for ever
            for _ in range(MOST_FRAMES_A_SECOND):
                assert (await say(socket, op="unsubscribe", **BTC))["op"] == "unsubscribed"
            await trio.sleep(1.01)
        for _ in range(MOST_FRAMES_A_SECOND + 1):
            await socket.send_message(json.dumps({"op": "unsubscribe", **BTC}))
        assert await breach(socket) == "rate_limited"


@pytest.mark.parametrize("part", ["apiKey", "secret", "passphrase"])
async def test_wrong_credentials_are_refused_and_cost_the_connection(part: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, socket = await venue.trader(), await bolt(venue)
        await socket.send_message(json.dumps({"op": "auth", "auth": creds(ann) | {part: "wrong"}}))
        assert await breach(socket) == "auth_invalid"


async def test_the_ninth_login_costs_the_connection(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, socket = await venue.trader(), await bolt(venue)
        for _ in range(MOST_LOGINS):
            assert (await say(socket, op="auth", auth=creds(ann)))["op"] == "authed"
        await socket.send_message(json.dumps({"op": "auth", "auth": creds(ann)}))
        assert await breach(socket) == "auth_attempts"


async def test_an_unheard_spot_socket_keeps_no_timer(autojump_clock: MockClock) -> None:
    """Virtual time may then jump far: nobody is woken for a year."""
    async with open_venue() as venue:
        for path in ("/", "/ws"):
            socket = await venue.socket(path)
            await trio.sleep(3)
            await socket.aclose()
        await trio.sleep(1)
        before = trio.lowlevel.current_statistics().seconds_to_next_deadline
        assert before > 1.0
