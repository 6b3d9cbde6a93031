"""The report of an evaluation, as a table for people and as figures for programs. Computes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from actors.pricing.statistics import Estimate

if TYPE_CHECKING:
    from actors.wiring.evaluations import Contest, Results
    from actors.wiring.scores import Score, Versus


@frozen
class Scoreboard:
    """`stopped` if it ended before its time; then strategies may have done different numbers of paths."""

    contest: Contest
    results: Results
    scores: Sequence[Score]
    versus: Sequence[Versus]
    stopped: bool
    purpose: str

    def lines(self) -> list[str]:
        """A page of text; a path's money in pUSD, means with their 95 % intervals."""
        of = self.contest
        last = of.seed + of.paths - 1
        head = f"family {of.family}, paths {of.seed} to {last} ({self.purpose} seeds)"
        lines = [head + (", stopped early: what is done so far" if self.stopped else "")]
        lines += _table(
            [
                "pUSD a path",
                "paths",
                "mean",
                "±95 %",
                "no luck",
                "±95 %",
                "sd",
                "CVaR5",
                "drawdown",
                "notional",
                "trades",
            ],
            [_money(score) for score in self.scores],
        )
        lines += _table(
            ["split", "spread", "inventory", "fees", "rebates", "rewards"],
            [[score.strategy, *(_ranged(part) for part in score.parts.values())] for score in self.scores],
        )
        lines += _table(
            ["conduct", "inventory", "largest", "markout c", "fill rate", "actions/min"],
            [_conduct(score) for score in self.scores],
        )
        lines += [""] if self.versus else []
        lines += [
            f"{one.first} earns {_more(one.difference)} than {one.other}; without luck {_more(one.skill)}"
            for one in self.versus
        ]
        return lines

    def summary(self) -> dict[str, Any]:
        of = self.contest
        return {
            "family": of.family,
            "terms": of.terms(),
            "seed": of.seed,
            "paths": of.paths,
            "seeds": self.purpose,
            "stopped": self.stopped,
            "scores": [score.summary() for score in self.scores],
            "paired": [one.summary() for one in self.versus],
            "results": {
                name: [
                    {**asdict(done[seed]), "pnl": done[seed].pnl, "skill": done[seed].skill} for seed in sorted(done)
                ]
                for name, done in self.results.by_entrant.items()
            },
            "wrong": self.results.wrong,
        }


def scoreboard(contest: Contest, results: Results, *, stopped: bool) -> Scoreboard:
    """Of at least one path that is done."""
    from actors.wiring.evaluations import REPORTING
    from actors.wiring.scores import Score, Versus

    names = [entrant.text for entrant in contest.entrants if results.of(entrant.text)]
    scores = [Score.of(name, list(results.of(name).values())) for name in names]
    pairs = [Versus.of(names[0], other, results.by_entrant) for other in names[1:]]
    last = contest.seed + contest.paths - 1
    purpose = "reporting" if contest.seed >= REPORTING else "tuning" if last < REPORTING else "tuning and reporting"
    return Scoreboard(contest, results, scores, [pair for pair in pairs if pair is not None], stopped, purpose)


def _money(of: Score) -> list[str]:
    own = of.pnl
    figures = (own.sd, of.cvar5, of.drawdown.mean, of.notional)
    known = [
        f"{own.mean:.3f}",
        _half(own),
        f"{of.skill.mean:.3f}",
        _half(of.skill),
        *(f"{figure:.3f}" for figure in figures),
    ]
    return [of.strategy, str(of.paths), *known, f"{of.trades:.1f}"]


def _conduct(of: Score) -> list[str]:
    rate = f"{100 * of.fill_rate:.2f} %"
    return [of.strategy, f"{of.inventory.mean:.1f}", f"{of.most:.0f}", f"{of.markout:+.3f}", rate, f"{of.actions:.1f}"]


def _ranged(of: Estimate) -> str:
    return f"{of.mean:+.3f} ± {_half(of)}"


def _more(of: Estimate) -> str:
    return f"{abs(of.mean):.3f} ± {_half(of)} pUSD a path {'less' if of.mean < 0 else 'more'}"


def _half(of: Estimate) -> str:
    """Of the interval: a single path has none."""
    return f"{of.half:.3f}" if isfinite(of.half) else "?"


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Columns as wide as their widest cell, the first to the left, and an empty line before."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    return [
        "",
        *(
            "  ".join(
                cell.rjust(w) if n else cell.ljust(w) for n, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        ),
    ]
