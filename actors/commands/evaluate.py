"""`evaluate`: what strategies earn on simulated markets, measured on the same paths."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actors.commands.progress import Progress
from actors.commands.scoreboard import scoreboard

if TYPE_CHECKING:
    from actors.wiring.evaluations import Contest, Results

_OK, _STOPPED, _USAGE, _WRONG = 0, 130, 2, 1


@click.command()
@click.option(
    "--family", required=True, metavar="NAME", help="The kind of market: calm, newsy, longshot, thin, event, …"
)
@click.option("--paths", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many lives of it.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The first path; the others follow. Tune on paths below 10000, report on those from 10000 on.",
)
@click.option(
    "--strategy",
    "strategies",
    required=True,
    metavar="X[,Y]",
    help="Whom to measure; keys may be changed: simple,simple:half_spread=0.01:levels=2. The first is held against the others.",
)
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Write every figure and path here; - is stdout."
)
@click.option("--resume", is_flag=True, help="Go on from what the file of --json holds of this evaluation.")
@click.option("--config", "config", type=click.Path(path_type=Path), help="Common configuration; else the defaults.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set a configuration key (repeatable).")
def evaluate(
    family: str,
    paths: int,
    seed: int,
    strategies: str,
    jobs: int,
    json_file: Path | None,
    resume: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Measure strategies on PATHS lives of a simulated market, the whole bot on virtual time. Ctrl-C prints what is done."""
    from actors.wiring.evaluations import Results

    contest = _contest(family, seed, paths, strategies, config, overrides)
    results = _former(json_file, contest) if resume else Results()
    stopped = _measured(contest, jobs, results)
    if not results.by_entrant:
        click.echo("polyactors: stopped before the first path was done", err=True)
        raise SystemExit(_STOPPED)
    board = scoreboard(contest, results, stopped=stopped)
    click.echo("\n".join(board.lines()))
    if json_file is not None:
        _write(json_file, json.dumps(board.summary(), indent=1))
    for line in results.wrong:
        click.echo(f"polyactors: does not add up: {line}", err=True)
    raise SystemExit(_STOPPED if stopped else _WRONG if results.wrong else _OK)


def _contest(
    family: str, seed: int, paths: int, strategies: str, config: Path | None, overrides: tuple[str, ...]
) -> Contest:
    """What was asked for. Raises UsageError with what to change."""
    from actors.config import ConfigError
    from actors.wiring.evaluations import Contest, Entrant
    from adapters.simulated.family import BASE, FAMILIES

    if family not in FAMILIES:
        named = ", ".join([*(f.name for f in BASE), "crypto-blind"])
        strained = "FAMILY/rivals, /toxic, /lag, /shallow, /volatile"
        raise click.UsageError(f"no family {family!r}: there are {named}, and under stress {strained}")
    names = list(dict.fromkeys(name.strip() for name in strategies.split(",") if name.strip()))
    if not names:
        raise click.UsageError("--strategy names nobody: give at least one, such as --strategy simple")
    contest = Contest(family, seed, paths, tuple(map(Entrant, names)), config, overrides)
    try:
        contest.check()
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    return contest


def _former(file: Path | None, contest: Contest) -> Results:
    """Raises UsageError with what to change."""
    from actors.wiring.former import Unfit, former

    if file is None or str(file) == "-":
        raise click.UsageError("--resume needs the --json FILE that an earlier run has written")
    try:
        return former(file, contest)
    except Unfit as why:
        raise click.UsageError(f"--resume: {file} {why}") from None


def _measured(contest: Contest, jobs: int, results: Results) -> bool:
    """Add what is still to be done to the results; whether somebody stopped it."""
    from actors.wiring.evaluations import all_done

    tasks = [task for task in contest.tasks() if task.seed not in results.of(task.entrant)]
    progress, stopped = Progress(len(tasks), sys.stderr), False
    for end in (signal.SIGINT, signal.SIGTERM):  # in the background a shell has Ctrl-C ignored
        signal.signal(end, signal.default_int_handler)
    try:
        for done in all_done(tasks, jobs):
            results.add(done)
            progress.step()
    except* KeyboardInterrupt:
        stopped = True
    progress.end()
    return stopped


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        click.echo(text)
        return
    try:
        file.write_text(text + os.linesep, encoding="utf-8")
    except OSError as problem:
        raise click.UsageError(f"--json {file}: {problem.strerror}") from None
