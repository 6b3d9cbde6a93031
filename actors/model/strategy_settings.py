"""Which strategies a configuration can name, each with its own keys: the `strategy` section of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Factory, field, frozen

from actors.model.amm_settings import AmmParameters
from actors.model.arbitrage_settings import ArbitrageParameters
from actors.model.bands_settings import BandsParameters
from actors.model.maker_settings import MakerParameters
from actors.model.simple_settings import SimpleParameters
from actors.model.taker_settings import TakerParameters
from actors.model.tightener_settings import TightenerParameters
from actors.model.validity import Conflict, about, one_of
from actors.model.value_settings import ValueParameters

PARAMETERS: Mapping[str, Any] = {
    "maker": MakerParameters,
    "simple": SimpleParameters,
    "taker": TakerParameters,
    "tightener": TightenerParameters,
    "bands": BandsParameters,
    "amm": AmmParameters,
    "arbitrage": ArbitrageParameters,
    "value": ValueParameters,
}
COMMON = "maker"
GROWING = frozenset(key for own in PARAMETERS.values() for key in own.grows)  # see `Parameters.grows`


@frozen
class StrategySettings:
    """A strategy by name; in YAML its parameters stand beside `name`."""

    name: str = field(default=COMMON, validator=one_of(*PARAMETERS), metadata=about("which strategy"))
    parameters: Any = field(  # of the class that PARAMETERS names
        default=Factory(lambda self: PARAMETERS.get(self.name, SimpleParameters)(), takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        if type(self.parameters) is not PARAMETERS[self.name]:
            raise Conflict("name", f"takes {PARAMETERS[self.name].__name__}, not {type(self.parameters).__name__}")
