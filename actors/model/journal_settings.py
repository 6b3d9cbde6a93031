"""Where the record of every order is kept, as settings. Opens nothing."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.validity import about, not_blank, within


@frozen
class JournalSettings:
    path: str | None = field(
        default=None,
        validator=validators.optional(not_blank),
        metadata=about("file, for an exchange that outlives the bot; empty = in the state directory"),
    )
    group_ms: int = field(
        default=50,
        validator=within(1, 1000, "from 1 to 1000"),
        metadata=about("milliseconds facts wait for a common commit"),
    )
