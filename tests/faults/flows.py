"""Whose other orders the simulated markets see: the emulator's own families, and a calm one for long runs.

`calm` has twenty markets, the demo's five among them, in which little happens: a virtual hour of it costs little, and
what it is spent on is what goes wrong.
"""

from __future__ import annotations

from functools import partial

from adapters.emulator.fair_value import FairValue
from adapters.emulator.families import FAMILIES, Family, Plan
from adapters.emulator.flow_choice import Choice
from adapters.emulator.flow_crowd import Temper
from adapters.emulator.flow_makers import STYLES
from adapters.emulator.listings import DRAFTS, Draft

_CALM = Temper(makers=STYLES[:2], refresh=(12.0, 45.0), noise_every=35.0, informed_every=20.0)
_EXTRA = tuple(
    Draft(f"calm-{number:02}", f"Will number {number} come up?", 0.3 + number * 0.025) for number in range(15)
)
_WALK = partial(FairValue, sigma=0.003, jumps=1 / 300, jump_sd=0.12)

CALM = Family("calm", tuple(Plan(draft, _CALM, _WALK) for draft in (*DRAFTS, *_EXTRA)))
CALM_MARKETS = tuple(plan.draft.slug for plan in CALM.plans)


def flow_of(name: str) -> Choice:
    """What the exchange is to be built with."""
    return Choice(CALM if name == CALM.name else FAMILIES[name])
