"""`evaluate`: what it refuses, what it prints, and that a stop in the middle loses nothing that is done."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actors.commands.evaluate import evaluate
from actors.commands.progress import Progress
from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.performance import Performance
from actors.wiring import evaluations
from actors.wiring.evaluations import Contest, Done, Entrant, Results, Task, all_done
from actors.wiring.scores import Score, Versus


def _run(*options: str) -> Result:
    return CliRunner().invoke(evaluate, options)


def _performance(seed: int, spread: int = 0, inventory: int = 0) -> Performance:
    return Performance(
        seed=seed, spread=Cash(spread), inventory=Cash(inventory), luck=Cash(0), fees=Cash(PUSD), rebates=Cash(0), rewards=Cash(0),
        drawdown=Cash(0), inventory_mean=SHARE, inventory_most=5 * SHARE, markout=Cash(PUSD // 10), marked=10 * SHARE,
        placed=40 * SHARE, filled=10 * SHARE, trades=1, notional=Cash(5 * PUSD), actions=30, seconds=900,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--family", "clam", "--strategy", "simple"), "no family 'clam': there are calm"),
        (("--family", "calm", "--strategy", "simpel"), "strategy.name"),
        (("--family", "calm", "--strategy", "simple:sise=3"), "strategy.sise"),
        (("--family", "calm", "--strategy", " ,"), "names nobody"),
        (("--family", "calm", "--strategy", "simple", "--paths", "0"), "--paths"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(options: tuple[str, ...], told: str) -> None:
    result = _run(*options)
    assert result.exit_code == 2
    assert told in result.output


def test_a_report_names_every_figure_and_its_json_every_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(evaluations, "do", _done_at_once)
    file = tmp_path / "report.json"
    result = _run(
        "--family", "calm", "--strategy", "simple,simple:levels=2", "--paths", "4", "--seed", "10000", "--json", str(file)
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for word in ("reporting seeds", "CVaR5", "drawdown", "markout", "fill rate", "actions/min", "rewards", "more than"):
        assert word in result.output
    told = json.loads(file.read_text())
    assert [path["seed"] for path in told["results"]["simple"]] == [10000, 10001, 10002, 10003]
    assert {score["strategy"] for score in told["scores"]} == {"simple", "simple:levels=2"}
    assert told["paired"][0]["difference"]["mean"] == pytest.approx(0.0)


def test_ctrl_c_prints_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(tasks: Sequence[Task], jobs: int) -> Iterator[Done]:
        yield from map(_done_at_once, tasks[:3])
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluations, "all_done", interrupted)
    result = _run("--family", "calm", "--strategy", "simple", "--paths", "9")
    assert result.exit_code == 130
    assert "stopped early" in result.output
    assert "simple" in result.output


def test_a_stopped_evaluation_goes_on_from_its_file_with_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun: list[tuple[str, int]] = []

    def counted(task: Task) -> Done:
        begun.append((task.entrant, task.seed))
        return _done_at_once(task)

    monkeypatch.setattr(evaluations, "do", counted)
    file = tmp_path / "report.json"
    first = ("--family", "calm", "--strategy", "simple", "--paths", "2", "--seed", "5", "--json", str(file), "--resume")
    assert _run(*first).exit_code == 0
    wider = ("--family", "calm", "--strategy", "simple,maker", "--paths", "3", "--seed", "5", "--json", str(file))
    result = _run(*wider, "--resume")
    assert result.exit_code == 0, result.output
    assert begun == [("simple", 5), ("simple", 6), ("maker", 5), ("maker", 6), ("simple", 7), ("maker", 7)]
    assert [path["seed"] for path in json.loads(file.read_text())["results"]["simple"]] == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ('{"results": 3}', (), "is no result of evaluate"),
        ("{", (), "is no result of evaluate"),
        (None, ("--set", "budget.per_market=50"), "measured on other terms"),
        (None, ("--family", "newsy"), "measured on other terms"),
    ],
)
def test_a_file_that_is_no_earlier_part_is_refused(
    text: str | None, options: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(evaluations, "do", _done_at_once)
    file = tmp_path / "report.json"
    common = ("--family", "calm", "--strategy", "simple", "--paths", "1", "--json", str(file))
    assert _run(*common).exit_code == 0
    if text is not None:
        file.write_text(text)
    before = file.read_text()
    result = _run(*common, *options, "--resume")
    assert result.exit_code == 2
    assert told in result.output
    assert file.read_text() == before
    assert "needs the --json FILE" in _run("--family", "calm", "--strategy", "simple", "--resume").output


def test_what_does_not_add_up_is_named_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations, "do", lambda task: Done(task.entrant, _performance(task.seed), "cash is missing"))
    result = _run("--family", "calm", "--strategy", "simple", "--paths", "1", "--seed", "7")
    assert result.exit_code == 1
    assert "does not add up: simple on path 7: cash is missing" in result.output


def test_seeds_for_tuning_and_for_reports_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluations, "do", _done_at_once)
    for seed, purpose in (("1", "(tuning seeds)"), ("10000", "(reporting seeds)"), ("9999", "(tuning and reporting")):
        assert purpose in _run("--family", "calm", "--strategy", "simple", "--paths", "2", "--seed", seed).output


def test_a_score_adds_up_its_parts() -> None:
    score = Score.of("x", [_performance(seed, spread=3 * PUSD, inventory=-PUSD) for seed in range(3)])
    assert score.pnl.mean == pytest.approx(1.0)
    assert sum(part.mean for part in score.parts.values()) == pytest.approx(score.pnl.mean)
    assert score.markout == pytest.approx(1.0)
    assert score.fill_rate == 0.25
    assert score.actions == 2.0


def test_strategies_are_compared_on_the_paths_that_both_have_done() -> None:
    results = Results()
    for seed in range(4):
        results.add(Done("a", _performance(seed, spread=seed * PUSD)))
    results.add(Done("b", _performance(3)))
    versus = Versus.of("a", "b", results.by_entrant)
    assert versus is not None
    assert versus.difference.mean == 3.0


@pytest.mark.slow
def test_processes_find_what_one_finds() -> None:
    tasks = Contest("crypto", 3, 2, (Entrant("simple"),)).tasks()
    together = {done.performance.seed: done for done in all_done(tasks, 2)}
    (alone,) = all_done(tasks[1:], 1)
    assert together.keys() == {3, 4}
    assert together[4] == alone


def test_progress_says_how_long_it_takes_yet() -> None:
    stream, now = io.StringIO(), iter([0.0, 30.0, 60.0])
    progress = Progress(4, stream, lambda: next(now))
    progress.step()
    progress.step()
    assert stream.getvalue().splitlines()[-1].endswith("2/4, 1 min 00 s left")


def _done_at_once(task: Task) -> Done:
    return Done(task.entrant, _performance(task.seed, spread=2 * PUSD))
