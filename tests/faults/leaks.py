"""Whether a text gives a secret away, whole or in part (I20)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

_PART = 16  # characters in a row that nobody prints by accident
_SHORT = 8


def secret_free(text: str, secrets: Collection[str]) -> bool:
    """No secret, and no long part of one, stands in the text, in whatever case. Secrets shorter than 8 are no secrets."""
    low = text.lower()
    return not any(part in low for secret in secrets for part in _parts(secret.lower().removeprefix("0x")))


@cache
def _parts(secret: str) -> list[str]:
    if len(secret) < _SHORT:
        return []
    return [secret[start : start + _PART] for start in range(max(1, len(secret) - _PART + 1))]
