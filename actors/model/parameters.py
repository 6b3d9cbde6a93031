"""What every strategy's parameters have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from actors.model.numbers import PRICE_ONE, SHARE, Price, Size


@frozen
class Parameters:
    """A strategy's own keys; they stand beside its name in the configuration.

    A key that two strategies share means the same in both. `grows` names those that a ramp begins small, and of which more
    is looser: amounts in integer units.
    """

    grows: ClassVar[tuple[str, ...]] = ()

    def growing(self) -> Mapping[str, int]:
        """How much of what grows is meant in the end; what is 0 or empty bounds nothing."""
        return {key: amount for key in self.grows if (amount := getattr(self, key))}

    @property
    def typical_size(self) -> Size:
        """Shares an order: what markets are ranked by."""
        return Size(20 * SHARE)

    @property
    def typical_half_spread(self) -> Price:
        """How far from the middle: what markets are ranked by."""
        return Price(2 * PRICE_ONE // 100)
