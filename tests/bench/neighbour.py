"""What a crash loop in one market adds to the decisions of the others (I6): slices with and without it, in turns, in one run.

The whole bot as `run` wires it, over the real adapters and sockets, against an exchange in a process of its own; only the
channel's link and the board are watched from outside. A *decision* is measured from the return of the socket read that
brought a market's frame to its quoter's new targets on the board. The quotes lie far from the market and follow every move
of the mid, so that targets change because of frames alone. How late a plain timer of the same loop fires is printed beside it:
what a crash delays before the socket is read shows there.

Run: python -m tests.bench.neighbour [--slices N] [--seconds S] [--rate CRASHES]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Hashable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from random import Random

import trio
from attrs import define, evolve, field, frozen
from loguru import logger

from actors.messages import BookSnapshot, LevelChange, MarketEvent
from actors.model.book import Book
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, Price
from actors.model.plan import yes_terms
from actors.model.quote import Quote, Targets
from actors.model.settings import MarketSettings, RestartSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring.demo import demo_ports
from actors.wiring.opening import Venue
from actors.wiring.places import Places
from actors.wiring.root import Root
from actors.wiring.venue import Ports, find_markets
from tests.bench.links import SeenChannel
from tests.process.venue import Exchange, exchange
from tests.wiring.sources import unheard, unread

SLICES, SECONDS, RATE = 16, 6.0, 10.0
WANTED_MS = 10.0
DRILLED = "demo-cup"
OTHERS = (
    *("demo-election", "demo-rates", "demo-bitcoin", "demo-oscar", "busy-coin", "busy-halves"),
    *("busy-league-lions", "busy-league-bears", "busy-league-wolves", "busy-league-team-d"),
    *("busy-quarters", "busy-longshot"),
)
ACTORS = ("feed", "quoter", "tracker")
_WARM_UP, _HEALS = 6.0, 1.5  # s
_TICK = 0.005

_FAR = SimpleParameters(half_spread=Price(PRICE_ONE // 10), skew_max=Price(0), requote=Price(1))
_LIFTED = RestartSettings(crashes=100_000, window=0.5, backoff=0.02, backoff_cap=0.05)


@define(eq=False)
class Slice:
    """Seconds that decisions took and that timers were late, with the crash loop or without it."""

    decisions: list[float] = field(factory=list)
    lags: list[float] = field(factory=list)


@define(eq=False)
class WatchedBoard(Board):
    """Notes how long ago the frame behind each market's newest book was read when the targets that it led to appear."""

    read_at: dict[Hashable, float] = field(factory=dict)
    now: Slice = field(factory=Slice)
    _since: dict[Hashable, float] = field(factory=dict)
    _mids: dict[Hashable, int | None] = field(factory=dict)
    _quotes: dict[Hashable, tuple[Quote, ...]] = field(factory=dict)

    def saw(self, events: Sequence[MarketEvent], slugs: Mapping[str, str]) -> None:
        """A read has returned with these; `slugs` by token."""
        now = time.perf_counter()
        for event in events:
            if isinstance(event, BookSnapshot | LevelChange):
                self.read_at[slugs[event.token]] = now

    def put(self, state: object, about: Hashable = None) -> None:
        super().put(state, about)
        if about == DRILLED:
            return
        if isinstance(state, Book):
            self._booked(state, about)
        elif isinstance(state, Targets) and self._quotes.get(about) != state.quotes:
            self._quotes[about] = state.quotes
            if about in self._since:
                self.now.decisions.append(time.perf_counter() - self._since.pop(about))

    def _booked(self, book: Book, about: Hashable) -> None:
        """Only a frame that moved the mid of other people's orders must move quotes, where there are any."""
        read_at, mid = self.read_at.pop(about, None), book.mid
        if mid == self._mids.get(about):
            return
        self._mids[about] = mid
        self._since.pop(about, None)
        ours = {yes_terms(q.outcome, q.side, q.price)[1] for q in self._quotes.get(about, ())}
        if ours and read_at is not None and mid is not None and not ours & {book.yes.best_bid, book.yes.best_ask}:
            self._since[about] = read_at


@frozen
class Result:
    """Both sides, and how many crashes there were."""

    crashing: Slice
    calm: Slice
    crashes: int

    def added_ms(self) -> float:
        """Of the decisions' p99."""
        return (_p99(self.crashing.decisions) - _p99(self.calm.decisions)) * 1000


