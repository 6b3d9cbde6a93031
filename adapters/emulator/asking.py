"""What public routes read from a request: tokens, conditions, batches. Refuses what the venue refuses (§1.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from adapters.emulator import digits
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from adapters.emulator.terms import Phase

_LARGEST_PAGE = 500
_FIRST_DAY = date(1970, 1, 1)
_NO_BOOK = "No orderbook exists for the requested token id"


def asked(desk: Desk, request: Request) -> tuple[str, Listing]:
    """The token of the query, or the last part of the path (`/tick-size/{token}`). Raises Refused 404."""
    token = request.query.get("token_id") or last(request)
    return token, desk.listing_of_token(token)


def asked_book(desk: Desk, request: Request) -> tuple[str, Listing]:
    """As `asked`; a resolved market has no book any more."""
    token, listing = asked(desk, request)
    if not has_book(listing):
        raise no_book()
    return token, listing


def asked_books(desk: Desk, request: Request) -> list[tuple[str, Listing, str]]:
    """(token, listing, side or nothing) of every entry of a batch that has a book.

    Unknown tokens are left out: how the venue answers them is not known. Raises Refused 400 for no such array.
    """
    try:
        rows = request.json()
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) and "token_id" in row for row in rows):
        raise Refused(400, "Invalid payload")
    known = desk.exchange.listings.by_token
    every = [(str(row["token_id"]), str(row.get("side", "")).upper()) for row in rows]
    return [(token, known[token], side) for token, side in every if token in known and has_book(known[token])]


def has_book(listing: Listing) -> bool:
    return listing.phase is not Phase.RESOLVED


def no_book() -> Refused:
    return Refused(404, _NO_BOOK)


def last(request: Request) -> str:
    """`/markets/0xab` → `0xab`."""
    return request.path.rsplit("/", 1)[-1]


def _invalid(key: str, text: str) -> Refused:
    return Refused(400, f"Invalid {key}")


def whole(
    request: Request, key: str, default: int, *, least: int = 0, no: Callable[[str, str], Refused] = _invalid
) -> int:
    """A whole number of the query, at least `least`. Raises what `no` makes of the key and its text (400)."""
    text = request.query.get(key, "")
    if not text:
        return default
    number = digits.whole(text)
    if number is None or number < least:
        raise no(key, text)
    return number


def page_size(request: Request, default: int) -> int:
    """How many rows a page has, 1 to 500. Raises Refused 400."""
    return min(_LARGEST_PAGE, max(1, whole(request, "page_size", default)))


def day_of(request: Request) -> int:
    """The UTC day (days since 1970) that `date=YYYY-MM-DD` names. Raises Refused 400."""
    text = request.query.get("date", "")
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise Refused(400, "Invalid date")
    return (day - _FIRST_DAY).days
