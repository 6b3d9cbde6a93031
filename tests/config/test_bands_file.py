"""Bands in the configuration: written out, or by the path of a poly-market-maker bands.json."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actors.model.bands_settings import BandsParameters
from tests.config.written import loaded, problems

NAMED = "markets: [a]\nstrategy:\n  name: bands\n  bands: bands.json\n"
BAND = {
    "minMargin": 0.01,
    "avgMargin": 0.01,
    "maxMargin": 0.02,
    "minAmount": 10.0,
    "avgAmount": 20.0,
    "maxAmount": 30.0,
}


def told(folder: Path, file: object, text: str = NAMED) -> list[str]:
    (folder / "bands.json").write_text(file if isinstance(file, str) else json.dumps(file, indent=1))
    return problems(folder, text)


def test_a_bands_json_beside_the_configuration_says_what_a_list_in_it_would(tmp_path: Path) -> None:
    bands = [{**BAND, **{f"{k}Margin": (n + (k == "max")) / 100 for k in ("min", "avg", "max")}} for n in (1, 2, 3)]
    (tmp_path / "bands.json").write_text(json.dumps({"bands": bands}))
    assert loaded(tmp_path, NAMED).settings.strategy.parameters == BandsParameters()


def test_keys_go_by_their_names_not_by_their_order(tmp_path: Path) -> None:
    (tmp_path / "bands.json").write_text(json.dumps({"bands": [dict(reversed(BAND.items()))]}))
    assert loaded(tmp_path, NAMED).settings.strategy.parameters.bands == BandsParameters().bands[:1]


def test_a_market_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bands.json").write_text(json.dumps({"bands": [BAND]}))
    text = "markets: [{market: a, strategy: {name: bands, bands: bands.json}}]\n"
    own = loaded(tmp_path, text).settings.markets[0].strategy
    assert own is not None
    assert len(own.parameters.bands) == 1


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (
            {"bands": [{**BAND, "minMargn": 1}]},
            "bands.json:10:4 strategy.bands[0].min_margn: is not a setting; did you mean min_margin?",
        ),
        (
            {"bands": [{**BAND, "minMargin": "x"}]},
            "bands.json:4:17 strategy.bands[0].min_margin: is 'x'; must be a price from 0 to 1",
        ),
        (
            {"bands": [{**BAND, "maxMargin": 0.005}]},
            "strategy.bands[0].avg_margin: is '0.01'; must lie between min_margin and max_margin",
        ),
        (
            {"bands": [BAND, BAND]},
            "strategy.bands: is a list; must not overlap; raise min_margin or lower max_margin of band 1 or 2",
        ),
        ({"bands": []}, "strategy.bands: is an empty list; must be 1 to 20 bands"),
        ({"bands": [BAND], "buyBands": []}, "bands.json:12:2 buyBands: is not a key of a bands.json; take it out"),
        ([BAND], 'bands.json must hold {"bands": [{"minMargin": 0.01, …}, …]}'),
        ("{", "bands.json:"),
        ("", 'bands.json must hold {"bands"'),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place_there(tmp_path: Path, file: object, problem: str) -> None:
    found = told(tmp_path, file)
    assert len(found) == 1, found
    assert problem in found[0]


def test_a_file_that_cannot_be_read_is_told_where_it_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, NAMED) == [
        "config.yaml:4:10 strategy.bands: must be a list of bands, or the path of a readable bands.json; "
        "bands.json: No such file or directory"
    ]


def test_bands_that_touch_are_fine_and_the_dead_end_of_equal_margins_is_not(tmp_path: Path) -> None:
    touching = {**BAND, "minMargin": 0.02, "avgMargin": 0.02, "maxMargin": 0.03}
    assert told(tmp_path, {"bands": [BAND, touching]}) == []
    assert "must be more than min_margin" in told(tmp_path, {"bands": [{**BAND, "maxMargin": 0.01}]})[0]
