"""What the venue's trading answers say is left of the signer's tokens: the `Poly-RateLimit-*` headers (polymarket.md §12.2).

Nobody documents them further than by name. `Reset` is read as the epoch second from which one more call fits, or as seconds
from now where it is too small for that; whatever cannot be read says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

import trio
from attrs import define, field

from actors.model.rates import Lane, Quota

_PREFIX = "poly-ratelimit-"
_EPOCH_FROM = 10**8
_LONGEST_NAME = 20


@define(eq=False)
class Quotas:
    """The last word of each lane; `wall` gives epoch seconds."""

    _wall: Callable[[], float]
    _last: dict[Lane, Quota] = field(factory=dict)

    def hear(self, lane: Lane, headers: Mapping[str, str]) -> None:
        """`headers` have lower-case names; those without the venue's own change nothing."""
        left = _number(headers.get(f"{_PREFIX}remaining"))
        if left is None:
            return
        reset = _number(headers.get(f"{_PREFIX}reset")) or 0.0
        tier, warning = headers.get(f"{_PREFIX}tier", ""), headers.get(f"{_PREFIX}warning", "")
        self._last[lane] = Quota(
            lane=lane,
            left=left,
            resets_in=max(0.0, reset - self._wall() if reset >= _EPOCH_FROM else reset),
            at=trio.current_time(),
            tier="".join(c for c in tier[:_LONGEST_NAME] if c.isalnum()).lower(),
            warned=warning.strip().lower() not in ("", "false", "0"),
        )

    def last(self, lane: Lane) -> Quota | None:
        return self._last.get(lane)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and isfinite(value) else None
