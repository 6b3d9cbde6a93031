"""A random amount or pause as a person describes it: one of four distributions, each with its own keys."""

from __future__ import annotations

from math import isfinite
from typing import Any

from attrs import Attribute, field, fields, frozen, validators

from actors.model.validity import Conflict, about, one_of

_KEYS = {"uniform": ("min", "max"), "normal": ("mean", "std"), "exponential": ("mean",), "fixed": ("value",)}


def _positive(_: object, __: Attribute[Any], value: float) -> None:
    if not (0 < value <= 1_000_000 and isfinite(value)):
        raise ValueError("must be more than 0 and at most 1000000")


def _number(what: str) -> float | None:
    value: float | None = field(default=None, validator=validators.optional(_positive), metadata=about(what))
    return value


@frozen
class Distribution:
    """`type` says which keys count; a key of another type is refused, and so is an unknown type."""

    type: str = field(default="uniform", validator=one_of(*_KEYS), metadata=about("; ".join(_KEYS)))
    min: float | None = _number("least (uniform)")
    max: float | None = _number("most (uniform)")
    mean: float | None = _number("mean (normal, exponential)")
    std: float | None = _number("standard deviation (normal)")
    value: float | None = _number("always this (fixed)")

    def __attrs_post_init__(self) -> None:
        wanted = _KEYS[self.type]
        for attribute in fields(type(self))[1:]:
            given = getattr(self, attribute.name) is not None
            if given and attribute.name not in wanted:
                raise Conflict(
                    attribute.name, f"has no meaning with type {self.type}, which takes {' and '.join(wanted)}"
                )
            if not given and attribute.name in wanted:
                raise Conflict(attribute.name, f"must be given with type {self.type}")
        if self.type == "uniform" and (self.min or 0) > (self.max or 0):
            raise Conflict("min", "must not be above max")
