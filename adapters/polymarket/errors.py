"""What the venue's error texts mean to a bot. Reads answers, decides nothing about orders.

Source: the catalogue of polymarket.md §3.7. Texts carry ids and numbers, so they are matched by their fixed part.
"""

from __future__ import annotations

import msgspec

from actors.model.outcome import Fault

LONGEST_TEXT = 300

_FAULTS: tuple[tuple[str, Fault], ...] = (
    ("crosses the book", Fault.CROSSES),
    ("order crosses book", Fault.CROSSES),
    ("not enough balance", Fault.BALANCE),
    ("insufficient balance", Fault.BALANCE),
    ("breaks minimum tick size", Fault.GRID),
    ("lower than the minimum", Fault.GRID),
    ("invalid amount", Fault.GRID),
    ("invalid order payload", Fault.GRID),
    ("invalid expiration", Fault.GRID),
    ("fully filled or killed", Fault.KILLED),
    ("couldn't be fully filled", Fault.KILLED),
    ("no orders found to match", Fault.KILLED),
    ("not yet ready to process", Fault.NOT_READY),
    ("rate limit", Fault.RATE),
    ("order_version_mismatch", Fault.VERSION),
    ("invalid order version", Fault.VERSION),
    ("invalid signature", Fault.VERSION),
    ("has to be the owner of the api key", Fault.ACCOUNT),
    ("has to be the address of the api key", Fault.ACCOUNT),
    ("maker address not allowed", Fault.ACCOUNT),
    ("address banned", Fault.ACCOUNT),
    ("closed only mode", Fault.ACCOUNT),
    ("invalid api key", Fault.ACCOUNT),
    ("invalid l1 request headers", Fault.ACCOUNT),
    ("post-only mode", Fault.PAUSED),
    ("post_only_mode", Fault.PAUSED),
    ("trading is disabled", Fault.PAUSED),
    ("cancel-only", Fault.PAUSED),
    ("cancel only", Fault.PAUSED),
)

# Whatever the status code, these do not prove that the order does not exist: `Duplicated` proves that it does.
_DUPLICATED = "duplicated"
_AMBIGUOUS = (_DUPLICATED, "timed out", "could not insert", "internal server error", "match delayed")


def parsed(body: bytes) -> object:
    """The JSON value of a body. Raises ValueError for anything that is not JSON, HTML and nothing included."""
    try:
        value: object = msgspec.json.decode(body)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"not JSON: {problem}") from None
    return value


def error_text(answer: object) -> str:
    """The reason an answer gives, or "": `error`, `errorMsg`, `error_msg` in this order (§0.2)."""
    if not isinstance(answer, dict):
        return ""
    texts = (answer.get(name) for name in ("error", "errorMsg", "error_msg"))
    return next((text[:LONGEST_TEXT] for text in texts if isinstance(text, str) and text), "")


def fault_of(text: str, otherwise: Fault = Fault.OTHER) -> Fault:
    """The fault an error text names."""
    low = text.lower()
    return next((fault for part, fault in _FAULTS if part in low), otherwise)


def is_ambiguous(text: str) -> bool:
    """Whether the order may exist in spite of this error."""
    low = text.lower()
    return any(part in low for part in _AMBIGUOUS)


def proves_order(text: str, order_id: str) -> bool:
    """Whether the error says that this order is at the venue already; of a whole batch it names the order it means."""
    low = text.lower()
    return _DUPLICATED in low and (order_id.lower() in low or "0x" not in low)
