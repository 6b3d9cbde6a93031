"""Settings of what is settled on the chain: pairs and resolved markets."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.numbers import Size
from actors.model.validity import about, above_zero


@frozen
class SettleSettings:
    """Only contract wallets settle by themselves: an EOA is shown the calls it has to make."""

    merge_above: Size | None = field(
        default=None,
        validator=validators.optional(above_zero),
        metadata=about("idle YES and NO pairs of a market from which they are merged into cash; empty = never"),
    )
    redeem: bool = field(default=True, metadata=about("redeem what a market pays once its resolution is final"))
