"""Whole numbers as clients write them: one reader for headers, queries, cursors and signed fields. Knows no route."""

from __future__ import annotations

QUERY = 15  # digits of any count, page, second or millisecond of a query
UINT256 = 78  # digits of the largest number on the chain


def whole(text: str, longest: int = QUERY) -> int | None:
    """The number that 1 to `longest` ASCII digits write; None for anything else.

    `int()` alone also takes signs, spaces, `_` and other scripts' digits, and raises beyond 4,300 of them.
    """
    return int(text) if 0 < len(text) <= longest and text.isascii() and text.isdecimal() else None
