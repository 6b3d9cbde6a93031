"""Configuration into `Settings`: every value with its origin, every error at once; starts nothing.

Layers: defaults < file < `ACTORS__SECTION__KEY` < `--set section.key=value` (architecture.md §9). cattrs walks the classes; each
value is checked on its own, so that one error never hides another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from actors.config_bands import with_bands
from actors.config_keys import Shape, fields, listed, many, shape
from actors.config_layers import layered
from actors.config_problems import missing, tidied, unknown, wrong
from actors.config_secrets import secret_values
from actors.config_tree import DEFAULT, Node, Origin, Problem, Scalar, Series, Table, join, places
from actors.model.numbers import Cash, Price, Size, parse_cash, parse_price, parse_size
from actors.model.parameters import Parameters
from actors.model.settings import Settings
from actors.model.strategy_settings import COMMON, PARAMETERS, StrategySettings
from actors.model.validity import Conflict

Hook = Callable[[Any, Any], Any]

_WHOLE, _DECIMAL = re.compile(r"[0-9]{1,18}"), re.compile(r"[0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18}")


class ConfigError(Exception):
    """The configuration cannot be used. `problems` are all of them; `str` gives one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@frozen
class Loaded:
    """Settings, and for the path of each single value where it came from."""

    settings: Settings
    origins: Mapping[str, Origin]


def load(path: Path, environ: Mapping[str, str], overrides: Sequence[str]) -> Loaded:
    """Read all layers. Raises ConfigError with every problem in them, and nothing else."""
    layer = layered(path, environ, overrides)
    problems = list(layer.problems)
    if layer.root is not None:
        root, told = with_bands(layer.root)
        problems += told
        try:
            settings = _converter().structure(_plain(root), Settings)
        except BaseValidationError as error:
            problems += _problems(error, root)
        else:
            if not problems:
                return Loaded(settings, _origins(settings, root))
    raise ConfigError(tidied(problems, secret_values(environ)))


def _origins(settings: Settings, root: Node) -> dict[str, Origin]:
    given = dict(places(root))
    return {path: given[path].origin if path in given else DEFAULT for path, _ in listed(settings)}


# --- tree to classes ---


class _Misfit(ValueError):
    """A value of the wrong kind; the text starts with `must`."""


class _AlreadyTold(ValueError):
    """The reader of the text has reported this value."""


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return float(text)


_READERS: dict[Any, tuple[Callable[[str], Any], str]] = {
    Price: (parse_price, "must be a price from 0 to 1 with at most 4 decimals, such as 0.02"),
    Size: (parse_size, "must be a number of shares with at most 6 decimals, such as 20 or 2.5"),
    Cash: (parse_cash, "must be an amount in pUSD with at most 6 decimals, such as 100 or 2.5"),
    int: (_whole, "must be a whole number, such as 3"),
    float: (_decimal, "must be a plain decimal number, such as 0.5"),
    str: (str, "must be text; quote it"),
}


def _plain(node: Node) -> object:
    """Dicts and lists for cattrs; single values stay nodes, empty ones become None."""
    if isinstance(node, Table):
        return {key: _plain(value) for key, value in node.entries.items()}
    if isinstance(node, Series):
        return [_plain(item) for item in node.items]
    return None if node.kind == "empty" else node


def _single(kind: Shape) -> Hook:
    """A hook that reads one value of `kind` from its exact source text."""
    parse, wanted = _READERS[kind]

    def hook(value: object, _: object) -> object:
        scalar = _scalar(value, wanted)
        if scalar.kind == "truth":
            raise _Misfit(wanted)
        try:
            return parse(scalar.text)
        except ValueError:
            raise _Misfit(wanted) from None

    return hook


def _truth(value: object, _: object) -> bool:
    scalar = _scalar(value, "must be true or false")
    if scalar.kind != "truth":
        raise _Misfit("must be true or false, without quotes")
    return scalar.text.lower() == "true"


