"""A recording of other people's orders: level deltas and prints from a CSV file, checked row by row. Reads, never plays.

Columns: ts_ms, event (PRICE_CHANGE or LAST_TRADE), asset_id, side (BID or ASK), price, size, best_bid, best_ask. A
change states the new absolute size of a level and the best prices after it; a print's side is its taker's. Beside
`NAME.csv.gz` stands `NAME_pairs.json` with the two tokens of every market.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from attrs import field, frozen

from actors.model.market import Outcome
from actors.model.numbers import PRICE_ONE, NotANumber, complement, parse_price, parse_size

COLUMNS = ("ts_ms", "event", "asset_id", "side", "price", "size", "best_bid", "best_ask")
SUFFIXES = (".csv.gz", ".csv")
UNCLAIMED = -1
_EVENTS, _SIDES = {"PRICE_CHANGE": False, "LAST_TRADE": True}, {"BID": True, "ASK": False}


class BadRecording(ValueError):
    """A recording that cannot be played; names the file, the row (the header is row 1) and the column."""


class Row(NamedTuple):
    """One row in terms of its market's YES ladder; `at` in ms.

    Of a change, `bids` and `price` are the level and the best prices are what the venue claimed after it
    (`UNCLAIMED` = nothing). Of a print, `bids` says that the taker bought YES (or sold NO).
    """

    at: int
    market: int
    outcome: Outcome
    trade: bool
    bids: bool
    price: int
    size: int
    best_bid: int
    best_ask: int


@frozen
class Pair:
    """The two tokens of a market, and its names as far as the file gives them."""

    yes: str
    no: str
    slug: str = ""
    condition_id: str = ""


@frozen
class Recording:
    """Rows in order of their arrival; `pairs` by `Row.market`."""

    path: Path
    pairs: tuple[Pair, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read_recording(path: Path) -> Recording:
    """The whole file. Raises BadRecording."""
    if not path.name.endswith(SUFFIXES):
        raise BadRecording(
            f"{path}: is no recording: that is a .csv.gz or .csv file with the columns {','.join(COLUMNS)} and, beside "
            "it, NAME_pairs.json with the two tokens of every market"
        )
    pairs = _pairs(path)
    tokens = {t: (n, o) for n, p in enumerate(pairs) for t, o in ((p.yes, Outcome.YES), (p.no, Outcome.NO))}
    rows = tuple(_rows(path, tokens))
    if not rows:
        raise BadRecording(f"{path}: holds no rows")
    return Recording(path, pairs, rows)


def _pairs(path: Path) -> tuple[Pair, ...]:
    name = next(path.name.removesuffix(suffix) for suffix in SUFFIXES if path.name.endswith(suffix))
    beside = path.with_name(f"{name}_pairs.json")
    try:
        listed = json.loads(beside.read_text(encoding="utf-8"))["pairs"]
        pairs = tuple(_pair(entry) for entry in listed)
    except OSError as problem:
        raise BadRecording(f"{beside}: cannot be read ({problem.strerror}); it must name the token pairs") from None
    except (ValueError, KeyError, TypeError):
        raise BadRecording(f'{beside}: must be {{"pairs": [["YES token id", "NO token id"], …]}}') from None
    tokens = [token for pair in pairs for token in (pair.yes, pair.no)]
    if not pairs or len(set(tokens)) < len(tokens):
        raise BadRecording(f"{beside}: must name every token exactly once, and at least one pair")
    return pairs


def _pair(entry: Any) -> Pair:  # noqa: ANN401 - JSON
    """`[yes, no]`, or `{"tokens": [yes, no], "slug": …, "condition_id": …}`."""
    names: Mapping[str, Any] = entry if isinstance(entry, dict) else {"tokens": entry}
    yes, no = names["tokens"]
    if not isinstance(names["tokens"], list) or not (str(yes).isdecimal() and str(no).isdecimal()):
        raise ValueError("token ids are decimal numbers")
    return Pair(str(yes), str(no), str(names.get("slug", "")), str(names.get("condition_id", "")))


def _rows(path: Path, tokens: Mapping[str, tuple[int, Outcome]]) -> Iterator[Row]:
    number = 1
    try:
        with _open(path) as lines:
            reader = csv.reader(lines)
            places = _places(path, next(reader, []))
            for cells in reader:
                number += 1
                yield _row([cells[place] for place in places], tokens)
    except _Bad as bad:
        raise BadRecording(f"{path}: row {number}, column {bad.column}: {bad}") from None
    except IndexError:
        raise BadRecording(f"{path}: row {number}: has fewer columns than the header") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as problem:
        raise BadRecording(f"{path}: cannot be read after row {number}: {problem}") from None


def _open(path: Path) -> Any:  # noqa: ANN401 - a text stream of either kind
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _places(path: Path, header: list[str]) -> list[int]:
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadRecording(f"{path}: row 1: lacks the column {missing[0]}; wanted are {', '.join(COLUMNS)}")
    return [header.index(name) for name in COLUMNS]


class _Bad(Exception):
    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


def _row(cells: list[str], tokens: Mapping[str, tuple[int, Outcome]]) -> Row:
    stamp, event, token, side, price_text, size_text, bid_text, ask_text = cells
    trade, bids = _EVENTS.get(event), _SIDES.get(side)
    if trade is None:
        raise _Bad("event", f"{event!r} is neither PRICE_CHANGE nor LAST_TRADE")
    if bids is None:
        raise _Bad("side", f"{side!r} is neither BID nor ASK")
    if token not in tokens:
        raise _Bad("asset_id", f"{token!r} is in no pair")
    if not stamp.isdecimal():
        raise _Bad("ts_ms", f"{stamp!r} is no time in milliseconds")
    market, outcome = tokens[token]
    price, size, best = _price(price_text), _size(size_text), _claims(bid_text, ask_text)
    if trade and not size:
        raise _Bad("size", "a print needs more than 0")
    if outcome is Outcome.NO:
        bids, price = not bids, complement(price)
        best = _mirrored(best[1]), _mirrored(best[0])
    return Row(int(stamp), market, outcome, trade, bids, price, size, *best)


@cache
def _price(text: str) -> int:
    try:
        price = parse_price(text)
    except NotANumber as problem:
        raise _Bad("price", str(problem)) from None
    if not 0 < price < PRICE_ONE:
        raise _Bad("price", f"{text!r} is not between 0 and 1")
    return price


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except NotANumber as problem:
        raise _Bad("size", str(problem)) from None


@cache
def _claims(bid_text: str, ask_text: str) -> tuple[int, int]:
    """The best prices of the row's own token: bid 0 and ask 1 are empty sides; an ask of 0 or no text claims nothing."""
    bid, ask = _best("best_bid", bid_text), _best("best_ask", ask_text)
    return (UNCLAIMED, UNCLAIMED) if ask == 0 or bid >= ask >= 0 else (bid, ask)


def _best(column: str, text: str) -> int:
    try:
        return parse_price(text) if text else UNCLAIMED
    except NotANumber as problem:
        raise _Bad(column, str(problem)) from None


def _mirrored(best: int) -> int:
    return best if best == UNCLAIMED else complement(best)
