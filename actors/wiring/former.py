"""What an earlier evaluation has left in its file, so that a later one goes on from there. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import fields

from actors.model.performance import Performance
from actors.wiring.evaluations import Contest, Results

_FIGURES = tuple(attribute.name for attribute in fields(Performance))


class Unfit(ValueError):
    """The file is no earlier part of this evaluation; says why."""


def former(file: Path, contest: Contest) -> Results:
    """The paths of this contest that `file` has, nothing if there is no such file. Raises Unfit.

    Nobody can see from it whether the bot's own code has changed since.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        terms, done, wrong = told["terms"], told["results"], [str(line) for line in told["wrong"]]
        found = {name: [_path(path) for path in paths] for name, paths in done.items()}
    except FileNotFoundError:
        return Results()
    except OSError as problem:
        raise Unfit(f"{problem.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Unfit(f"is no result of evaluate ({type(problem).__name__}: {problem})") from None
    if terms != contest.terms():
        raise Unfit("was measured on other terms (family, --set or --config): name another file")
    seeds, wanted = range(contest.seed, contest.seed + contest.paths), {one.text for one in contest.entrants}
    kept = {name: {path.seed: path for path in found[name] if path.seed in seeds} for name in found if name in wanted}
    return Results(kept, wrong)


def _path(told: Mapping[str, Any]) -> Performance:
    figures: dict[str, Any] = {name: _whole(told[name]) for name in _FIGURES}
    return Performance(**figures)


def _whole(number: object) -> int:
    if not isinstance(number, int):
        raise ValueError(f"{number!r} is not a whole number")
    return number
