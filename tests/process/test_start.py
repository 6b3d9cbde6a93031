"""What a bot says when it cannot start: the reason that a person can do something about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.bot import Bot
from tests.process.venue import exchange

pytestmark = pytest.mark.process


def test_a_clock_that_is_off_is_named_and_not_the_login_that_it_spoils(home: Path) -> None:
    skewed = [{"kind": "clock_skew", "by": 45, "for": 3600}]
    with exchange(home, seed=1, faults=skewed) as venue:
        end = Bot.start(home, *venue.options).end()
    assert end.code == 5, end.out + end.err
    assert "clock is 4" in end.err
    assert "NTP" in end.err
