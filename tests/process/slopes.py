"""What a process held at instants of a long life, seen from outside (Linux's /proc), and whether it grows: least squares over the second half."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

HOUR = 3600.0
MIB = 1 << 20


@frozen
class Held:
    """Memory in bytes, open file descriptors, threads."""

    rss: int
    fds: int
    threads: int

    @classmethod
    def by(cls, pid: int) -> Held:
        """Raises OSError once the process is gone."""
        proc = Path(f"/proc/{pid}")
        lines = (line.partition(":") for line in (proc / "status").read_text().splitlines())
        told = {name: text.split() for name, _, text in lines}
        if "VmRSS" not in told:  # it has ended, and nobody has waited for it
            raise ProcessLookupError(pid)
        return cls(int(told["VmRSS"][0]) * 1024, len(os.listdir(proc / "fd")), int(told["Threads"][0]))


@frozen
class Sample:
    """`at` in seconds since the first; `quoted` of `markets`; `exposure` in pUSD; `exchange` is its memory in bytes."""

    at: float
    held: Held
    tasks: int
    quoted: int
    markets: int
    exposure: float
    exchange: int

    @property
    def amounts(self) -> Mapping[str, int]:
        return {"RSS": self.held.rss, "fds": self.held.fds, "threads": self.held.threads, "tasks": self.tasks}


@frozen
class Limit:
    """How much an amount may grow: `once` whenever it likes, and `hourly` on top."""

    once: float
    hourly: float
    unit: str = ""
    one: int = 1


LIMITS: Mapping[str, Limit] = {
    # A market knows its last 50,000 orders by id, and every trade, so that it counts once: about half a kilobyte each, some
    # 4,000 an hour in the demo. An allocator's arena or SQLite's page cache may come at any time.
    "RSS": Limit(8 * MIB, 4 * MIB, " MiB", MIB),
    # A pool may hold a connection more while a burst of cancels is under way, and drop it later.
    "fds": Limit(4, 0),
    # trio keeps an idle thread for ten seconds.
    "threads": Limit(2, 0),
    # Requests under way are tasks: a sample sees none of them or a dozen.
    "tasks": Limit(6, 0),
}


@frozen
class Growth:
    """A straight line through the second half of the samples: `hourly`, over `span` seconds, from `first`."""

    what: str
    hourly: float
    span: float
    first: float

    @property
    def grown(self) -> float:
        return self.hourly * self.span / HOUR

    @property
    def is_leak(self) -> bool:
        limit = LIMITS[self.what]
        return self.grown > limit.once + limit.hourly * self.span / HOUR

    def line(self) -> str:
        limit = LIMITS[self.what]
        return (
            f"{'BAD' if self.is_leak else 'ok '} {self.what}: {self.hourly / limit.one:+.2f}{limit.unit} an hour, "
            f"{self.grown / limit.one:+.2f}{limit.unit} over {self.span / HOUR:.3g} h from {self.first / limit.one:.1f}{limit.unit} on "
            f"(allowed: {limit.once / limit.one:g} once and {limit.hourly / limit.one:g} an hour)"
        )


def growths(samples: Sequence[Sample]) -> Iterator[Growth]:
    """One for each amount; the first half is left out, in which caches and pools fill."""
    half = samples[len(samples) // 2 :]
    times = [sample.at for sample in half]
    for what in LIMITS:
        each, first = slope(times, [float(sample.amounts[what]) for sample in half])
        yield Growth(what, each * HOUR, times[-1] - times[0], first)


def slope(times: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """Least squares: growth per second, and the line's value at the first time."""
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - middle) ** 2 for t in times)
    if not spread:
        return 0.0, mean
    each = sum((t - middle) * (value - mean) for t, value in zip(times, values, strict=True)) / spread
    return each, mean - each * (middle - times[0])
