"""The up/down series: windows on the wall clock's grid that roll by themselves and resolve on the TWAP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define
from trio.testing import MockClock

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE
from adapters.emulator.crypto_series import RESOLVED_AFTER, UpDown
from adapters.emulator.emulator import build
from adapters.emulator.fair_value import probability
from adapters.emulator.flow import Flow
from adapters.emulator.ledger import Ledger
from adapters.emulator.lifecycle import NO_WINS, YES_WINS
from adapters.emulator.listings import Listing
from adapters.emulator.spot_prices import SpotPrices
from adapters.emulator.terms import CryptoTerms, Phase
from tests.emulator.harness import START, Venue, virtual_wall
from tests.emulator.ledger_reader import read_ledger

FIVE = int(START // 300 * 300)
SYMBOLS = ("btc", "eth", "sol", "xrp")


def window(venue: Venue, slug: str) -> Listing:
    return venue.emulator.exchange.listings.by_slug[slug]


@asynccontextmanager
async def venue_at(offset: float, **options: Any) -> AsyncIterator[Venue]:  # noqa: ANN401 - as `build`
    """An exchange with the series, opened `offset` seconds into the window that begins at START."""
    began = trio.current_time()
    emulator = build(7, wall=lambda: START + offset + trio.current_time() - began, flow="crypto", **options)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(emulator.run)
        yield Venue(emulator, nursery, emulator.exchange.wall)
        nursery.cancel_scope.cancel()
    emulator.exchange.ledger.close()


async def test_the_running_and_the_next_window_of_every_series_are_listed(autojump_clock: MockClock) -> None:
    async with venue_at(30.0) as venue:
        fifteen = int(START // 900 * 900)
        for symbol in SYMBOLS:
            for minutes, start in ((5, FIVE), (5, FIVE + 300), (15, fifteen), (15, fifteen + 900)):
                listing = window(venue, f"{symbol}-updown-{minutes}m-{start}")
                assert listing.terms.labels == ("Up", "Down")
                assert listing.terms.event is not None
                assert listing.terms.event.slug == listing.market.slug
                assert listing.terms.event.series == f"{symbol}-up-or-down-{minutes}m"
                assert listing.terms.crypto == CryptoTerms(symbol, minutes * 60, float(start))
                assert listing.terms.delay == 0.25
                assert listing.market.fees.rate == 700
                assert listing.market.ends_at == start + minutes * 60
                bids, asks = listing.book.levels(Outcome.YES)
                assert bids or asks


async def test_a_window_closes_at_its_end_and_resolves_a_minute_later_on_the_twap(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = tmp_path / "ledger"
    async with venue_at(270.0, ledger=Ledger.to(path, virtual_wall())) as venue:
        first = [window(venue, f"{symbol}-updown-5m-{FIVE}") for symbol in SYMBOLS]
        await trio.sleep(29.5)
        assert all(one.accepting for one in first)
        await trio.sleep(1.0)
        assert {one.phase for one in first} == {Phase.CLOSED}
        assert f"btc-updown-5m-{FIVE + 600}" in [one.market.slug for one in venue.listings]
        await trio.sleep(RESOLVED_AFTER)
        spot = SpotPrices(7, lambda: START + 270.0)  # the same seed and start: the same prices
        for one, symbol in zip(first, SYMBOLS, strict=True):
            up = spot.twap(symbol, FIVE + 300, 60) >= spot.twap(symbol, FIVE, 60)
            assert one.payouts == (YES_WINS if up else NO_WINS)
            assert one.phase is Phase.RESOLVED
            assert not one.book.orders
        flow = venue.emulator.flow
        assert isinstance(flow, Flow)
        trading = {crowd.listing.market.slug for crowd in flow.crowds}
        assert trading.isdisjoint({one.market.slug for one in first})
    trades = [event for event in read_ledger(path) if event.kind == "trade"]
    late = {one.market.condition_id for one in first}
    assert trades
    assert not [t for t in trades if t.line["market"] in late and t.t > START + 31]


async def test_the_book_follows_the_spot_price(autojump_clock: MockClock) -> None:
    async with venue_at(250.0) as venue:
        listing = window(venue, f"btc-updown-5m-{FIVE}")
        assert listing.terms.crypto is not None
        value = UpDown(SpotPrices(7, lambda: START + 250.0), venue.wall, listing.terms.crypto)
        await trio.sleep(20)
        misses = []
        for _ in range(10):
            await trio.sleep(1)
            bid, ask = listing.book.best(Outcome.YES)
            shown = (0 if bid is None else bid) / 2 + (PRICE_ONE if ask is None else ask) / 2
            misses.append(abs(shown - probability(value.at(0.0, 1.0)) * PRICE_ONE))
        assert sorted(misses)[5] < 700


@define
class FixedPrices:
    """Prices as a function of the second, all TWAPs exact."""

    of: Callable[[float], int]

    def price(self, symbol: str, at: float) -> int:
        return self.of(at)

    def twap(self, symbol: str, at: float, seconds: int) -> int:
        return round(sum(self.of(at - back) for back in range(seconds)) / seconds)


@pytest.mark.parametrize(("drift", "up"), [(0, True), (1_000_000, True), (-1_000_000, False)])
async def test_a_tie_is_up(drift: int, up: bool) -> None:
    prices = FixedPrices(lambda at: 65_000 * 10**8 + int(drift * max(at - START, 0)))
    value = UpDown(prices, lambda: START + 400, CryptoTerms("btc", 300, START))  # type: ignore[arg-type]
    assert value.is_up is up
    assert (probability(value.at(0.0)) > 0.5) is up


@pytest.mark.parametrize(
    ("spot", "known", "left", "expected"),
    [(65_050, 65_050, 300.0, 0.701895), (65_050, 64_990, 30.0, 0.984687), (64_980, 65_010, 15.0, 0.777701)],
)
async def test_the_chance_of_up_is_that_of_the_formula_sheet(
    spot: int, known: int, left: float, expected: float
) -> None:
    """strategies.md §6, with its sigma of 0.9e-4; strike 65,000."""
    end = START + 900.0
    now = end - left

    @define
    class Sheet:
        def price(self, symbol: str, at: float) -> int:
            return spot * 10**8

        def twap(self, symbol: str, at: float, seconds: int) -> int:
            return (65_000 if at == START else known) * 10**8

    value = UpDown(Sheet(), lambda: now, CryptoTerms("sol", 900, START))  # type: ignore[arg-type]
    assert probability(value.at(0.0)) == pytest.approx(expected, abs=1e-6)


async def test_before_its_start_a_window_is_even() -> None:
    value = UpDown(SpotPrices(1, lambda: START), lambda: START, CryptoTerms("btc", 300, START + 300))
    assert value.at(0.0) == 0.0
