"""What goes wrong in one simulated run, as a value: it prints, shrinks, compares, and replays from its JSON alone.

`faults` are entries of the exchange's own fault script (docs/faults.md). `acts` happen to the bot and its machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

MARKETS = ("demo-election", "demo-cup", "demo-rates", "demo-bitcoin", "demo-oscar")


@frozen
class Act:
    """Something that befalls the bot, `at` seconds after the start.

    `kill`: kill -9, at once or, with `point`, at the `nth` passage of that failpoint from then on. `crash`: `who` (an actor
    of `market`, or of "shared") raises at its next read, `times` lives in a row. `twins`: so does `who` of `market` and of
    the market `point`, in one tick. `step`: `who`'s task raises at its
    `nth` step from then on. `order`: a person's command `who` (pause, resume, flatten, kill, ack) for `market` or all.
    `switch`: a person switches `market` off, and on again `seconds` later. `network`: nothing connects and every connection is cut for `seconds`. `disk`: the journal is ill for `seconds` (`who`:
    fail or slow). `stall`: the clock jumps `seconds` while nobody runs. `wall`: the machine's wall clock jumps `seconds`.
    """

    kind: str
    at: float
    market: str = ""
    who: str = ""
    point: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 0.0


@frozen
class Plan:
    """One run: `weather` seconds in which things go wrong, `quiet` ones to recover, then SIGTERM.

    `per_market` and `total` are the budget in pUSD, `orphans` the setting of that name. The random taker trades the
    markets `takers`, the market maker the others.
    """

    seed: int
    weather: float = 120.0
    quiet: float = 100.0
    flow: str = "demo"
    markets: tuple[str, ...] = MARKETS[:2]
    per_market: int = 100
    total: int = 400
    orphans: str = "adopt"
    takers: tuple[str, ...] = ()
    faults: tuple[Mapping[str, Any], ...] = ()
    acts: tuple[Act, ...] = ()

    @property
    def seconds(self) -> float:
        return self.weather + self.quiet

    @property
    def market_hours(self) -> float:
        return self.seconds * len(self.markets) / 3600

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads back; keys at their defaults are left out of acts."""
        plain = asdict(self, recurse=False)
        plain["acts"] = [_given(act) for act in self.acts]
        plain["faults"] = [dict(fault) for fault in self.faults]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Plan:
        """Raises TypeError for keys that a plan does not have."""
        parts = dict(plain)
        parts["acts"] = tuple(Act(**act) for act in parts.get("acts", ()))
        parts["faults"] = tuple(parts.get("faults", ()))
        parts["markets"] = tuple(parts.get("markets", MARKETS[:2]))
        parts["takers"] = tuple(parts.get("takers", ()))
        return cls(**parts)


def _given(act: Act) -> dict[str, Any]:
    bare = Act(act.kind, act.at)
    return {
        name: value for name, value in asdict(act).items() if name in ("kind", "at") or value != getattr(bare, name)
    }
