"""From the answer of a POST /order or /orders to outcomes: the table of polymarket.md §3.7, row by row. Sends nothing.

400, 401, 403 and 404 are definite; so are a 429 with rate-limit headers and the two documented 503s. Whatever the
table does not name is Unknown: the order may exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actors.model.outcome import Accepted, Fault, Placed, Rejected, Sign, Storm, Unknown
from adapters.polymarket.errors import error_text, fault_of, is_ambiguous, parsed, proves_order
from adapters.polymarket.signs import sign_in

_ACCEPTED = ("live", "matched", "delayed")
_DEFINITE = {400: Fault.OTHER, 401: Fault.ACCOUNT, 403: Fault.BLOCKED, 404: Fault.OTHER}
_NOT_PROCESSED = (Storm.POST_ONLY, Storm.CANCEL_ONLY, Storm.DISABLED)


def placement(order_id: str, status: int, headers: Mapping[str, str], body: bytes) -> Placed:
    """The outcome for the order whose hash is `order_id`. `headers` has case-insensitive or lower-case names."""
    if status == 425:
        return Unknown("HTTP 425: the matching engine restarts", engine_down=True)
    if status == 429:
        return _limited(headers)
    try:
        answer = parsed(body)
    except ValueError as problem:
        return _unreadable(status, str(problem), headers)
    if status == 200:
        return _answered(order_id, answer)
    return _refused(order_id, status, answer, headers)


def placements(order_ids: Sequence[str], status: int, headers: Mapping[str, str], body: bytes) -> tuple[Placed, ...]:
    """The outcomes of a batch, in the order of `order_ids`: what refuses the whole of it refuses every order."""
    if status != 200:
        return tuple(placement(order_id, status, headers, body) for order_id in order_ids)
    try:
        legs = parsed(body)
    except ValueError as problem:
        return tuple(_unreadable(status, str(problem), headers) for _ in order_ids)
    if not isinstance(legs, list):
        return (Unknown("HTTP 200 to a batch with something that is not an array"),) * len(order_ids)
    return tuple(_leg(number, order_ids, legs) for number in range(len(order_ids)))


def _leg(number: int, order_ids: Sequence[str], legs: Sequence[object]) -> Placed:
    """The leg that names the order; failed ones name none, so they count by their places, if no leg is missing."""
    order_id = order_ids[number]
    mine = [leg for leg in legs if _named(leg).lower() == order_id.lower()]
    if len(mine) == 1:
        return _answered(order_id, mine[0])
    if mine or len(legs) != len(order_ids):
        return Unknown(f"{len(legs)} answers to {len(order_ids)} orders, {len(mine)} of them to this one")
    return _answered(order_id, legs[number])


def _named(leg: object) -> str:
    name = leg.get("orderID") if isinstance(leg, dict) else None
    return name if isinstance(name, str) else ""


def _limited(headers: Mapping[str, str]) -> Placed:
    """Only the signer's own bucket answers with its headers, before anything is processed; the edge has none."""
    sign = sign_in(429, headers, None)
    if any(name.lower().startswith("poly-ratelimit-") for name in headers):
        return Rejected(Fault.RATE, "HTTP 429" + _asked(sign), sign)
    return Unknown("HTTP 429 without rate-limit headers", sign=sign)


def _unreadable(status: int, problem: str, headers: Mapping[str, str]) -> Placed:
    sign = sign_in(status, headers, None)
    if status == 403:
        return Rejected(Fault.BLOCKED, "HTTP 403 from the venue's edge (address or region blocked)", sign)
    return Unknown(f"HTTP {status}: {problem}", sign=sign)


def _refused(order_id: str, status: int, answer: object, headers: Mapping[str, str]) -> Placed:
    text, sign = error_text(answer), sign_in(status, headers, answer)
    if status == 503 and sign is not None and sign.storm in _NOT_PROCESSED:
        return Rejected(Fault.PAUSED, (text or sign.storm.value) + _asked(sign), sign)
    if status not in _DEFINITE or is_ambiguous(text):
        return Unknown(f"HTTP {status}: {text}", exists=proves_order(text, order_id), sign=sign)
    return Rejected(fault_of(text, _DEFINITE[status]), text or f"HTTP {status} without a reason", sign)


def _answered(order_id: str, answer: object) -> Placed:
    """HTTP 200 is not acceptance: success, no error, our id and a known status together are."""
    if not isinstance(answer, dict):
        return Unknown("HTTP 200 with something that is not an object")
    text, theirs, status = error_text(answer), answer.get("orderID") or "", answer.get("status")
    if text:
        sign = sign_in(200, {}, answer)
        if theirs or is_ambiguous(text):
            return Unknown(f"HTTP 200: {text}", exists=proves_order(text, order_id), sign=sign)
        return Rejected(fault_of(text), text, sign)
    if not isinstance(theirs, str) or theirs.lower() != order_id.lower():
        return Unknown(f"the answer names order {str(theirs)[:80]!r}, ours is {order_id}")
    if answer.get("success") is not True or not isinstance(status, str) or status.lower() not in _ACCEPTED:
        return Unknown(f"HTTP 200 with success={answer.get('success')!r:.20} and status {status!r:.40}")
    return Accepted(order_id, status.lower())


def _asked(sign: Sign | None) -> str:
    return f" (retry after {sign.wait:g} s)" if sign is not None and sign.wait else ""
