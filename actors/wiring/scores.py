"""What strategies did over many paths of a family, as figures with their intervals. Prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from statistics import fmean
from typing import Any

from attrs import frozen

from actors.model.numbers import PUSD, SHARE
from actors.model.performance import Performance
from actors.pricing.statistics import Estimate, cvar5, estimate, paired

_PARTS: Mapping[str, Callable[[Performance], int]] = {
    "spread": lambda p: p.spread,
    "inventory": lambda p: p.inventory,
    "fees": lambda p: -p.fees,
    "rebates": lambda p: p.rebates,
    "rewards": lambda p: p.rewards,
}


@frozen
class Score:
    """Of one strategy. Money in pUSD a path, sizes in shares, `markout` in cents a share 30 s after the trade."""

    strategy: str
    paths: int
    pnl: Estimate
    skill: Estimate
    cvar5: float
    drawdown: Estimate
    inventory: Estimate
    most: float
    markout: float
    fill_rate: float
    actions: float
    trades: float
    notional: float
    parts: Mapping[str, Estimate]

    @classmethod
    def of(cls, strategy: str, done: Sequence[Performance]) -> Score:
        """Of at least one path."""
        marked = sum(p.marked for p in done)
        pnl = [p.pnl / PUSD for p in done]
        return cls(
            strategy=strategy,
            paths=len(done),
            pnl=estimate(pnl),
            skill=estimate([p.skill / PUSD for p in done]),
            cvar5=cvar5(pnl),
            drawdown=estimate([p.drawdown / PUSD for p in done]),
            inventory=estimate([p.inventory_mean / SHARE for p in done]),
            most=max(p.inventory_most for p in done) / SHARE,
            markout=100 * sum(p.markout for p in done) / marked if marked else 0.0,
            fill_rate=sum(p.filled for p in done) / max(sum(p.placed for p in done), 1),
            actions=fmean(60 * p.actions / p.seconds for p in done),
            trades=fmean(p.trades for p in done),
            notional=fmean(p.notional / PUSD for p in done),
            parts={name: estimate([part(p) / PUSD for p in done]) for name, part in _PARTS.items()},
        )

    def summary(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "strategy": self.strategy,
            "paths": self.paths,
            "pnl": _spelt(self.pnl),
            "skill": _spelt(self.skill),
            "cvar5": round(self.cvar5, 6),
            "drawdown": _spelt(self.drawdown),
            "inventory": _spelt(self.inventory),
            "inventory_most": self.most,
            "markout_cents": round(self.markout, 6),
            "fill_rate": round(self.fill_rate, 6),
            "actions_per_minute": round(self.actions, 3),
            "trades": round(self.trades, 3),
            "notional": round(self.notional, 6),
            "split": {name: _spelt(part) for name, part in self.parts.items()},
        }


@frozen
class Versus:
    """How much more the first strategy earned a path than another, on the same paths; `skill` without the luck of either."""

    first: str
    other: str
    difference: Estimate
    skill: Estimate

    @classmethod
    def of(cls, first: str, other: str, done: Mapping[str, Mapping[int, Performance]]) -> Versus | None:
        """On the paths that both have finished; None if there are none."""
        both = sorted(done[first].keys() & done[other].keys())
        if not both:
            return None
        ours, theirs = ([done[name][seed] for seed in both] for name in (first, other))
        pnl = paired([p.pnl / PUSD for p in ours], [p.pnl / PUSD for p in theirs])
        skill = paired([p.skill / PUSD for p in ours], [p.skill / PUSD for p in theirs])
        return cls(first, other, pnl, skill)

    def summary(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first,
            "other": self.other,
            "difference": _spelt(self.difference),
            "skill": _spelt(self.skill),
        }


def _spelt(of: Estimate) -> dict[str, float | None]:
    """One result has no interval: its ends are null."""
    low, high = (round(end, 6) if isfinite(end) else None for end in (of.low, of.high))
    return {"mean": round(of.mean, 6), "sd": round(of.sd, 6), "low": low, "high": high}
