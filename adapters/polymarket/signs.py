"""What a refusal tells about the whole venue or our account there, beyond its own request (polymarket.md §3.7, §12.3).

A sign never decides what became of an order: that is the outcome table's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from actors.model.outcome import Sign, Storm
from adapters.polymarket.errors import error_text

_STATUSES = {425: Storm.RESTART, 429: Storm.LIMITED, 401: Storm.LOGIN}
_TEXTS: tuple[tuple[str, Storm], ...] = (
    ("post-only mode", Storm.POST_ONLY),
    ("post_only_mode", Storm.POST_ONLY),
    ("cancel-only", Storm.CANCEL_ONLY),
    ("cancel only", Storm.CANCEL_ONLY),
    ("cancel_only", Storm.CANCEL_ONLY),
    ("trading is disabled", Storm.DISABLED),
    ("trading_disabled", Storm.DISABLED),
    ("closed only mode", Storm.CLOSED_ONLY),
    ("address banned", Storm.BARRED),
    ("maker address not allowed", Storm.BARRED),
    ("has to be the owner of the api key", Storm.BARRED),
    ("has to be the address of the api key", Storm.BARRED),
)


def sign_in(status: int, headers: Mapping[str, str], answer: object) -> Sign | None:
    """The sign in an answer that is no success; `answer` is its JSON value, None for a body that is no JSON."""
    storm = _STATUSES.get(status) or _named(answer) or (Storm.BLOCKED if status == 403 else None)
    return Sign(storm, _asked_wait(headers, answer)) if storm else None


def _named(answer: object) -> Storm | None:
    code = answer.get("code") if isinstance(answer, Mapping) else None
    text = f"{error_text(answer)} {code if isinstance(code, str) else ''}".lower()
    return next((storm for part, storm in _TEXTS if part in text), None)


def _asked_wait(headers: Mapping[str, str], answer: object) -> float:
    """Seconds the venue asks us to wait: the `Retry-After` header (its date form says nothing), else the body's word."""
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    asked = told if told is not None or not isinstance(answer, Mapping) else answer.get("retry_after_seconds")
    try:
        wait = float(asked) if isinstance(asked, str | int | float) else 0.0
    except (ValueError, OverflowError):
        wait = 0.0
    return wait if isfinite(wait) and wait > 0 else 0.0
