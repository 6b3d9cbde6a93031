"""RTDS at the emulator: topics with and without a filter, history, a price a second, and its complaints."""

from __future__ import annotations

import json

import pytest
from trio.testing import MockClock

from adapters.emulator.spot_prices import CRYPTO, USD
from tests.emulator.harness import open_venue
from tests.emulator.spot_sockets import ask, rtds, seconds_of, topic


async def test_a_filtered_topic_brings_a_minute_of_history_then_a_price_a_second(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        spot = venue.emulator.rtds.prices
        socket = await rtds(venue, topic("crypto_prices_chainlink", "btc/usd"))
        snapshot, *updates = await seconds_of(socket, 5.5)
        assert (snapshot["type"], len(snapshot["payload"]["data"])) == ("subscribe", 60)
        stamps = [point["timestamp"] for point in snapshot["payload"]["data"]]
        stamps += [update["payload"]["timestamp"] for update in updates]
        assert stamps == list(range(stamps[0], stamps[0] + 1000 * len(stamps), 1000)), "no second twice, none left out"
        assert len(updates) == 6, "0.15 s after each second, the first among them"
        for update in updates:
            price = spot.price("btc", update["payload"]["timestamp"] / 1000)
            assert int(update["payload"]["full_accuracy_value"]) == price * 10**10
            assert update["payload"]["value"] == price / USD
            assert 0 < update["timestamp"] - update["payload"]["timestamp"] < 1000


async def test_a_topic_without_a_filter_brings_every_symbol(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        for name, symbols in {
            "crypto_prices": {f"{asset}usdt" for asset in CRYPTO},
            "crypto_prices_chainlink": {f"{asset}/usd" for asset in CRYPTO},
            "crypto_prices_twap_thirty": {f"{asset}/usd" for asset in CRYPTO},
            "equity_prices": {"aapl", "nvda", "tsla"},
        }.items():
            frames = await seconds_of(await rtds(venue, topic(name)), 1.0)
            assert {frame["payload"]["symbol"] for frame in frames} == symbols
            assert {(frame["topic"], frame["type"]) for frame in frames} == {(name, "update")}


@pytest.mark.parametrize(("name", "window"), [("crypto_prices_twap_thirty", 30), ("crypto_prices_twap_sixty", 60)])
async def test_a_twap_topic_publishes_the_twap(name: str, window: int, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        _, update = await seconds_of(await rtds(venue, topic(name, "eth/usd")), 1.0)
        twap = venue.emulator.rtds.prices.twap("eth", update["payload"]["timestamp"] / 1000, window)
        assert update["payload"]["window_s"] == window
        assert update["payload"]["full_accuracy_value"] == str(twap * 10**10)


async def test_an_ended_subscription_falls_silent_and_a_doubled_one_speaks_once(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        both = (topic("crypto_prices", "btcusdt"), topic("crypto_prices"))
        socket = await rtds(venue, *both)
        frames = await seconds_of(socket, 1.0)
        assert sum(f["type"] == "update" and f["payload"]["symbol"] == "btcusdt" for f in frames) == 1
        await ask(socket, *both, action="unsubscribe")
        await socket.send_message("PING")
        assert await socket.get_message() == "PONG"
        assert await seconds_of(socket, 3.0) == []


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "[]",
        '{"action":"subscribe"}',
        '{"action":"subscribe","subscriptions":[]}',
        '{"action":"buy","subscriptions":[{"topic":"crypto_prices","type":"update"}]}',
        '{"action":"subscribe","subscriptions":[{"topic":"weather","type":"update"}]}',
        '{"action":"subscribe","subscriptions":[{"topic":"crypto_prices","type":"update","filters":"btcusdt,ethusdt"}]}',
        '{"action":"subscribe","subscriptions":[{"topic":"crypto_prices","type":"update","filters":{"symbol":1}}]}',
        "[" * 10_000,
    ],
)
async def test_rtds_answers_nonsense_with_its_gateway_s_complaint(text: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await venue.socket("/")
        await socket.send_message(text)
        assert json.loads(await socket.get_message())["message"] == "Invalid request body"
        assert await seconds_of(socket, 2.0) == []
