"""Which orders a person is asked about. Asks nobody; `Settings.approval` holds the value."""

from __future__ import annotations

from attrs import field, frozen

from actors.model.validity import about, one_of, seconds


@frozen
class ApprovalSettings:
    orders: str = field(
        default="none",
        validator=one_of("none", "all"),
        metadata=about("none, or all = no quote is placed before a person has approved it (`actors approve`)"),
    )
    timeout: float = field(
        default=30.0,
        validator=seconds,
        metadata=about("without an answer an order is rejected after this, and not proposed again for as long"),
    )
