"""What a new reading of the configuration means for a bot that runs: which keys count now, later or never. Pure.

The one table of it is below; a key that it does not name fails a test. What counts now are whole sections, or keys that no
rule ties to one that does not, so settings made of both readings keep every rule of start-up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction

from attrs import evolve, frozen

from actors.config_keys import listed
from actors.model.settings import MarketSettings, Settings
from actors.model.strategy_settings import GROWING


class Fate(Enum):
    """What becomes of a changed key while the bot runs."""

    NOW = "applied now"
    RESTART = "needs a restart"
    REFUSED = "refused"


_TABLE: tuple[tuple[str, Fate, str], ...] = (
    ("mode", Fate.REFUSED, "play money and real money are different runs: stop this one"),
    ("instance", Fate.REFUSED, "the name is that of this bot's folder, lock and socket: start another one"),
    ("risk", Fate.NOW, ""),
    ("budget", Fate.NOW, ""),
    ("strategy", Fate.NOW, ""),
    ("markets[].strategy", Fate.NOW, ""),
    ("quoter", Fate.NOW, ""),
    ("limits.max_open_orders", Fate.NOW, ""),
    ("approval", Fate.NOW, ""),
    ("on_shutdown", Fate.NOW, ""),
    ("on_leave", Fate.NOW, ""),
    ("shutdown", Fate.NOW, ""),
    ("log.level", Fate.NOW, ""),
    ("markets[].budget", Fate.RESTART, "money was split over the markets at the start"),
    ("discover", Fate.RESTART, "the markets of now were chosen by it"),
    ("series", Fate.RESTART, "the windows of now are quoted by it"),
    ("markets", Fate.RESTART, "markets are found and their trees planted at the start"),
    ("start_paused", Fate.RESTART, "it is about the start alone"),
    ("orphans", Fate.RESTART, "it is about the start alone"),
    ("limits", Fate.RESTART, "what was used of the old rates is counted from the start"),
    ("feed", Fate.RESTART, "a book's age would be judged by two bounds at once"),
    ("order", Fate.RESTART, "orders that rest were signed by it"),
    ("ask", Fate.RESTART, "questions are under way"),
    ("heartbeat", Fate.RESTART, "the venue's dead-man switch was armed by it"),
    ("restarts", Fate.RESTART, "supervisors count by it from the start"),
    ("venue", Fate.RESTART, "the bot is signed in there"),
    ("settle", Fate.RESTART, "settlement goes by it from the start"),
    ("income", Fate.RESTART, "the till goes by it from the start"),
    ("journal", Fate.RESTART, "the journal is open"),
    ("audit", Fate.RESTART, "the file is open"),
    ("control", Fate.RESTART, "the socket is open"),
    ("log.format", Fate.RESTART, "the output is open"),
)

# Keys outside of `risk` and `budget` that bound what can be lost, and all there whose value is no bound from above.
_MORE_IS_LOOSER = (
    *(f"strategy.{key}" for key in sorted({"levels", *GROWING})),
    "limits.max_open_orders",
    "quoter.lease",
)
_LOOSE_WORDS = {"risk.mode": "log_only", "approval.orders": "none"}
_NO_LIMITS = ("risk.on_kill", "budget.shrink")
_EITHER_WAY = (
    "strategy.name",
    *(f"risk.breakers.{key}" for key in ("window", "cool_down", "markout_after", "markout_fills")),
)
_LISTS = ("strategy.bands[", "strategy.limits[")


@frozen
class Change:
    """One key that was written anew; the values are as one would write them. `why` says what its fate is for."""

    key: str
    old: str
    new: str
    fate: Fate
    why: str
    loosens: bool

    def __str__(self) -> str:
        return f"{self.key}: {self.old or '(empty)'} → {self.new or '(empty)'}"


def changes(old: Settings, new: Settings) -> tuple[Change, ...]:
    """Every key that differs, in the order of the settings. A list of other markets is one change, of the list."""
    before, after = dict(listed(old)), dict(listed(new))
    found = [_change(key, before, after) for key in {**before, **after} if before.get(key) != after.get(key)]
    if _names(old) == _names(new):
        return tuple(found)
    why = fate("markets")[1]
    markets = Change("markets", ", ".join(_names(old)), ", ".join(_names(new)), Fate.RESTART, why, loosens=False)
    return (markets, *(change for change in found if not change.key.startswith("markets[")))


def in_force(old: Settings, new: Settings) -> Settings:
    """`old` with everything from `new` that counts while it runs."""
    return evolve(
        old,
        risk=new.risk,
        budget=new.budget,
        strategy=new.strategy,
        markets=_strategies(old, new) if _names(old) == _names(new) else old.markets,
        quoter=new.quoter,
        limits=evolve(old.limits, max_open_orders=new.limits.max_open_orders),
        approval=new.approval,
        on_shutdown=new.on_shutdown,
        on_leave=new.on_leave,
        shutdown=new.shutdown,
        log=evolve(old.log, level=new.log.level),
    )


def fate(key: str) -> tuple[Fate, str]:
    """What becomes of a change of this key, and why; the longest entry of the table that covers it decides."""
    general = re.sub(r"\[\d*\]", "[]", key)
    covering = [row for row in _TABLE if general == row[0] or general.startswith((f"{row[0]}.", f"{row[0]}["))]
    _, found, why = max(covering, key=lambda row: len(row[0]))
    return found, why


def _strategies(old: Settings, new: Settings) -> tuple[MarketSettings, ...]:
    pairs = zip(old.markets, new.markets, strict=True)
    return tuple(evolve(before, strategy=after.strategy) for before, after in pairs)


def _names(settings: Settings) -> list[str]:
    return [market.market for market in settings.markets]


def _change(key: str, before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    old, new = before.get(key, ""), after.get(key, "")
    found, why = fate(key)
    return Change(key, old, new, found, why, _loosens(re.sub(r"markets\[\d+\]\.", "", key), old, new))


def _loosens(key: str, old: str, new: str) -> bool:
    """Whether more can be lost by the new value; of a limit that is not known here, whether it changes at all."""
    if key in _LOOSE_WORDS:
        return new == _LOOSE_WORDS[key]
    if key in _EITHER_WAY or key.startswith(_LISTS):
        return True
    if key in _NO_LIMITS or not (key.startswith(("risk.", "budget.")) or key in _MORE_IS_LOOSER):
        return False
    if not (old and new):
        return not new or key.startswith("strategy.")  # empty: no limit, or what a strategy thinks right
    try:
        before, after = Fraction(old), Fraction(new)
    except ValueError:
        return True
    return after < before if key.split(".")[-1].startswith("min_") else after > before
