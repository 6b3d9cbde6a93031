"""A simulated window's spot prices are told as the venue tells them: its strike is known from the first second on."""

from __future__ import annotations

import pytest
import trio

from actors.model.series import window_of
from actors.model.stream import Stream
from actors.pricing.race import settled_at
from adapters.simulated.family import FAMILIES
from adapters.simulated.links import SpotFeed
from adapters.simulated.listing import START, SYMBOL, listing
from adapters.simulated.path import path
from adapters.simulated.timer import Timer
from adapters.simulated.truth import AVERAGED
from tests.simulated.timed import timed


async def heard(seconds: float, feed: SpotFeed) -> Stream:
    """What a listener has after so many seconds."""
    stream = Stream(SYMBOL)
    with trio.move_on_after(seconds):
        while True:
            for price in await feed.read():
                stream = stream.after(price)
    return stream


def test_the_strike_is_the_mean_of_the_minute_before_and_of_the_first_second() -> None:
    life = path(FAMILIES["crypto"], 3)
    stream = timed(lambda timer: heard(2.0, SpotFeed(SYMBOL, life.past, life.spot, int(START * 1000), timer)))
    window, terms = window_of(listing(life.family).slug), listing(life.family)
    assert window is not None
    assert terms.averaging == AVERAGED
    mean = (sum(life.past[1:]) + life.spot[0]) / AVERAGED
    assert settled_at(stream, window.starts_at, terms.averaging) == pytest.approx(mean * 1e8, rel=1e-9)


def test_every_price_is_told_once_and_no_sooner_than_the_relay_lets_it() -> None:
    async def main(timer: Timer) -> list[tuple[float, int, int]]:
        feed = SpotFeed(SYMBOL, (7.0, 8.0, 9.0), (10.0, 11.0), 0, timer)
        told = list[tuple[float, int, int]]()
        for _ in range(5):
            batch = await feed.read()
            told += [(trio.current_time(), price.at_ms // 1000, price.price // 10**8) for price in batch]
        return told

    assert timed(main) == [(0.0, -3, 7), (0.0, -2, 8), (pytest.approx(0.3), -1, 9), (1.3, 0, 10), (2.3, 1, 11)]


def test_a_market_without_a_window_has_no_averaging() -> None:
    assert listing(FAMILIES["calm"]).averaging is None
