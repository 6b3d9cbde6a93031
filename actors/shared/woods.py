"""What the universe's parts do to market trees, whoever grows them."""

from __future__ import annotations

from typing import Protocol

from actors.model.market import Market
from actors.model.numbers import Cash
from actors.model.tenure import Origin, Tenure


class Woods(Protocol):
    """Where trees grow. Every change is recorded before the market's actors can act on it."""

    def add(self, market: Market, tenure: Tenure, share: Cash | None = None) -> None:
        """Start trading a market; `share` is what a chosen one may tie up."""
        ...

    def leave(self, slug: str, why: str) -> None:
        """Have a market drain: no quotes, and it goes once nothing is held."""
        ...

    def keep(self, slug: str, origin: Origin) -> None:
        """Trade after all what was being left."""
        ...

    def empty(self, slug: str) -> bool:
        """Whether nothing of ours is left in a market that drains, proven."""
        ...

    def uproot(self, slug: str) -> None:
        """End the tree of a market that is empty."""
        ...

    def runs(self, slug: str) -> bool:
        """Whether a tree of the market runs, be it one that is about to end."""
        ...

    def tied(self, slug: str) -> Cash:
        """What the market ties up now; its whole cap while nobody knows."""
        ...

    def over(self, slug: str) -> str:
        """Why the market will not be traded again, "" while it may be."""
        ...

    def record(self, tenure: Tenure) -> None:
        """Have the journal remember it, or forget one that is over."""
        ...
