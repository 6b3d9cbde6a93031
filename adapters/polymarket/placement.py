"""How a POST /order ended, from its answer alone: the outcome table of polymarket.md §3.7, row by row. Sends nothing.

400, 401, 403 and 404 are definite; so are a 429 with rate-limit headers and the two documented 503s. Whatever the
table does not name is Unknown: the order may exist.
"""

from __future__ import annotations

from collections.abc import Mapping

from actors.model.outcome import Accepted, Fault, Placed, Rejected, Unknown
from adapters.polymarket.errors import LONGEST_TEXT, error_text, fault_of, is_ambiguous, parsed

_ACCEPTED = ("live", "matched", "delayed")
_DEFINITE = {400: Fault.OTHER, 401: Fault.ACCOUNT, 403: Fault.BLOCKED, 404: Fault.OTHER}
_PAUSES = ("post_only_mode", "cancel_only_mode", "trading_disabled")


def placement(order_id: str, status: int, headers: Mapping[str, str], body: bytes) -> Placed:
    """The outcome for the order whose hash is `order_id`. `headers` has case-insensitive or lower-case names."""
    if status == 425:
        return Unknown("HTTP 425: the matching engine restarts", engine_down=True)
    if status == 429:
        return _limited(headers)
    try:
        answer = parsed(body)
    except ValueError as problem:
        return _unreadable(status, str(problem))
    if status == 503:
        return _unavailable(answer, headers)
    if status in _DEFINITE:
        return _refused(status, answer)
    if status == 200:
        return _answered(order_id, answer)
    return Unknown(f"HTTP {status}: {error_text(answer)}")


def _limited(headers: Mapping[str, str]) -> Placed:
    """Only the signer's own bucket answers with its headers, before anything is processed; the edge has none."""
    if any(name.lower().startswith("poly-ratelimit-") for name in headers):
        return Rejected(Fault.RATE, "HTTP 429" + _retry_after(headers))
    return Unknown("HTTP 429 without rate-limit headers")


def _unreadable(status: int, problem: str) -> Placed:
    if status == 403:
        return Rejected(Fault.BLOCKED, "HTTP 403 from the venue's edge (address or region blocked)")
    return Unknown(f"HTTP {status}: {problem}")


def _unavailable(answer: object, headers: Mapping[str, str]) -> Placed:
    text, code = error_text(answer), answer.get("code") if isinstance(answer, dict) else None
    if fault_of(text) is Fault.PAUSED or code in _PAUSES:
        return Rejected(Fault.PAUSED, (text or str(code)) + _retry_after(headers))
    return Unknown(f"HTTP 503: {text}")


def _refused(status: int, answer: object) -> Placed:
    text = error_text(answer)
    if is_ambiguous(text):
        return Unknown(f"HTTP {status}: {text}")
    return Rejected(fault_of(text, _DEFINITE[status]), text or f"HTTP {status} without a reason")


def _answered(order_id: str, answer: object) -> Placed:
    """HTTP 200 is not acceptance: success, no error, our id and a known status together are."""
    if not isinstance(answer, dict):
        return Unknown("HTTP 200 with something that is not an object")
    text, theirs, status = error_text(answer), answer.get("orderID") or "", answer.get("status")
    if text:
        definite = not theirs and not is_ambiguous(text)
        return Rejected(fault_of(text), text) if definite else Unknown(f"HTTP 200: {text}")
    if not isinstance(theirs, str) or theirs.lower() != order_id.lower():
        return Unknown(f"the answer names order {str(theirs)[:80]!r}, ours is {order_id}")
    if answer.get("success") is not True or not isinstance(status, str) or status.lower() not in _ACCEPTED:
        return Unknown(f"HTTP 200 with success={answer.get('success')!r:.20} and status {status!r:.40}")
    return Accepted(order_id, status.lower())


def _retry_after(headers: Mapping[str, str]) -> str:
    wait = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return f" (retry after {wait[:LONGEST_TEXT]} s)" if wait else ""
