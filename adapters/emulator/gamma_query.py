"""What a Gamma list was asked for: filters, order and page out of a query string (polymarket.md §9.1). Reads rows only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.emulator.asking import whole
from adapters.emulator.http import Request
from adapters.emulator.paging import cursor_of, offset_of
from adapters.emulator.refusal import Refused

Row = dict[str, Any]

_MOST, _USUAL = 500, 20
_FLAGS = ("active", "archived")
_EQUAL = {"version": "version", "uma_resolution_status": "umaResolutionStatus", "resolution_status": "resolutionStatus"}
_NUMBERS = {"liquidity_num": "liquidityNum", "volume_num": "volumeNum", "liquidity": "liquidity", "volume": "volume"}
_DATES = {"start_date": "startDate", "end_date": "endDate"}


def select(rows: Sequence[Row], request: Request, *, named: bool) -> list[Row]:
    """The rows that pass the filters, in the order asked for.

    `closed` left out means open ones only, but not when rows were `named` by id or slug: the venue's copies differ
    (§9.1). Raises Refused 400 for a value that cannot be read.
    """
    wanted = [test for make in (_flags, _equals, _numbers, _dates) for test in make(request)]
    closed = _bool(request, "closed", None if named else False)
    if closed is not None:
        wanted.append(lambda row: row["closed"] is closed)
    return _ordered([row for row in rows if all(test(row) for test in wanted)], request)


def offset_page(rows: Sequence[Any], request: Request) -> list[Any]:
    """Offset paging: a bare array."""
    start = whole(request, "offset", 0, no=_invalid)
    return list(rows[start : start + limit(request)])


def keyset_page(rows: Sequence[Any], name: str, request: Request) -> dict[str, Any]:
    """Keyset paging: `{name: […], "next_cursor": …}`, without a cursor on the last page."""
    start, size = _cursor(request.query.get("after_cursor", "")), min(limit(request), 100)
    page: dict[str, Any] = {name: list(rows[start : start + size])}
    if start + size < len(rows):
        page["next_cursor"] = cursor_of(start + size)
    return page


def limit(request: Request, key: str = "limit", usual: int = _USUAL) -> int:
    """How many rows a page may hold, at least one: a client that follows cursors of empty pages never ends."""
    return min(whole(request, key, usual, least=1, no=_invalid), _MOST)


def page_number(request: Request) -> int:
    """Pages of the search count from 1."""
    return max(whole(request, "page", 1, no=_invalid), 1)


def _flags(request: Request) -> list[Callable[[Row], bool]]:
    asked = {key: _bool(request, key, None) for key in _FLAGS}
    return [_same(key, value) for key, value in asked.items() if value is not None]


def _equals(request: Request) -> list[Callable[[Row], bool]]:
    return [_same(field, request.query[key]) for key, field in _EQUAL.items() if request.query.get(key)]


def _same(field: str, value: object) -> Callable[[Row], bool]:
    return lambda row: row.get(field) == value


def _numbers(request: Request) -> list[Callable[[Row], bool]]:
    return _bounds(request, _NUMBERS, _number)


def _dates(request: Request) -> list[Callable[[Row], bool]]:
    return _bounds(request, _DATES, _moment)


def _bounds(request: Request, fields: dict[str, str], read: Callable[[str], float]) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    for key, field in fields.items():
        for end, sign in (("min", 1), ("max", -1)):
            text = request.query.get(f"{key}_{end}")
            if text:
                tests.append(_bound(field, sign, read(text), read))
    return tests


def _bound(field: str, sign: int, edge: float, read: Callable[[str], float]) -> Callable[[Row], bool]:
    return lambda row: (read(str(row.get(field) or 0)) - edge) * sign >= 0


def _ordered(rows: list[Row], request: Request) -> list[Row]:
    """By one or more fields, largest first unless `ascending`; rows without the field come last."""
    descending = not _bool(request, "ascending", False)
    for field in reversed([name for name in request.query.get("order", "").split(",") if name]):
        if rows and not any(field in row for row in rows):
            raise Refused(400, f"invalid order: {field}")
        have = [row for row in rows if row.get(field) is not None]
        if not _comparable([row[field] for row in have]):
            raise Refused(400, f"invalid order: {field}")
        have.sort(key=lambda row, field=field: row[field], reverse=descending)  # type: ignore[misc]
        rows = have + [row for row in rows if row.get(field) is None]
    return rows


def _comparable(values: Sequence[object]) -> bool:
    """All numbers (flags among them) or all texts; lists and objects have no order."""
    return any(all(isinstance(value, kind) for value in values) for kind in ((int, float), str))


def _bool(request: Request, key: str, default: bool | None) -> bool | None:
    text = request.query.get(key, "").lower()
    if text not in ("", "true", "false"):
        raise _invalid(key, text)
    return default if not text else text == "true"


def _invalid(key: str, text: str) -> Refused:
    return Refused(400, f"invalid {key}: {text}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as problem:
        raise Refused(400, f"invalid number: {text}") from problem


def _moment(text: str) -> float:
    if text == "0":
        return 0.0
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as problem:
        raise Refused(400, f"invalid date: {text}") from problem
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _cursor(text: str) -> int:
    start = offset_of(text) if text else 0
    if start is None:
        raise Refused(400, "invalid after_cursor")
    return start
