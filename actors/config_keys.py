"""The keys of the configuration as the reader knows them: path, kind, unit, default, meaning; reads and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from types import GenericAlias, NoneType
from typing import Any, get_args

import attrs
from attrs import frozen

from actors.config_tree import join
from actors.model.numbers import Cash, Price, Size, format_cash, format_price, format_size
from actors.model.settings import Settings
from actors.model.strategy_settings import PARAMETERS, StrategySettings
from actors.model.validity import seconds

Shape = Any  # a type as `attrs` resolves it: a class, a NewType, or a union with None
Value = Any  # what stands in a settings attribute

_AMOUNTS = {Price: ("price in pUSD", format_price), Size: ("shares", format_size), Cash: ("pUSD", format_cash)}
_WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false"}
_LOGIN, _QUERY = re.compile(r"(?<=//)[^/@\s]*@"), re.compile(r"(?<==)[^&\s]+")


@frozen
class KeyInfo:
    """One key. `default` is text as one would write it; None when the key must be given."""

    path: str
    kind: str
    default: str | None
    about: str


def shape(kind: Shape) -> Shape:
    """The type without `| None`."""
    parts = get_args(kind)
    return next(part for part in parts if part is not NoneType) if NoneType in parts else kind


def many(kind: Shape) -> Shape | None:
    """What a tuple type holds, else None."""
    return get_args(kind)[0] if isinstance(kind, GenericAlias) and kind.__origin__ is tuple else None


@cache
def fields(cls: Shape) -> tuple[attrs.Attribute[Any], ...]:
    """The attributes of a settings class with their types resolved; a strategy's parameters are its own keys."""
    found = tuple(attrs.fields(attrs.resolve_types(cls)))
    if cls is not StrategySettings:
        return found
    own = {a.name: a for name in reversed(list(PARAMETERS)) for a in fields(PARAMETERS[name])}
    return (*(a for a in found if a.name != "parameters"), *own.values())


def takers(key: str) -> tuple[str, ...]:
    """The strategies that have this key."""
    return tuple(name for name, cls in PARAMETERS.items() if key in {a.name for a in fields(cls)})


def described(cls: type[attrs.AttrsInstance] = Settings, path: str = "", like: Value = None) -> Iterator[KeyInfo]:
    """Every key there is, in the order of the settings; `markets[]` stands for each market, `like` holds the defaults."""
    for attribute in fields(cls):
        here, kind = join(path, attribute.name), shape(attribute.type)
        if item := many(kind):
            yield from described(item, f"{here}[]")
        elif attrs.has(kind) and attribute.default is not None:
            yield from described(kind, here, attribute.default if isinstance(attribute.default, kind) else None)
        else:
            default = (
                written(getattr(like, attribute.name), kind) if hasattr(like, attribute.name) else _default(attribute)
            )
            yield KeyInfo(here, _kind(kind, attribute.validator), default, _about(cls, attribute))


def listed(value: Value, kind: Shape = Settings, path: str = "") -> Iterator[tuple[str, str]]:
    """Every single value of some settings as (path, text), with logins and query values in addresses hidden."""
    kind = shape(kind)
    if part := many(kind):
        for number, item in enumerate(value):
            yield from listed(item, part, join(path, number))
    elif isinstance(value, StrategySettings):
        yield join(path, "name"), value.name
        yield from listed(value.parameters, type(value.parameters), path)
    elif attrs.has(kind) and value is not None:
        for attribute in fields(kind):
            yield from listed(getattr(value, attribute.name), attribute.type, join(path, attribute.name))
    else:
        yield path, written(value, kind)


def written(value: Value, kind: Shape) -> str:
    """A value as one would write it in the file; amounts in pUSD and shares."""
    if value is None:
        return ""
    if kind in _AMOUNTS:
        return _AMOUNTS[kind][1](value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return _QUERY.sub("***", _LOGIN.sub("***@", text)) if "://" in text else text


def _about(cls: type[attrs.AttrsInstance], attribute: attrs.Attribute[Any]) -> str:
    """What a key means, and whose it is where not every strategy has it."""
    text, whose = str(attribute.metadata.get("about", "")), takers(attribute.name)
    mixed = cls is StrategySettings and 0 < len(whose) < len(PARAMETERS)
    return f"{text} ({', '.join(whose)})" if mixed else text


def _kind(kind: Shape, validator: object) -> str:
    if kind in _AMOUNTS:
        return _AMOUNTS[kind][0]
    if seconds in (validator, getattr(validator, "validator", None)):
        return "seconds"
    return "like strategy" if attrs.has(kind) else _WORDS[kind]


def _default(attribute: attrs.Attribute[Any]) -> str | None:
    return None if attribute.default is attrs.NOTHING else written(attribute.default, shape(attribute.type))
