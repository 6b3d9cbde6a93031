"""Settings in force, for an actor that runs alone."""

from __future__ import annotations

from actors.model.risk_settings import RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, Settings
from actors.shared.tuning import Tuning


def tuned(risk: RiskSettings | None = None, budget: BudgetSettings | None = None) -> Tuning:
    """These, and defaults for the rest."""
    return Tuning(Settings((MarketSettings("alpha"),), risk=risk or RiskSettings(), budget=budget or BudgetSettings()))
