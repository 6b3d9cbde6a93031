"""The limits' table once more, at the real exchange: real requests, real matching, the audit trail's own file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.wiring.at_exchange import a_kill_ends_the_run, fires
from tests.wiring.firing import FIRES
from tests.wiring.test_every_limit_fires import PARAMETERS
from tests.wiring.unplug import fails
from tests.wiring.unplugging import UNPLUGGED
from tests.wiring.waiting import WAITS, as_shipped, compare, seen
from tests.wiring.world import virtually


@pytest.mark.parametrize("key", FIRES)
async def test_a_limit_fires_with_its_reason_its_audit_row_and_its_effect(
    key: str, tmp_path: Path, autojump_clock: object
) -> None:
    await fires(FIRES[key], tmp_path)


async def test_on_kill_exit_ends_the_run(tmp_path: Path, autojump_clock: object) -> None:
    await a_kill_ends_the_run(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("key", WAITS)
def test_a_limit_makes_requests_wait_and_says_so_in_the_audit(key: str) -> None:
    waits = WAITS[key]
    compare(key, waits, virtually(partial(seen, waits, waits.limits)), as_shipped(waits))


@pytest.mark.slow
@pytest.mark.parametrize("key", UNPLUGGED)
def test_a_key_that_is_unplugged_fails_its_run(key: str) -> None:
    assert fails(key)


def test_every_key_can_be_unplugged() -> None:
    assert UNPLUGGED.keys() == FIRES.keys() | PARAMETERS.keys() | WAITS.keys() | {"risk.on_kill"}
