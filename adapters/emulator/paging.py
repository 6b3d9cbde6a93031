"""Cursor paging as the CLOB does it: base64 of an offset, from `MA==` to `LTE=` (polymarket.md §0.2)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from adapters.emulator.refusal import Refused

END = "LTE="


def page(rows: Sequence[Any], cursor: str, limit: int) -> dict[str, Any]:
    """The page that `cursor` names (empty means the first). Raises Refused 400 for a cursor nobody gave out."""
    start = _offset(cursor)
    part = list(rows[start : start + limit])
    after = start + len(part)
    more = after < len(rows)
    return {"limit": limit, "count": len(part), "next_cursor": _cursor(after) if more else END, "data": part}


def _cursor(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode()


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    if cursor == END:
        raise Refused(400, "next item should be greater than or equal to 0")
    try:
        return int(base64.b64decode(cursor, validate=True))
    except (ValueError, binascii.Error) as problem:
        raise Refused(400, "invalid next_cursor") from problem
