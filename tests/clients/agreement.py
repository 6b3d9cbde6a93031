"""An order in the words of no client: what was asked for, and what somebody reads of it. Values only."""

from __future__ import annotations

from attrs import evolve, frozen


@frozen
class Asked:
    """An order to place. `price` and `size` are texts as on the wire; a FAK or FOK buy spends what `size` costs there."""

    token: str
    side: str
    price: str
    size: str
    type: str = "GTC"
    post_only: bool = False
    expires: int = 0
    position: bool = False  # a token of Protocol V2


@frozen
class Read:
    """An order as somebody reads it: prices and sizes in the model's units, names in capitals.

    `type` and `expires` (epoch s, 0 = never) are None to a reader who does not look at them.
    """

    id: str
    market: str
    token: str
    outcome: str
    side: str
    price: int
    size: int
    matched: int
    status: str
    type: str | None = None
    expires: int | None = None

    @property
    def core(self) -> Read:
        """What every reader looks at."""
        return evolve(self, type=None, expires=None)
