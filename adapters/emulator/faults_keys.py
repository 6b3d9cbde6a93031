"""What the keys of a fault entry may hold: attrs fields that refuse a wrong value and say what would be right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from attrs import NOTHING, Attribute, field

LONGEST = 10**6  # seconds: no run is longer
MOST = 10**9


class BadFaults(ValueError):
    """What is wrong with faults, one `problem` each: which entry, which key and what would be right."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def whole(low: int, high: int, default: Any = NOTHING) -> Any:  # noqa: ANN401 - an attrs field
    """A whole number; a bool is none."""
    wanted = f"a whole number from {low} to {high}"
    return checked(lambda value: type(value) is int and low <= value <= high, wanted, default)


def duration(default: Any = NOTHING, low: float = 0, high: float = LONGEST) -> Any:  # noqa: ANN401 - an attrs field
    """A number of seconds, whole or not, never NaN."""
    return checked(lambda value: _number(value) and low <= value <= high, f"a number from {low} to {high}", default)


def string(default: Any = NOTHING) -> Any:  # noqa: ANN401 - an attrs field
    return checked(lambda value: isinstance(value, str), "a text", default)


def flag(default: bool = False) -> Any:  # noqa: ANN401 - an attrs field
    return checked(lambda value: isinstance(value, bool), "true or false", default)


def choice(values: Sequence[object], default: Any = NOTHING) -> Any:  # noqa: ANN401 - an attrs field
    words = ", ".join(repr(value) for value in values)
    return checked(lambda value: any(value == v and type(value) is type(v) for v in values), f"one of {words}", default)


def decimal(parse: Callable[[str], int], what: str, default: Any = NOTHING) -> Any:  # noqa: ANN401 - an attrs field
    """A number as text, as on the wire; `parse` raises ValueError for anything that is none."""

    def fits(value: object) -> bool:
        try:
            return isinstance(value, str) and parse(value) > 0
        except ValueError:
            return False

    return checked(fits, what, default)


def mistake(known: Attribute[Any], value: object) -> str:
    """What is wrong with a value for the key, or nothing."""
    try:
        if known.validator is not None:
            known.validator(None, known, value)
    except BadFaults as bad:
        return str(bad)
    return ""


def _number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def checked(fits: Callable[[Any], bool], wanted: str, default: Any = NOTHING) -> Any:  # noqa: ANN401 - an attrs field
    """A value that `fits`. None is right where it is the default: the key is then left out."""

    def check(_: object, attribute: Attribute[Any], value: Any) -> None:  # noqa: ANN401 - straight from JSON
        if not (fits(value) or (value is None and default is None)):
            raise BadFaults(f"{attribute.name.rstrip('_')} must be {wanted}, not {value!r}")

    return field(default=default, validator=check, kw_only=True, metadata={"wanted": wanted})
