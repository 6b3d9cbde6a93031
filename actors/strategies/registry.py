"""Which strategies there are, by the name a configuration gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from actors.model.quote import Decision, View
from actors.model.strategy_settings import StrategySettings
from actors.strategies.amm import Amm
from actors.strategies.arbitrage import Arbitrage
from actors.strategies.bands import Bands
from actors.strategies.maker import Maker
from actors.strategies.simple import Simple
from actors.strategies.taker import Taker
from actors.strategies.tightener import Tightener
from actors.strategies.value import Value


class Strategy(Protocol):
    """A pure strategy; its state is a frozen value that the quoter keeps and a restart forgets."""

    def start(self) -> Any: ...  # noqa: ANN401 - its own state

    def step(self, state: Any, view: View) -> tuple[Any, Decision]: ...  # noqa: ANN401 - its own state


STRATEGIES: Mapping[str, Callable[[Any], Strategy]] = {
    "maker": Maker,
    "simple": Simple,
    "taker": Taker,
    "tightener": Tightener,
    "bands": Bands,
    "amm": Amm,
    "arbitrage": Arbitrage,
    "value": Value,
}


def make(settings: StrategySettings) -> Strategy:
    """The strategy of these settings; names are checked when the configuration is read."""
    return STRATEGIES[settings.name](settings.parameters)
