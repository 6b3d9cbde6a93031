"""The venue's "no": an HTTP status and its text (polymarket.md §3.7). Carries no decision."""

from __future__ import annotations


class Refused(Exception):
    """Answered as `{key: text, **extra}` with `status` and `headers`."""

    def __init__(
        self, status: int, text: str, *, key: str = "error", headers: tuple[tuple[str, str], ...] = (), **extra: object
    ) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, text, headers
        self.body: dict[str, object] = {key: text, **extra}
