"""An order to many markets is one line in the log, not one for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loguru import logger

from actors.model.trading import ALL, Order, Standing, Trading
from actors.shared.tidings import tell_changes

TEN = [f"m{n}" for n in range(10)]


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []
    logger.enable("actors")
    sink = logger.add(lambda line: lines.append(str(line).rstrip()), level="INFO", format="{message}")
    yield lines
    logger.remove(sink)


def paused(*markets: str, was: Trading = Trading.RUNNING) -> list[tuple[Standing, Standing]]:
    return [(Standing(name, was), Standing(name, Trading.PAUSED)) for name in markets]


def test_a_pause_of_all_markets_is_one_line(said: list[str]) -> None:
    tell_changes(paused(ALL, *TEN), Order.PAUSE, TEN)
    assert said == ["all markets: paused (was running), ordered: pause"]


def test_markets_that_stood_otherwise_before_are_told_apart(said: list[str]) -> None:
    tell_changes(paused("m0", "m1") + paused("m2", was=Trading.REDUCING), Order.PAUSE, TEN)
    assert said == ["m0, m1: paused (was running), ordered: pause", "m2: paused (was reducing), ordered: pause"]
    tell_changes(paused(*TEN[1:]), Order.PAUSE, TEN)
    assert said[2:] == ["9 markets: paused (was running), ordered: pause"]


def test_what_is_not_traded_and_the_end_of_the_run_stay_out_of_the_log(said: list[str]) -> None:
    tell_changes(paused("gone"), Order.PAUSE, TEN)
    tell_changes([(Standing("m0", Trading.RUNNING), Standing("m0", Trading.DRAINING))], Order.DRAIN, TEN)
    assert said == []
