"""Which strategies there are, by the name a configuration gives."""

from __future__ import annotations

from actors.model.settings import StrategySettings
from actors.strategies.simple import Simple


def make(settings: StrategySettings) -> Simple:
    """The strategy of these settings; names are checked when the configuration is read."""
    return {"simple": Simple}[settings.name](settings.parameters)
