"""Brings prints and the level changes they caused together, so that no traded share leaves the book twice. Pure.

The venue reports a trade some 10 to 50 ms after the level it hit has shrunk (313 of 355 prints of a recorded session
follow a shrink of exactly their size; strategies.md §10 matches within 250 ms). Played in file order such a print would
sweep what is already gone. So it moves to just before its shrink: there it sweeps the book in price-time order, a
client's order in its turn, and the change that follows states what the recorded orders have left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from attrs import define

from adapters.emulator.recorded_rows import Row

MATCHED_WITHIN = 250  # ms
_ROUNDING = 10_000  # size units: levels are shown with 2 decimals of a share, prints with 6

Level = tuple[int, bool, int]  # market, on the bid side?, YES price


@define
class _Shrink:
    """A level lost `left` size units at `row`, and no print has claimed them yet."""

    row: int
    at: int
    left: int


def in_order_of_cause(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The same rows, with every print that a change before it already shows put in front of that change."""
    sizes: dict[Level, int] = {}
    shrinks: dict[Level, list[_Shrink]] = defaultdict(list)
    causes: dict[int, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.trade:
            shrink = _cause(row, shrinks[row.market, not row.bids, row.price])
            causes[number if shrink is None else shrink.row].append(row)
            continue
        level = row.market, row.bids, row.price
        before = sizes.get(level, 0)
        sizes[level] = row.size
        if row.size < before:
            shrinks[level].append(_Shrink(number, row.at, before - row.size))
    return tuple(_woven(rows, causes))


def _cause(row: Row, shrinks: list[_Shrink]) -> _Shrink | None:
    """The shrink the print explains: the newest of exactly its size, else the newest with anything left."""
    recent = [one for one in reversed(shrinks) if one.left > 0 and row.at - one.at <= MATCHED_WITHIN]
    exact = [one for one in recent if abs(one.left - row.size) <= _ROUNDING]
    found = next(iter(exact or recent), None)
    if found is not None:
        found.left -= row.size
    return found


def _woven(rows: Sequence[Row], causes: dict[int, list[Row]]) -> Iterable[Row]:
    for number, row in enumerate(rows):
        yield from causes.get(number, ())
        if not row.trade:
            yield row
