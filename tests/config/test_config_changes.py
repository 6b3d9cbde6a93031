"""What a new reading of the configuration means for a bot that runs: each key has one fate, and settings never mix."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.config import ConfigError, load
from actors.config_changes import _TABLE, Fate, changes, fate, in_force
from actors.config_keys import described, listed
from actors.model.settings import Settings
from tests.depth import examples

MARKETS = "markets: [demo-cup, demo-rates]\n"
KEYS = [info.path for info in described() if "[]" not in info.path]
VALUES = ["1", "2.5", "0.02", "7", "130", "cancel", "debug", "exit", "true", "", "gtd", "other", "0.5"]


def read(*pairs: str, text: str = MARKETS) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text)
        return load(path, {}, pairs).settings


def test_every_key_has_its_row_and_every_row_its_key() -> None:
    keys, rows = [info.path for info in described()], [row[0] for row in _TABLE]
    assert all(fate(key)[0] in Fate for key in keys)
    assert len(rows) == len(set(rows))
    assert [row for row in rows if not any(key == row or key.startswith((f"{row}.", f"{row}[")) for key in keys)] == []


def test_what_does_not_count_now_says_why() -> None:
    assert [row[0] for row in _TABLE if (row[1] is Fate.NOW) == bool(row[2])] == []


@settings(max_examples=examples(100))
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=6))
def test_settings_in_force_are_the_new_ones_where_they_count_now_and_the_old_ones_elsewhere(
    pairs: list[tuple[str, str]],
) -> None:
    old = read()
    try:
        new = read(*(f"{key}={value}" for key, value in pairs))
    except ConfigError:
        return
    now = dict(listed(in_force(old, new)))
    told = {change.key: change for change in changes(old, new)}
    before, after = dict(listed(old)), dict(listed(new))
    for key in before.keys() | after.keys():
        counts = fate(key)[0] is Fate.NOW
        assert now.get(key, "") == (after if counts else before).get(key, "")
        assert (key in told) == (before.get(key, "") != after.get(key, ""))


def test_another_list_of_markets_waits_for_a_restart_as_a_whole() -> None:
    old = read()
    new = read(text="markets: [demo-cup, {market: demo-oscar, strategy: {size: 5}}]\nstrategy: {size: 7}\n")
    assert [(c.key, c.fate) for c in changes(old, new)] == [
        ("markets", Fate.RESTART),
        ("strategy.size", Fate.NOW),
    ]
    assert in_force(old, new).markets == old.markets
    assert in_force(old, new).strategy == new.strategy


@pytest.mark.parametrize(
    ("pair", "loosens"),
    [
        ("risk.max_position=301", True),
        ("risk.max_position=299.5", False),
        ("risk.max_daily_loss=5", False),
        ("risk.max_orders_per_market=9", True),
        ("risk.on_kill=exit", False),
        ("risk.mode=log_only", True),
        ("risk.max_event_loss=5", False),
        ("risk.min_balance=5", False),
        ("risk.breakers.cool_down=9", True),
        ("risk.breakers.error_rate=9", False),
        ("budget.shrink=true", False),
        ("budget.total=401", True),
        ("budget.total=400.0", None),
        ("budget.per_market=1", False),
        ("strategy.size=51", True),
        ("strategy.h_min=0.001", False),
        ("quoter.lease=4", True),
        ("log.level=debug", False),
    ],
)
def test_what_lets_more_be_lost_is_known(pair: str, loosens: bool | None) -> None:
    found = changes(read(), read(pair))
    assert [change.loosens for change in found] == ([] if loosens is None else [loosens])


@pytest.mark.parametrize(
    ("strategy", "key", "value"),
    [
        ("taker", "max_spend", 9),
        ("tightener", "per_market", 9),
        ("arbitrage", "max_pairs", 900),
        ("value", "max_bet", 90),
    ],
)
def test_whatever_a_ramp_begins_small_loosens_when_it_grows(strategy: str, key: str, value: int) -> None:
    name = f"strategy.name={strategy}"
    found = changes(read(name), read(name, f"strategy.{key}={value}"))
    assert [(change.key, change.loosens) for change in found] == [(f"strategy.{key}", True)]


def test_leaving_a_size_to_the_strategy_loosens() -> None:
    given = read("strategy.size=5")
    assert [change.loosens for change in changes(given, read())] == [True]


def test_taking_a_limit_away_loosens() -> None:
    limited = read("risk.max_daily_loss=5")
    assert [change.loosens for change in changes(limited, read())] == [True]
