"""`doctor --probe` that is ended while its order rests: asked to, it leaves nothing; killed, the order is named, and ends."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.emulator.ledger_reader import open_orders
from tests.process.stranger import FUNDER, Stranger
from tests.process.venue import Script, Tail, exchange

pytestmark = pytest.mark.process

_SILENT: Script = [{"kind": "silence", "channel": "user"}]  # it waits for word of its order, which does not come


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_its_order_is_cancelled_or_named(number: signal.Signals, home: Path) -> None:
    with exchange(home, seed=7, faults=_SILENT) as venue:
        stranger, tail = Stranger(home, venue), Tail.of(venue)
        stranger.write()
        probe = stranger.start("doctor", str(stranger.config), "--json", "--probe", "--live", FUNDER_ADDRESS=FUNDER)
        assert tail.until(lambda event: event.kind == "order" and event.line["address"] == FUNDER, 30)
        tail.close()
        probe.send_signal(number)
        if number is not signal.SIGKILL:
            found = stranger.told(probe)
            assert [found[f"probe {step}"][0] for step in ("placed", "seen", "gone")] == [True, False, True]
            assert "(you stopped it)" in found["probe seen"][1]
            assert open_orders(venue.events(), FUNDER) == []
            return
        probe.communicate()
        (left,) = open_orders(venue.events(), FUNDER)
        fine, said = stranger.doctor(FUNDER_ADDRESS=FUNDER)["orders"]
        assert not fine
        assert f"nobody looks after them: BUY 5 at 0.01 ({left.id})" in said
