"""Whatever a configuration can name, there is, and a key says the same wherever it stands."""

from __future__ import annotations

from actors.config_keys import fields, shape
from actors.model.parameters import Parameters
from actors.model.strategy_settings import PARAMETERS, StrategySettings
from actors.strategies.registry import STRATEGIES, make


def test_every_strategy_that_can_be_named_can_be_made() -> None:
    assert STRATEGIES.keys() == PARAMETERS.keys()
    for name, own in PARAMETERS.items():
        assert issubclass(own, Parameters)
        made = make(StrategySettings(name))
        assert made.start() == made.start()


def test_a_key_of_several_strategies_has_one_kind() -> None:
    kinds: dict[str, set[str]] = {}
    for own in PARAMETERS.values():
        for attribute in fields(own):
            kinds.setdefault(attribute.name, set()).add(str(shape(attribute.type)))
    assert {key: kind for key, kind in kinds.items() if len(kind) > 1} == {}


def test_what_grows_with_a_ramp_is_a_key_and_no_key_is_called_name() -> None:
    for own in PARAMETERS.values():
        keys = {attribute.name for attribute in fields(own)}
        assert set(own.grows) <= keys
        assert not keys & {"name", "parameters"}
