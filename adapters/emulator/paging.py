"""Cursor paging: base64 of an offset, as the CLOB has it from `MA==` to `LTE=` (polymarket.md §0.2)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from adapters.emulator.digits import whole
from adapters.emulator.refusal import Refused

END = "LTE="


def page(rows: Sequence[Any], cursor: str, limit: int) -> dict[str, Any]:
    """The page that `cursor` names (empty means the first). Raises Refused 400 for a cursor nobody gave out."""
    start = _offset(cursor)
    part = list(rows[start : start + limit])
    after = start + len(part)
    more = after < len(rows)
    return {"limit": limit, "count": len(part), "next_cursor": cursor_of(after) if more else END, "data": part}


def cursor_of(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode()


def offset_of(cursor: str) -> int | None:
    """None for a cursor that nobody gave out: no base64, a negative offset, or another spelling of a number."""
    try:
        offset = whole(base64.b64decode(cursor, validate=True).decode("ascii"))
    except (ValueError, binascii.Error):
        return None
    return offset if offset is not None and cursor_of(offset) == cursor else None


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    if cursor == END:
        raise Refused(400, "next item should be greater than or equal to 0")
    offset = offset_of(cursor)
    if offset is None:
        raise Refused(400, "invalid next_cursor")
    return offset
