"""A tiny form of `python -m tests.bench.load`: what it reports is there, and a few trees get every frame."""

from __future__ import annotations

import pytest

from tests.bench.load import READ, Look, Result, report, run

pytestmark = pytest.mark.process


def test_a_few_trees_read_every_frame_and_say_how_fast_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(trees=6, frames=60.0, minutes=0.1)
    report(result)
    assert (result.code, READ * 60 <= result.read <= 66) == (0, True), capsys.readouterr().out
    assert result.quoted > 0.3
    assert 0 < result.worst("asks", "budget") < 250
    assert result.worst("decisions", share="p50") < 250
    assert "question to budget" in capsys.readouterr().out


def look(at: float, frames: int, ask_ms: float, quoting: int) -> Look:
    speed = {"frames": frames, "asks": {"budget": {"p99_ms": ask_ms}}}
    markets = [{"state": "quoting" if number < quoting else "waiting", "feed_age_s": 0.1} for number in range(10)]
    return Look(at, at / 4, 0.0, 100 << 20, {"speed": speed, "markets": markets})


def test_what_falls_short_is_said() -> None:
    good = Result(
        10, 500.0, looks=[look(0.0, 0, 5.0, 0), look(10.0, 5_000, 0.4, 10), look(20.0, 10_000, 0.5, 9)], code=0
    )
    assert good.quoted == pytest.approx(0.63, abs=0.01)
    assert good.shortfalls == ["only 63% of the markets quoted"]
    assert (good.read, good.cpu(lambda each: each.cpu)) == (500.0, 0.25)
    bad = Result(10, 500.0, looks=[look(0.0, 0, 0.4, 9), look(10.0, 3_000, 1.2, 9)], code=3)
    assert bad.shortfalls == [
        "only 300 of 500 frames a second read",
        "an ask of the budget took 1.20 ms at the p99",
        "it ended with 3",
    ]