def _scalar(value: object, wanted: str) -> Scalar:
    if not isinstance(value, Scalar):
        raise _Misfit(wanted)
    if value.kind == "bad":
        raise _AlreadyTold
    return value


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in _READERS:
        converter.register_structure_hook(kind, _single(kind))
    converter.register_structure_hook(bool, _truth)
    converter.register_structure_hook_factory(attrs.has, lambda cls: _class_hook(cls, converter))
    converter.register_structure_hook(StrategySettings, _strategy_hook(converter))
    return converter


def _class_hook(cls: Shape, converter: Converter) -> Hook:
    """A hook that checks each attribute by its own validator, so that all failures are found in one go."""
    hooks: dict[str, Any] = {
        a.name: override(struct_hook=_attribute_hook(a, converter)) for a in attrs.fields(attrs.resolve_types(cls))
    }
    structure: Hook = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **hooks)
    return structure


def _strategy_hook(converter: Converter) -> Hook:
    """A strategy's keys stand beside its name in the file, and in an object of their own in the settings."""
    structures = {name: _strategy_structure(own, converter) for name, own in PARAMETERS.items()}

    def hook(value: dict[str, object], kind: Shape) -> object:
        given = value.get("name")
        known = given is None or (isinstance(given, Scalar) and given.text in PARAMETERS)
        name = given.text if isinstance(given, Scalar) and known else COMMON
        keys = {key: part for key, part in value.items() if key != "name"} if known else {}
        named = {"name": given} if "name" in value else {}
        return structures[name]({**named, "parameters": keys}, kind)

    return hook


def _strategy_structure(own: type[Parameters], converter: Converter) -> Hook:
    named, parameters = (_attribute_hook(a, converter) for a in attrs.fields(attrs.resolve_types(StrategySettings)))
    hooks: dict[str, Any] = {
        "name": override(struct_hook=named),
        "parameters": override(struct_hook=lambda value, _: parameters(value, own)),
    }
    structure: Hook = make_dict_structure_fn(StrategySettings, converter, _cattrs_forbid_extra_keys=True, **hooks)
    return structure


def _attribute_hook(attribute: attrs.Attribute[Any], converter: Converter) -> Hook:
    def hook(value: object, kind: Shape) -> object:
        if value is None and attrs.has(kind):
            value = {}  # a section whose keys are all commented out
        if value is not None:
            _check_outline(value, kind)
        result = converter.structure(value, kind)
        if attribute.validator is not None:
            attribute.validator(None, attribute, result)
        return result

    return hook


def _check_outline(value: object, kind: Shape) -> None:
    if isinstance(value, Scalar) and value.kind == "bad":
        raise _AlreadyTold
    if many(kind) and not isinstance(value, list):
        raise _Misfit("must be a list, such as [demo-election, demo-rates]")
    if attrs.has(shape(kind)) and not isinstance(value, dict):
        raise _Misfit("must be a mapping of keys to values")


# --- errors to problems ---


def _problems(error: BaseException, root: Node) -> Iterator[Problem]:
    given = dict(places(root))
    for path, cause in _causes(error, ""):
        if isinstance(cause, ForbiddenExtraKeysError):
            siblings = _siblings(cause.cl)
            yield from (unknown(path, key, siblings, given) for key in sorted(cause.extra_fields))
        elif isinstance(cause, Conflict):
            yield wrong(join(path, cause.key), str(cause), given)
        elif isinstance(cause, KeyError):
            yield missing(path, given)
        elif not isinstance(cause, _AlreadyTold):
            yield wrong(path, str(cause), given)


def _causes(error: BaseException, path: str) -> Iterator[tuple[str, BaseException]]:
    """Every single failure in cattrs' tree of groups, with the path of its value."""
    bare: Sequence[BaseException] = (error,)
    if isinstance(error, ClassValidationError):
        named, bare = error.group_exceptions()
        for inner, name in named:
            yield from _causes(inner, path if name.name == "parameters" else join(path, name.name))
    elif isinstance(error, IterableValidationError):
        numbered, bare = error.group_exceptions()
        for inner, number in numbered:
            yield from _causes(inner, join(path, number.index))
    yield from ((path, cause) for cause in bare)


def _siblings(cls: Shape) -> list[str]:
    named = ["name"] if issubclass(cls, Parameters) else []
    return [*named, *(a.name for a in fields(cls))]
