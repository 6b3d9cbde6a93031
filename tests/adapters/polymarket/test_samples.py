"""No captured wire sample goes untested: every file is named by the test module that decodes or refuses it."""

from __future__ import annotations

from pathlib import Path

from tests.adapters.polymarket.captured import every_file

TESTS = Path(__file__).resolve().parents[2]
TESTED_IN = {
    "clob_rest": ["adapters/polymarket/test_samples_rest.py"],
    "clob_ws_market": ["adapters/polymarket/test_samples_market.py"],
    "clob_ws_user": ["adapters/polymarket/test_samples_user.py"],
    "data_api": ["adapters/polymarket/test_samples_data.py"],
    "gamma": ["adapters/polymarket/test_samples_gamma.py"],
    "rtds": ["adapters/polymarket/test_wire_spot.py"],
}


def test_every_captured_file_is_decoded_or_refused_by_a_test_that_names_it() -> None:
    orphans = []
    for name in every_file():
        folder, _, file = name.partition("/")
        modules = [TESTS / module for module in TESTED_IN.get(folder, [])]
        if not any(file in module.read_text() for module in modules if module.exists()):
            orphans.append(name)
    assert orphans == []
    assert len(every_file()) >= 54
