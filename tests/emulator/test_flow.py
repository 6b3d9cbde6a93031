"""The seeded flow: books that are full and uncrossed at every instant, the same life for the same seed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from actors.model.market import Outcome
from adapters.emulator.ledger import Ledger
from tests.emulator.harness import open_venue, virtual_wall
from tests.emulator.ledger_reader import Event, read_ledger


async def test_books_are_full_before_the_first_second(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True) as venue:
        for listing in venue.listings:
            bids, asks = listing.book.levels(Outcome.YES)
            assert min(len(bids), len(asks)) >= 3


@pytest.mark.slow
async def test_books_stay_full_uncrossed_and_tight_for_a_quarter_of_an_hour(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True) as venue:
        spreads = []
        for _ in range(150):
            await trio.sleep(6)
            for listing in venue.listings:
                bid, ask = listing.book.best(Outcome.YES)
                assert bid is not None
                assert ask is not None
                assert bid < ask
                spreads.append(ask - bid)
        assert 200 <= sorted(spreads)[len(spreads) // 2] <= 400
        assert max(spreads) <= 1_000


async def test_every_market_trades_every_few_seconds(tmp_path: Path, autojump_clock: MockClock) -> None:
    events = await life(tmp_path / "a", seed=5, seconds=300)
    trades = [event for event in events if event.kind == "trade"]
    per_market = {m: sum(t.line["market"] == m for t in trades) for m in {t.line["market"] for t in trades}}
    assert len(per_market) == 5
    assert all(50 <= count <= 200 for count in per_market.values())
    names = {leg["account"].split("/")[0] for t in trades for leg in (t.line["taker"], *t.line["makers"])}
    assert names >= {"flow-noise", "flow-informed", "flow-maker-0"}


def test_the_same_seed_lives_the_same_life_line_by_line(tmp_path: Path) -> None:
    first, second, other = (lived(tmp_path / name, seed) for name, seed in (("a", 5), ("b", 5), ("c", 6)))
    assert len(first) > 1_000
    assert first == second  # every time, price and size of it
    assert {line["kind"] for line in first} >= {"order", "cancel", "trade", "settle"}
    assert all(line not in other for line in first if line["kind"] == "trade")


def lived(path: Path, seed: int) -> list[dict[str, Any]]:
    """A minute's ledger, from a clock of its own that begins at 0: times are told in floats."""
    with_seed = partial(life, path, seed=seed, seconds=60)
    return [event.line for event in trio.run(with_seed, clock=MockClock(autojump_threshold=0))]


async def life(path: Path, *, seed: int, seconds: float) -> list[Event]:
    async with open_venue(flow=True, seed=seed, ledger=Ledger.to(path, virtual_wall())):
        await trio.sleep(seconds)
    return read_ledger(path)
