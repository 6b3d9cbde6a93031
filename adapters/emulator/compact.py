"""JSON as the venue writes it: no blanks, UTF-8. One encoder for every answer and frame."""

from __future__ import annotations

import json

import msgspec

_ENCODER = msgspec.json.Encoder()


def compact(value: object) -> bytes:
    """One line, without its end. Half a surrogate pair, which a caller may have sent, has no UTF-8: it is escaped."""
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def compact_text(value: object) -> str:
    """The same for a socket, whose frames are text."""
    return compact(value).decode()
