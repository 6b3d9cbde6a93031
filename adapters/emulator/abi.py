"""Solidity's calldata to Python values and back, for the few types that wallets send here. Knows no contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.emulator.signatures import checksum, keccak

_WORD = 32
_MOST_ITEMS = 500  # of one array: more than any block would carry


def selector(signature: str) -> bytes:
    """The first four bytes of a call of `name(types)`."""
    return keccak(signature.encode())[:4]


def arguments(signature: str, data: bytes) -> list[Any]:
    """What `data` (without its selector) passes to `name(types)`. Raises ValueError for anything else.

    Integers as int, addresses in mixed case, bytes as bytes, arrays as lists, tuples as lists.
    """
    return _members(_types(signature[signature.index("(") + 1 : -1]), data, 0)


def words(*values: int) -> bytes:
    return b"".join(value.to_bytes(_WORD, "big") for value in values)


def array(values: Sequence[int]) -> bytes:
    """One `uint256[]` as a function returns it."""
    return words(_WORD, len(values), *values)


def address(text: str) -> bytes:
    """An address as one word. Raises ValueError for what is none."""
    raw = bytes.fromhex(text.removeprefix("0x"))
    if len(raw) != 20:
        raise ValueError(f"{text!r} is not an address")
    return bytes(12) + raw


def _members(types: Sequence[str], data: bytes, base: int) -> list[Any]:
    values = []
    for number, kind in enumerate(types):
        at = base + number * _WORD
        values.append(_value(kind, data, base + _uint(data, at) if _is_dynamic(kind) else at))
    return values


def _value(kind: str, data: bytes, at: int) -> Any:  # noqa: ANN401 - as `arguments`
    if kind.endswith("[]"):
        count = _uint(data, at)
        if count > _MOST_ITEMS:
            raise ValueError(f"an array of {count} items")
        return _members([kind[:-2]] * count, data, at + _WORD)
    if kind.startswith("("):
        return _members(_types(kind[1:-1]), data, at)
    if kind == "bytes":
        return _slice(data, at + _WORD, _uint(data, at))
    return _word(kind, _slice(data, at, _WORD))


def _word(kind: str, word: bytes) -> int | str | bytes | bool:
    if kind == "address":
        if any(word[:12]):
            raise ValueError("an address of more than 20 bytes")
        return checksum("0x" + word[12:].hex())
    if kind.startswith("bytes"):
        size = int(kind.removeprefix("bytes"))
        if any(word[size:]):
            raise ValueError(f"more than {size} bytes")
        return word[:size]
    value = int.from_bytes(word, "big")
    if kind == "bool":
        if value > 1:
            raise ValueError(f"{value} is not a bool")
        return bool(value)
    if value >> int(kind.removeprefix("uint")):
        raise ValueError(f"{value} is not a {kind}")
    return value


def _uint(data: bytes, at: int) -> int:
    return int.from_bytes(_slice(data, at, _WORD), "big")


def _slice(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError("calldata too short")
    return data[at : at + size]


def _is_dynamic(kind: str) -> bool:
    return (
        kind == "bytes" or kind.endswith("[]") or (kind.startswith("(") and any(map(_is_dynamic, _types(kind[1:-1]))))
    )


def _types(text: str) -> list[str]:
    """`uint8,(address,bytes)[]` → its two members."""
    members, depth, start = [], 0, 0
    for at, char in enumerate(text + ","):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            members.append(text[start:at])
            start = at + 1
    return [member for member in members if member]
