"""Who keeps a seat among the markets that are traded by choice, and who gets one. Pure.

The ranking is made of minutes-old figures in which our own quotes stand, so its order is noise below some margin; and each
change costs a spread and a place in every queue. Two bounds keep markets from flapping: nobody is dropped, or taken again
after that, before `discover.stay` seconds are over, so a market comes and goes at most once in twice that time; and a
newcomer must promise `discover.lead` percent more than the one whose place it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from actors.model.discover_settings import DiscoverSettings
from actors.pricing.choice import Ranked


@frozen
class Seat:
    """A market that was chosen, since when (s, any clock), and what it promised by the score in use."""

    since: float
    score: float


@frozen
class Change:
    """Condition ids: who goes, with the reason, and who comes, best first."""

    drop: Mapping[str, str]
    join: tuple[str, ...]


def reseat(
    seats: Mapping[str, Seat],
    ranked: Sequence[Ranked],
    resting: Mapping[str, float],
    wanted: DiscoverSettings,
    now: float,
) -> Change:
    """What changes at `now`. Everything by condition id; `resting` says until when one that was dropped is not taken."""
    scores = {one.candidate.listing.condition_id: one.by(wanted.score) for one in ranked}
    bound = {name for name, seat in seats.items() if now - seat.since < wanted.stay}
    drop = {name: "no longer worth trading" for name in seats if name not in scores and name not in bound}
    kept = [name for name in seats if name not in drop]
    join: list[str] = []
    for name, score in scores.items():
        if name in seats or now < resting.get(name, now):
            continue
        if len(kept) + len(join) < wanted.max_markets:
            join.append(name)
            continue
        movable = [one for one in kept if one not in bound]
        worst = min(movable, key=lambda one: scores[one], default=None)
        if worst is None or score <= scores[worst] + abs(scores[worst]) * wanted.lead / 100:
            break
        kept.remove(worst)
        drop[worst] = "another promises more"
        join.append(name)
    return Change(drop, tuple(join))
