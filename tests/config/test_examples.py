"""Every ready-made configuration is good as it is, and every strategy has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.config import load
from actors.model.strategy_settings import PARAMETERS

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def strategies(path: Path) -> set[str]:
    settings = load(path, {}, ()).settings
    return {settings.strategy.name, *(m.strategy.name for m in settings.markets if m.strategy is not None)}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_is_good_and_trades_by_the_strategy_of_its_name(path: Path) -> None:
    assert path.stem in strategies(path)


def test_every_strategy_has_an_example() -> None:
    assert {name for path in EXAMPLES.glob("*.yaml") for name in strategies(path)} == set(PARAMETERS)
