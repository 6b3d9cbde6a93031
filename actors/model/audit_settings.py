"""Where the audit trail is kept. Never opens it; `Settings.audit` holds the value."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.validity import about, not_blank


@frozen
class AuditSettings:
    path: str | None = field(
        default=None,
        validator=validators.optional(not_blank),
        metadata=about("file of the audit trail, one JSON row a line; empty = in the state directory"),
    )
