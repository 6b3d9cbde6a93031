"""Validators for settings: each refusal is a ValueError that starts with `must` and says what would be right.

They look at one value only, never at the instance, so that the configuration can run them one by one and report all at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from math import isfinite
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import Attribute

Validator = Callable[[Any, "Attribute[Any]", Any], None]

LONGEST_S = 86_400.0
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")  # of a host's name
_LONGEST_ADDRESS = 2_000
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Conflict(ValueError):
    """Two settings that do not go together; `key` is the one to point at."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def about(text: str) -> dict[str, str]:
    """The metadata of a key: what it means, for `config schema`."""
    return {"about": text}


def above_zero(_: object, __: Attribute[Any], value: float) -> None:
    if not (value > 0 and isfinite(value)):
        raise ValueError("must be more than 0")


def not_negative(_: object, __: Attribute[Any], value: float) -> None:
    if not (value >= 0 and isfinite(value)):
        raise ValueError("must be 0 or more")


def seconds(_: object, __: Attribute[Any], value: float) -> None:
    if not 0 < value <= LONGEST_S:
        raise ValueError("must be a time in seconds, more than 0 and at most 86400")


def within(low: float, high: float, shown: str) -> Validator:
    """Values from `low` to `high`, both allowed; `shown` names the range in the reader's units."""

    def check(_: object, __: Attribute[Any], value: float) -> None:
        if not low <= value <= high:
            raise ValueError(f"must be {shown}")

    return check


def one_of(*words: str) -> Validator:
    wanted = " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)

    def check(_: object, __: Attribute[Any], value: str) -> None:
        if value not in words:
            raise ValueError(f"must be {wanted}")

    return check


def short_name(_: object, __: Attribute[Any], value: str) -> None:
    """A name that becomes a folder: lower case letters, digits, `-` and `_`."""
    if not _SLUG.fullmatch(value):
        raise ValueError("must be 1 to 40 lower case letters, digits, - or _")


def not_blank(_: object, __: Attribute[Any], value: str) -> None:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be some text on one line")


def address(scheme: str) -> Validator:
    """An `https` or `wss` address; without TLS only on this machine, where nobody listens in (reliability.md §7)."""
    bare = scheme.removesuffix("s")

    def check(_: object, __: Attribute[Any], value: str) -> None:
        parts = _split(value)
        if parts is None or parts.scheme not in (scheme, bare) or not parts.hostname:
            raise ValueError(f"must be an address like {scheme}://host/path")
        if parts.scheme == bare and not _on_this_machine(parts.hostname):
            raise ValueError(f"must start with {scheme}:// ; {bare}:// is for this machine (127.0.0.1) only")

    return check


def is_web(value: str) -> bool:
    """Whether it is an http or https address, of whatever machine."""
    parts = _split(value)
    return parts is not None and parts.scheme in ("http", "https")


def _split(value: str) -> SplitResult | None:
    """The parts of an address that every client can dial: plain letters, a host, a port."""
    try:
        parts = urlsplit(value)
        plain = len(value) <= _LONGEST_ADDRESS and value.isascii() and value.isprintable() and " " not in value
        if not plain or parts.port == 0:  # reading .port is what checks it
            return None
        bracketed = "[" not in parts.netloc or ":" in (parts.hostname or "")
        return parts if bracketed and _is_host(parts.hostname or "") else None
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    """An IP address or a name. Raises ValueError for a name in letters of its own that nobody can spell."""
    try:
        return bool(ip_address(host))
    except ValueError:
        labels = host.split(".")
    if any(label.startswith("xn--") for label in labels):
        host.encode().decode("idna")
    return all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
