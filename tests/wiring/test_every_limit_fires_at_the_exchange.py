"""The limits' table once more, at the real exchange: real requests, real matching, the audit trail's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.at_exchange import at_exchange
from tests.wiring.firing import FIRES, fire


@pytest.mark.parametrize("key", FIRES)
async def test_a_limit_fires_with_its_reason_its_audit_row_and_its_effect(
    key: str, tmp_path: Path, autojump_clock: object
) -> None:
    async with at_exchange(FIRES[key], tmp_path) as stage:
        await fire(FIRES[key], stage)
