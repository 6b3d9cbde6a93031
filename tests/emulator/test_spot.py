"""The emulator's spot prices: one path a symbol, the same for every reader, in frames with the keys of real ones."""

from __future__ import annotations

import json
import math
import statistics
from itertools import pairwise

import pytest
import trio
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from adapters.emulator.audience import Audience
from adapters.emulator.spot_prices import CRYPTO, HISTORY, USD, SpotPrices
from tests.adapters.polymarket.captured import messages
from tests.depth import examples
from tests.emulator.harness import START, open_venue
from tests.emulator.spot_sockets import BTC, bolt, rtds, say, seconds_of, shape, topic
from tests.emulator.test_shapes import sample

FEW = ("btc", "doge", "aapl")


def prices(seed: int = 5, symbols: tuple[str, ...] = (*CRYPTO, *FEW)) -> SpotPrices:
    return SpotPrices(seed, lambda: START, symbols)


@settings(max_examples=examples(30))
@given(
    reads=st.lists(
        st.tuples(st.sampled_from(FEW), st.integers(-2000, 3000), st.sampled_from(["price", "last", "twap"])),
        max_size=30,
    )
)
def test_reading_never_changes_a_path(reads: list[tuple[str, int, str]]) -> None:
    disturbed, plain = prices(symbols=FEW), prices(symbols=FEW)
    for symbol, at, how in reads:
        more = (60,) if how == "twap" else ()
        getattr(disturbed, how)(symbol, START + at, *more)
    for symbol in FEW:
        assert [disturbed.price(symbol, START + at) for at in range(-50, 50)] == [
            plain.price(symbol, START + at) for at in range(-50, 50)
        ]


def test_a_seed_and_a_symbol_make_a_path() -> None:
    assert prices(1).price("btc", START + 99) == prices(1).price("btc", START + 99)
    assert prices(1).price("btc", START + 99) != prices(2).price("btc", START + 99)
    relative = [prices().price(symbol, START) / CRYPTO[symbol].start for symbol in CRYPTO]
    assert len(set(relative)) == len(CRYPTO), "no two symbols move alike"


def test_a_price_holds_for_its_second() -> None:
    spot = prices()
    assert spot.price("eth", START + 7) == spot.price("eth", START + 7.999) != spot.price("eth", START + 8)


def test_there_are_fifteen_minutes_of_history_and_an_hour_of_future_at_most() -> None:
    spot = prices()
    assert spot.price("btc", START - 900) != spot.price("btc", START - 901)
    assert HISTORY >= 900 + 60, "a TWAP at the far end needs its own window"
    assert spot.price("btc", START - 10**6) == spot.price("btc", START - HISTORY)
    assert spot.price("btc", START + 10**9) == spot.price("btc", START + 3600)


def test_the_twap_is_the_mean_of_the_window_that_ends_with_its_second() -> None:
    spot = prices()
    window = [spot.price("sol", START + second) for second in range(41, 101)]
    assert abs(spot.twap("sol", START + 100.9, 60) * 60 - sum(window)) <= 30, "rounded to the nearest unit"
    assert spot.twap("sol", START + 100, 1) == spot.price("sol", START + 100)


@pytest.mark.parametrize("symbol", sorted(CRYPTO))
def test_a_path_moves_like_its_asset_with_fat_tails(symbol: str) -> None:
    spot, seconds = SpotPrices(3, lambda: START, (symbol,)), range(-1000, 3600)
    path = [spot.price(symbol, START + second) for second in seconds]
    moves = [math.log(b / a) for a, b in pairwise(path)]
    sigma = statistics.stdev(moves)
    assert 0.5e-4 * 0.8 < sigma < 1.0e-4 * 1.2
    assert sum(abs(move) > 5 * sigma for move in moves) > 4600 * 1e-4, "a Gaussian has one in two million"
    basis = max(abs(spot.last(symbol, START + s) / spot.price(symbol, START + s) - 1) for s in range(600))
    assert 0 < basis < 3e-4, "a venue's last price stays near the index"
    assert all(spot.last(symbol, START + s) % (USD // 10 ** CRYPTO[symbol].decimals) == 0 for s in range(60))


@define(eq=False)
class Listener:
    heard: list[int] = field(factory=list)

    def publish(self, second: int) -> None:
        self.heard.append(second)


@pytest.mark.parametrize("pace", [0.9999, 1.0, 1.0001])
async def test_every_second_is_told_once_whatever_the_pace_of_the_wall_clock(
    pace: float, autojump_clock: MockClock
) -> None:
    audience, listener = Audience(lambda: START + trio.current_time() * pace), Listener()
    audience.join(listener)
    with trio.move_on_after(200):
        await audience.run()
    assert len(listener.heard) >= 199
    assert listener.heard == list(range(listener.heard[0], listener.heard[0] + len(listener.heard)))


@pytest.mark.parametrize("jump", [-1000.0, 1000.0])
async def test_a_wall_clock_that_jumps_stops_nothing(jump: float, autojump_clock: MockClock) -> None:
    audience = Audience(lambda: START + trio.current_time() + (jump if trio.current_time() > 9.7 else 0.0))
    listener = Listener()
    audience.join(listener)
    with trio.move_on_after(20):
        await audience.run()
    assert 19 <= len(listener.heard) <= 21
    assert abs(listener.heard[-1] - (START + jump + 20)) <= 1


async def test_rtds_frames_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    lines = [json.loads(line) for line in messages("rtds/jg_rtds_crypto_202604.jsonl")]
    mixed = messages("clob_ws_market/mf_replay_20260519.jsonl")
    lines += [frame for frame in map(json.loads, mixed) if "topic" in frame and frame["topic"] != "comments"]
    real = {(frame["topic"], frame["type"]): frame for frame in lines}
    async with open_venue() as venue:
        socket = await rtds(venue, topic("crypto_prices_chainlink", "btc/usd"), topic("equity_prices", "aapl"))
        ours = {(frame["topic"], frame["type"]): frame for frame in await seconds_of(socket, 1.0)}
    assert ours.keys() == real.keys()
    assert {kind: shape(ours[kind]) for kind in ours} == {kind: shape(real[kind]) for kind in ours}


async def test_rtds_frames_have_the_keys_of_the_constructed_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await rtds(venue, topic("crypto_prices", "btcusdt"), topic("equity_prices"))
        frames = await seconds_of(socket, 1.0)
    snapshot = next(frame for frame in frames if frame["type"] == "subscribe")
    equity = next(frame for frame in frames if frame["topic"] == "equity_prices")
    assert shape(snapshot) == shape(sample("rtds/nt_rtds_crypto_prices_subscribe.json"))
    equity.pop("connection_id")  # the constructed sample lacks it, recorded ones have it
    assert shape(equity) == shape(sample("rtds/nt_rtds_equity_prices_update.json"))


async def test_polybolt_frames_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    bad_op, pong, subscribed, snapshot = sample("rtds/polybolt_price_crypto_202609.json")
    async with open_venue() as venue:
        socket = await bolt(venue, await venue.trader())
        assert await say(socket, op="ping", rid="ping") == pong | {"rid": "r"}
        assert shape(await say(socket, op="subscribe", **BTC)) == shape(subscribed)
        ours = json.loads(await socket.get_message())
        # The sample was cut; the official client drops a frame without these two.
        assert [ours["payload"].pop(key) for key in ("symbol", "source")] == ["btcusd", "chainlink"]
        assert shape(ours) == shape(snapshot)
        await socket.send_message("{}")
        assert json.loads(await socket.get_message()) == bad_op
