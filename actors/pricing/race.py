"""Where a window of an up/down series stands, read from the stream of settlement prices. Knows no clock and no book.

Both strike and final value are means of the last `averaging` seconds up to the start and the end, that second included;
until August 2026 they were the prices of these very seconds (`averaging` 0; polymarket.md §9.4).
"""

from __future__ import annotations

from actors.model.series import Window
from actors.model.stream import Stream
from actors.pricing.digital import Race


def settled_at(stream: Stream, at: float, averaging: int) -> int | None:
    """The value by which the series settles at `at` (epoch s), in 1e-8 USD; None where the stream does not show it."""
    return stream.mean(at - averaging, at) if averaging else stream.price_at(at)


def race(stream: Stream, window: Window, averaging: int) -> Race | None:
    """None before the start, and while the strike or what has passed of the final average is not known.

    Time counts by the prices: a late one has more before it than the clock says.
    """
    until, begun = min(stream.at, window.ends_at), window.ends_at - averaging
    strike = settled_at(stream, window.starts_at, averaging)
    if strike is None or until < window.starts_at:
        return None
    if until >= window.ends_at:
        final = settled_at(stream, window.ends_at, averaging)
        return None if final is None else Race(final, strike, 0.0)
    if until < begun + 1:
        return Race(stream.last, strike, window.ends_at - until, averaging, stream.last)
    known = stream.mean(begun, until)
    return None if known is None else Race(stream.last, strike, window.ends_at - until, averaging, known)
