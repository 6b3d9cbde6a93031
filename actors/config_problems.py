"""How a problem of the configuration reads: where, what is wrong, what would be right; never lets a secret into the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache

from attrs import evolve, fields_dict

from actors.config_keys import KeyInfo, described
from actors.config_secrets import hidden
from actors.config_tree import Node, Origin, Problem, Scalar, Series, Table, join, shown
from actors.model.strategy_settings import PARAMETERS

_SECRET_KEY = re.compile(
    r"private|secret|passphrase|password|mnemonic|seed_phrase|api_?key|funder|signature_type|keystore"
)
_NO_PLACE = "is a secret and has no place here; take it out and put it into .env or the environment"
_INDEX = re.compile(r"\[\d+\]")

Given = Mapping[str, Node]  # path → node, of everything that was written


def wrong(path: str, text: str, given: Given) -> Problem:
    """`text` about the value at `path`; a text that starts with `must` is preceded by what the value is."""
    node = given.get(path)
    if text.startswith("must"):
        text = f"is {_what(node)}; {text}"
    return Problem(_nearest(path, given), path, text)


def missing(path: str, given: Given) -> Problem:
    about = _info(path).about
    return Problem(_nearest(path, given), path, f"is missing and has no default; give {about}")


def unknown(table: str, key: str, siblings: Sequence[str], given: Given) -> Problem:
    """A key that does not exist, with the one that was meant."""
    owner = given[table]
    assert isinstance(owner, Table)
    text = _of_another(table, key) or f"is not a setting; {_suggestion(key, siblings)}"
    return Problem(owner.keys[key], join(table, key), text)


def _of_another(table: str, key: str) -> str:
    """What is said of a key that only another strategy has: most often nobody has named that one."""
    if table.rpartition(".")[2] != "strategy":
        return ""
    owners = [name for name, own in PARAMETERS.items() if key in fields_dict(own)]
    return f"is no key of this strategy, but of {', '.join(owners)}: give its `name` beside it" if owners else ""


def tidied(problems: Iterable[Problem], secrets: Sequence[str]) -> list[Problem]:
    """In the order of the file, each once and told of the common strategy rather than of its heirs, with secrets hidden."""
    kept: dict[tuple[object, str], Problem] = {}
    for problem in sorted(problems, key=lambda p: p.path.startswith("markets")):
        secret = bool(_SECRET_KEY.search(problem.path.lower()))
        text = _NO_PLACE if secret else hidden(problem.text, secrets)
        kept.setdefault((problem.path if secret else problem.origin, text), evolve(problem, text=text))
    return sorted(kept.values(), key=lambda p: (p.origin.line is None, p.origin.line or 0, p.origin.column or 0))


def _what(node: Node | None) -> str:
    if isinstance(node, Scalar):
        return "empty" if node.kind == "empty" else shown(node.text)
    if isinstance(node, Series):
        return "a list" if node.items else "an empty list"
    return "a mapping" if isinstance(node, Table) else "at its default"


def _nearest(path: str, given: Given) -> Origin:
    """The place of `path`, or of the section it would stand in."""
    while path not in given:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return given[path].origin


def _suggestion(key: str, siblings: Sequence[str]) -> str:
    if near := get_close_matches(key.lower(), siblings, n=1):
        return f"did you mean {near[0]}?"
    elsewhere = _elsewhere()
    if near := get_close_matches(key.lower(), elsewhere, n=1, cutoff=0.8):
        return f"did you mean {elsewhere[near[0]]}?"
    return f"here belong {', '.join(siblings)}"


@cache
def _elsewhere() -> dict[str, str]:
    """The last word of every key, and every section, with its path."""
    paths = [info.path for info in described() if "[]" not in info.path]
    sections = {path.split(".")[0]: path.split(".")[0] for path in paths}
    return sections | {path.split(".")[-1]: path for path in reversed(paths)}


def _info(path: str) -> KeyInfo:
    """What is known of the key at `path`; for a section, of its first key."""
    general = _INDEX.sub("[]", path)
    return next(info for info in described() if info.path.startswith(general))
