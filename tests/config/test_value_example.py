"""The ready-made configuration of `value` is sound, and says what it is for."""

from __future__ import annotations

from pathlib import Path

from actors.config import load
from actors.model.value_settings import ValueParameters

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "value.yaml"


def test_the_example_of_value_is_sound_and_keeps_its_bets_to_the_end() -> None:
    settings = load(EXAMPLE, {}, ()).settings
    assert isinstance(settings.strategy.parameters, ValueParameters)
    assert (settings.mode, settings.on_leave, settings.on_shutdown) == ("demo", "keep", "cancel")
