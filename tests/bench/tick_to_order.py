"""Tick to order on loopback: from a market frame being written to the whole POST being in, side by side.

The whole bot (streams, feed, quoter, tracker, risk, budget, gateway, limiter, signing, journal, httpx) with its journal on
disk and in memory, and the floor: a blocking client that reads the same frame and sends a prebuilt POST of the same bytes.
Both instants are taken in the venue's process. Between two frames everything rests for 60 ms and more, so the code is as
cold as on a quiet market. The journal lies in the temporary directory: TMPDIR chooses the disk.

Run: python -m tests.bench.tick_to_order
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import trio
from attrs import define, field, frozen
from loguru import logger

from adapters.simulated.memory import PathJournal
from adapters.sqlite import SqliteJournal
from tests.bench.bare_venue import Cycles, Sample, Timed, serve
from tests.bench.bare_wire import Gone, Wire, framed
from tests.bench.bench_bot import running
from tests.bench.marks import Marks

ROUNDS, SAMPLES, WARM_UP = 3, 100, 10
_QUOTES = 2  # the strategy quotes both sides: two orders a frame, in one POST
_STAGES = ("frame to events", "events to signed intents", "intents durable", "durable to POST in")

Stages = tuple[int, ...]


@frozen
class Venue:
    """The venue's process: its port, and the line on which it is told to measure."""

    port: int
    control: Connection

    def measure(self, *, count: int, orders: int, cancels: bool) -> Timed:
        """Blocks until it is done. Raises what went wrong there."""
        self.control.send(Cycles(count, orders, cancels))
        timed = self.control.recv()
        if isinstance(timed, Exception):
            raise timed
        assert isinstance(timed, Timed)
        return timed


@define(eq=False)
class Series:
    """What was measured of one way to answer a frame."""

    name: str
    samples: list[Sample] = field(factory=list)
    stages: list[Stages] = field(factory=list)

    def first(self) -> list[float]:
        """Microseconds to the first order."""
        return [(sample.orders[0] - sample.written) / 1000 for sample in self.samples]

    def last(self) -> list[float]:
        """Microseconds to the last order of the frame."""
        return [(sample.orders[-1] - sample.written) / 1000 for sample in self.samples]


@contextmanager
def venue_process() -> Iterator[Venue]:
    """A bare venue in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Venue(ours.recv(), ours)
        ours.send(None)
        process.join(5)
    finally:
        process.kill()


async def measure_bot(venue: Venue, series: Series, *, on_disk: bool) -> bytes:
    """One round with a fresh bot; the bytes of one of its POSTs."""
    marks = Marks()
    with tempfile.TemporaryDirectory(prefix="tick") as state:
        journal = await SqliteJournal.open(Path(state) / "journal.db") if on_disk else PathJournal()
        async with running(venue.port, journal, Path(state), marks):
            for count, kept in ((WARM_UP, False), (SAMPLES, True)):
                timed = await trio.to_thread.run_sync(
                    lambda count=count: venue.measure(count=count, orders=_QUOTES, cancels=True)  # type: ignore[misc]
                )
                if kept:
                    series.samples += timed.samples
                    series.stages += [stages for sample in timed.samples if (stages := marks.stages(sample))]
        await journal.close()
    return timed.post


def measure_floor(venue: Venue, series: Series, post: bytes) -> None:
    """One round with the blocking client in a thread: nothing else runs here, so nobody takes the interpreter from it."""
    feed, orders = Wire.to(venue.port), Wire.to(venue.port)
    feed.join("/ws/market")
    feed.send(framed(b'{"type":"market"}', mask=True))
    feed.frame()  # the greeting book
    client = threading.Thread(target=_answer_every_frame, args=(feed, orders, post), daemon=True)
    client.start()
    venue.measure(count=WARM_UP, orders=1, cancels=False)
    series.samples += venue.measure(count=SAMPLES, orders=1, cancels=False).samples
    for wire in (feed, orders):
        wire.close()
    client.join(5)


def _answer_every_frame(feed: Wire, orders: Wire, post: bytes) -> None:
    try:
        while True:
            feed.frame()
            orders.send(post)
            orders.answer()
    except Gone:
        return


def measure() -> tuple[Series, Series, Series]:
    """Disk, memory, floor; in interleaved rounds, so that a busy machine slows all three."""
    disk, memory, floor = Series("SQLite, synchronous=FULL"), Series("journal in memory"), Series("blocking floor")
    with venue_process() as venue:
        for _ in range(ROUNDS):
            post = trio.run(lambda: measure_bot(venue, disk, on_disk=True))
            trio.run(lambda: measure_bot(venue, memory, on_disk=False))
            measure_floor(venue, floor, post)
    return disk, memory, floor


def _row(name: str, micros: Sequence[float], least: float) -> str:
    median, p99 = statistics.median(micros), statistics.quantiles(micros, n=100, method="inclusive")[98]
    return f"  {name:<38} median {median:7.0f} us   p99 {p99:7.0f} us   {median / least:5.1f}x the floor"


def _stages(series: Series) -> str:
    medians = (statistics.median(stage) / 1000 for stage in zip(*series.stages, strict=True))
    parts = (f"{name} {spent:.0f}" for name, spent in zip(_STAGES, medians, strict=True))
    return f"  {series.name:<30} medians in us: {', '.join(parts)}"


def main() -> None:
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    disk, memory, floor = measure()
    least = statistics.median(floor.first())
    print(f"tick to order on loopback: frame written -> whole POST in, {len(disk.samples)} frames each")
    for series in (disk, memory, floor):
        print(_row(series.name, series.first(), least))
    for series in (disk, memory):
        print(_row(f"{series.name}: both orders", series.last(), least))
    for series in (disk, memory):
        print(_stages(series))


if __name__ == "__main__":
    main()
