"""What an up/down window is worth by the price that decides it, beside what its book says (strategies.md §6). Floats.

The book lags and is noisy, the model knows neither jumps nor its own error: they are averaged, and where they are far apart
our data is wrong and the book stands alone. So it does where the price is old, or the strike is not known from the stream.
"""

from __future__ import annotations

from math import sqrt

from actors.model.quote import View
from actors.model.series import window_of
from actors.pricing.digital import chance
from actors.pricing.logit import expit, logit
from actors.pricing.race import race

_STALE = 3.0  # s
_FAR = 0.15  # between model and book
_LEAST_RETURNS = 60.0
_TYPICAL, _CALMEST, _WILDEST = 0.75e-4, 0.2e-4, 6e-4  # sigma of the log price per root second


def informed(fair: float, view: View, weight: float) -> float:
    """The `fair` price of the book with `weight` parts of the model's, averaged as logits."""
    model = modelled(view) if weight > 0 else None
    if model is None or abs(model - fair) > _FAR:
        return fair
    return expit((1 - weight) * logit(fair) + weight * logit(model))


def modelled(view: View) -> float | None:
    """The chance of Up; None where the view does not show enough."""
    stream, window, averaging = view.stream, window_of(view.market.slug), view.market.averaging
    if stream is None or window is None or averaging is None or stream.age(view.now) > _STALE:
        return None
    standing = race(stream, window, averaging)
    if standing is None:
        return None
    sigma = sqrt(stream.variance) if stream.returns >= _LEAST_RETURNS else _TYPICAL
    return chance(standing, min(_WILDEST, max(_CALMEST, sigma)))
