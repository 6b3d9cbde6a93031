"""What the wiring itself promises: the budget knows every market from the start."""

from __future__ import annotations

from actors.shared.budget import Budget
from tests.wiring.world import ALPHA, BETA, bot, world


async def test_the_budget_waits_for_the_statement_of_every_market_it_is_to_guard(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA)) as running:
        child = next(child for child in running.spine.services if child.name == "budget")
        budget = child.run.__self__  # type: ignore[attr-defined]
        assert isinstance(budget, Budget)
        assert set(budget.markets) == {"alpha", "beta"}
