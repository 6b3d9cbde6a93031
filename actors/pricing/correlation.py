"""How alike two assets move, from their streams of prices. What is not known to differ is taken to be the same."""

from __future__ import annotations

from math import log, sqrt

from actors.model.stream import Stream

_STEP = 15  # s, as for the volatility
_BACK = 900  # s looked back
_LEAST = 20  # pairs of returns


def correlation(one: Stream, other: Stream) -> float:
    """Of their 15 s returns over the last quarter of an hour, -1 to 1; 1 for the same asset and where too little is known."""
    if one.symbol == other.symbol:
        return 1.0
    end = int(min(one.at, other.at)) if one.times and other.times else 0
    pairs = [(_return(one, at), _return(other, at)) for at in range(end - _BACK + _STEP, end + 1, _STEP) if end]
    known = [(x, y) for x, y in pairs if x is not None and y is not None]
    return _coefficient(known) if len(known) >= _LEAST else 1.0


def _return(stream: Stream, at: int) -> float | None:
    now, then = stream.price_at(at), stream.price_at(at - _STEP)
    return log(now / then) if now is not None and then is not None else None


def _coefficient(pairs: list[tuple[float, float]]) -> float:
    xx, yy = sum(x * x for x, _ in pairs), sum(y * y for _, y in pairs)
    xy = sum(x * y for x, y in pairs)
    return max(-1.0, min(1.0, xy / sqrt(xx * yy))) if xx > 0 and yy > 0 else 1.0
