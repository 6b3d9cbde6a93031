"""When the windows of a 5- or 15-minute series are quoted, as settings. Knows no window itself."""

from __future__ import annotations

from attrs import field, frozen

from actors.model.validity import about, within

_seconds = within(0.0, 120.0, "from 0 to 120 s")


@frozen
class SeriesSettings:
    """`markets: [btc-updown-5m]` names whichever window runs; the next one is made ready before it opens."""

    skip_first: float = field(
        default=30.0,
        validator=_seconds,
        metadata=about("5- and 15-minute windows: no quotes this long after the start"),
    )
    skip_last: float = field(
        default=60.0, validator=_seconds, metadata=about("5- and 15-minute windows: none this long before the end")
    )
    warm: float = field(
        default=60.0, validator=_seconds, metadata=about("how long before it opens a window is read and watched")
    )
