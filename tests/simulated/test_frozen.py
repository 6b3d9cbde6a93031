"""The generator is frozen: a change that moves a path makes every earlier result worthless, so it must be meant."""

from __future__ import annotations

import hashlib

import pytest

from adapters.simulated.family import BASE, Family
from adapters.simulated.path import Event, Informed, Noise, path
from adapters.simulated.quotes import Quoted

DIGESTS = {
    "calm": "bd95f3d680852566",
    "newsy": "d60659c40a9c6dbe",
    "longshot": "8ecf7d995fd92917",
    "thin": "3cc755b9933f0208",
    "event": "a0b538c9638f2294",
    "crypto": "ec1b58ea7bbac124",
}


def _told(event: Event) -> tuple[object, ...]:
    """What no machine's last digit can change."""
    match event:
        case Quoted():
            return (event.at, event.bid, event.ask, event.tick)
        case Noise():
            return (round(event.at, 3), event.buys, event.size, event.reach, event.knows)
        case Informed():
            return (round(event.at, 3), round(event.fair, 2), event.size)
    return (type(event).__name__, round(event.at, 3))


@pytest.mark.parametrize("family", BASE, ids=lambda family: family.name)
def test_the_first_reporting_path_is_what_it_was_when_the_generator_was_frozen(family: Family) -> None:
    life = path(family, 10_000)
    text = repr([_told(event) for event in life.events])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == DIGESTS[family.name]
