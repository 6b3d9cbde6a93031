"""From a reply to a value or an `Unread` that says why: the one place where reads fail. Sends nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from actors.model.outcome import Unread
from adapters.polymarket.errors import error_text, parsed
from adapters.polymarket.lanes import Heard, Reply
from adapters.polymarket.signs import sign_in
from adapters.polymarket.wire import FIRST_PAGE, LAST_PAGE, Page, decode

MOST_PAGES = 200

R = TypeVar("R")
T = TypeVar("T")


def body_of(heard: Heard) -> bytes | Unread:
    """The body of an HTTP 200."""
    if not isinstance(heard, Reply):
        return Unread(heard.why)
    if heard.status == 200:
        return heard.body
    try:
        answer = parsed(heard.body)
        text = error_text(answer)
    except ValueError:
        answer, text = None, "(no JSON)"
    return Unread(f"HTTP {heard.status} {text}".rstrip(), sign_in(heard.status, heard.headers, answer))


def read(value: R | Unread, decoder: Callable[[R], T]) -> T | Unread:
    """`decoder` of a value; what it refuses becomes the reason."""
    if isinstance(value, Unread):
        return value
    try:
        return decoder(value)
    except ValueError as problem:
        return Unread(f"unreadable answer: {problem}")


async def pages(
    fetch: Callable[[str], Awaitable[Heard]],
    complete: Callable[[list[msgspec.Raw]], bool] = lambda page: False,
) -> list[msgspec.Raw] | Unread:
    """The rows of all pages, or why not all of them could be read: a part of the truth would be a wrong answer.

    `complete` sees each page and may say that no further one is needed.
    """
    rows: list[msgspec.Raw] = []
    cursor = FIRST_PAGE
    for _ in range(MOST_PAGES):
        page = read(body_of(await fetch(cursor)), lambda body: decode(body, Page))
        if isinstance(page, Unread):
            return page
        rows += page.data
        if complete(page.data) or not page.next_cursor or page.next_cursor == LAST_PAGE:
            return rows
        if page.next_cursor == cursor:
            return Unread(f"paging does not move on from cursor {cursor[:40]!r}")
        cursor = page.next_cursor
    return Unread(f"more than {MOST_PAGES} pages")
