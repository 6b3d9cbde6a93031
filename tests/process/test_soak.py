"""A short form of `make soak`: a bot watched for seconds, and what a soak would find."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.process.rounds import Lane, Round
from tests.process.slopes import HOUR, MIB, Held, Sample, growths, slope
from tests.process.soak import LEAST, watch

pytestmark = pytest.mark.process


def test_a_watched_bot_quotes_does_not_grow_and_ends_flat(tmp_path: Path) -> None:
    watched = watch(0.004 * HOUR, tmp_path, 7)
    assert watched.faults == []
    assert len(watched.samples) >= LEAST
    assert all(sample.tasks > 10 and sample.held.fds > 10 for sample in watched.samples)
    assert {growth.what for growth in watched.growths()} == {"RSS", "fds", "threads", "tasks"}


def sample(hour: float, *, rss: float = 60.0, fds: float = 30, threads: float = 3, tasks: float = 40) -> Sample:
    return Sample(hour * HOUR, Held(int(rss * MIB), int(fds), int(threads)), int(tasks), 5, 5, 50.0, 0)


def leaks(of: Callable[[float], Sample]) -> list[str]:
    """What is found in eight hours, sampled every minute."""
    return [growth.what for growth in growths([of(minute / 60) for minute in range(480)]) if growth.is_leak]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_fills_once_and_what_comes_and_goes_is_no_leak() -> None:
    assert (
        leaks(lambda hour: sample(hour, rss=60 + 40 * min(hour, 3), fds=30 + hour * 60 % 4, tasks=40 + hour * 60 % 9))
        == []
    )


def test_orders_that_are_remembered_are_no_leak() -> None:
    assert leaks(lambda hour: sample(hour, rss=60 + 2 * hour)) == []


def test_a_slow_leak_of_anything_is_found() -> None:
    assert leaks(lambda hour: sample(hour, rss=60 + 8 * hour)) == ["RSS"]
    assert leaks(lambda hour: sample(hour, fds=30 + 1.5 * hour)) == ["fds"]
    assert leaks(lambda hour: sample(hour, threads=3 + hour)) == ["threads"]
    assert leaks(lambda hour: sample(hour, tasks=40 + 2 * hour)) == ["tasks"]


def test_a_line_is_found_again() -> None:
    assert slope([10.0, 20.0, 30.0], [5.0, 7.0, 9.0]) == pytest.approx((0.2, 5.0))


def test_an_open_file_is_seen_from_outside() -> None:
    before = Held.by(os.getpid()).fds
    with Path(__file__).open():
        assert Held.by(os.getpid()).fds == before + 1


def test_a_process_that_is_gone_has_nothing() -> None:
    with pytest.raises(OSError, match="999999999"):
        Held.by(999_999_999)


def test_rounds_go_on_with_new_seeds_until_the_time_is_up_and_keep_what_fell_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.process.rounds.ROOT", tmp_path)
    lane = Lane(
        tmp_path,
        lambda number: Round("kills", (sys.executable, "-c", f"print('round', {number}); exit({number} % 2)"), 1, 20),
    )
    deadline = time.monotonic() + 2.0
    tally = lane.run(deadline)
    assert tally.rounds >= 2
    assert tally.kills == 20 * tally.rounds
    assert tally.findings[0] == "kills 1 ended with 1: kills-1.txt"
    assert (tmp_path / "kills-1.txt").read_text() == "round 1\n"
    assert not (tmp_path / "kills-0.txt").exists()


def test_what_a_sweep_met_too_seldom_is_judged_over_all_of_them(tmp_path: Path) -> None:
    sums = {"seeds": list(range(70)), "hours": 100.0, "met": {"kills": 900, "fault drop": 8}, "broken": {}}
    script = f"import json, sys; open(sys.argv[2], 'w').write(json.dumps({sums})); exit(1)"
    lane = Lane(tmp_path, lambda number: Round("sweep", (sys.executable, "-c", script), 1))
    lane.run(time.monotonic())
    assert (lane.tally.findings, lane.tally.seldom()) == ([], [])
    assert "100 market-hours simulated, 900 kills and 8 faults" in lane.tally.line()
    for _ in range(2):
        lane.tally.add_sweep(sums)
    assert lane.tally.seldom()


def test_a_round_that_is_stopped_takes_its_children_along(tmp_path: Path) -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)'])"
    lane = Lane(tmp_path, lambda number: Round("kills", (sys.executable, "-c", child), 1))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lane.run, time.monotonic() + 60.0)
        until(lambda: (tmp_path / "kills-0.txt").exists() and (tmp_path / "kills-0.txt").read_text() == "1\n")
        lane.stop()
        assert running.result(10.0).rounds == 0