async def measure(venue: Exchange, state: Path, slices: int, seconds: float, rate: float) -> Result:
    """One bot, stopped in an orderly way at the end."""
    board = WatchedBoard()
    stop = Stop(board)
    places = Places(state, state / "s", state / "journal.db", state / "ledger", state / "log", state / "trail")
    addresses = Venue(venue.clob_url, venue.banner["market_ws_url"], venue.banner["user_ws_url"])
    async with demo_ports(addresses, places, lambda _: None) as ports, trio.open_nursery() as nursery:
        markets = await find_markets(ports.public, (DRILLED, *OTHERS))
        slugs = {token: market.slug for market in markets for token in market.tokens}
        watched = evolve(
            ports, market_channel=SeenChannel(ports.market_channel, lambda events: board.saw(events, slugs))
        )
        root = _root(watched, markets, places)
        nursery.start_soon(root.run, board, stop)
        result = await _in_turns(board, places.socket, slices, seconds, rate)
        stop.ask("the bench is over")
    return result


def _root(ports: Ports, markets: tuple[Market, ...], places: Places) -> Root:
    names = tuple(MarketSettings(market.slug) for market in markets)
    settings = Settings(names, strategy=StrategySettings("simple", _FAR), restarts=_LIFTED)
    return Root(
        settings, ports, markets, places, Random, duration=None, details={}, sources=unread(settings), set_level=unheard
    )


async def _in_turns(board: WatchedBoard, socket: Path, slices: int, seconds: float, rate: float) -> Result:
    """Calm first. Between two slices what the last one's crashes have left behind heals, and is not counted."""
    sides, crashes = {False: Slice(), True: Slice()}, 0
    await trio.sleep(_WARM_UP)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_note_lags, board)
        for number in range(slices):
            board.now = Slice()
            await trio.sleep(_HEALS)
            board.now = sides[number % 2 == 1]
            if number % 2 == 1:
                crashes += await _crash(socket, seconds, rate)
            else:
                await trio.sleep(seconds)
        board.now = Slice()  # what the shutdown decides counts for neither side
        nursery.cancel_scope.cancel()
    return Result(sides[True], sides[False], crashes)


async def _crash(socket: Path, seconds: float, rate: float) -> int:
    """So many crashes a second of one market's actors in turn, asked for as a person would, through the control socket."""
    begun, count = trio.current_time(), 0
    async with await trio.open_unix_socket(str(socket)) as link:
        for actor in cycle(ACTORS):
            if trio.current_time() - begun >= seconds:
                break
            command = {"v": 1, "command": "drill", "args": {"market": DRILLED, "actor": actor}}
            await link.send_all(json.dumps(command).encode() + b"\n")
            await link.receive_some()
            count += 1
            await trio.sleep_until(begun + count / rate)
    return count


async def _note_lags(board: WatchedBoard) -> None:
    """How late a timer fires, again and again."""
    while True:
        wanted = trio.current_time() + _TICK
        await trio.sleep_until(wanted)
        board.now.lags.append(trio.current_time() - wanted)


# ── printing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _p99(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[98]


def _spread(seconds: Sequence[float]) -> str:
    """Milliseconds: p50, p99, max."""
    return f"{statistics.median(seconds) * 1000:.2f} / {_p99(seconds) * 1000:.2f} / {max(seconds) * 1000:.2f}"


def report(result: Result, seconds: float) -> None:
    print(f"  {'ms: p50 / p99 / max':<44}{'with the loop':>24}{'without':>24}")
    for title, name in (
        ("frame read to targets, other markets", "decisions"),
        ("a timer of the same loop late by", "lags"),
    ):
        sides = [getattr(side, name) for side in (result.crashing, result.calm)]
        print(f"  {title:<44}{_spread(sides[0]):>24}{_spread(sides[1]):>24}")
    counts = f"{len(result.crashing.decisions)} and {len(result.calm.decisions)} decisions"
    print(f"  {counts}, {result.crashes} crashes of {DRILLED} in {seconds:g} s")
    print(f"  added to the p99 of a decision: {result.added_ms():+.2f} ms (wanted: at most {WANTED_MS:g})")


def bench(slices: int, seconds: float, rate: float) -> Result:
    """Measure and print."""
    logger.remove()
    print(
        f"a crash loop next door: {rate:g} crashes a second of {DRILLED} in every other of {slices} slices of {seconds:g} s"
    )
    with tempfile.TemporaryDirectory(prefix="pa") as home, exchange(Path(home), seed=1, flow="busy") as venue:
        result = trio.run(measure, venue, Path(home), slices, seconds, rate)
    report(result, seconds * (slices // 2))
    return result


def main() -> None:
    bench(SLICES, SECONDS, RATE)


def _from_command_line() -> None:
    parser = argparse.ArgumentParser(description="What a crash loop in one market adds to the others' decisions.")
    parser.add_argument("--slices", type=int, default=SLICES)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a slice")
    parser.add_argument("--rate", type=float, default=RATE, help="crashes a second")
    options = parser.parse_args()
    result = bench(options.slices, options.seconds, options.rate)
    sys.exit(result.added_ms() > WANTED_MS)


if __name__ == "__main__":
    _from_command_line()
