"""A recorded day of Chainlink BTC prices and its 5-minute markets, read in place; tests skip where it is absent."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from attrs import frozen

from actors.model.series import Window, window_of
from actors.model.spot import CANONICAL, SpotPrice

_FOLDER = Path(__file__).parents[3] / "shared" / "fixtures" / "recordings"
_FOLDERS = (_FOLDER, Path(__file__).parents[4] / "shared" / "fixtures" / "recordings")
PRICES, MARKETS = "btc5m_20260724_chainlink_prices.csv.gz", "btc5m_20260724_markets.jsonl.gz"
MIDS = "btc5m_windows_hist_202607.jsonl.gz"
_E18_TO_E8 = 10**10


@frozen
class Decided:
    """A window with the strike (1e-8 USD, None where it was not told) and the side that the venue paid."""

    window: Window
    strike: int | None
    up: bool


@frozen
class Heard:
    """A price with the time at which it was received (epoch s)."""

    price: SpotPrice
    at: float


def recording(name: str) -> Path:
    """The file, wherever the recordings lie beside this checkout. Skips the test where they do not."""
    found = next((folder / name for folder in _FOLDERS if (folder / name).exists()), None)
    if found is None:
        pytest.skip(f"the recording {name} is not beside this checkout")
    return found


def prices() -> list[Heard]:
    """In the order of their own times, which is that of receipt but for a few."""
    with gzip.open(recording(PRICES), "rt") as rows:
        return [
            Heard(
                SpotPrice("btc", int(row["full_accuracy_value"]) // _E18_TO_E8, int(row["feed_ts_ms"]), CANONICAL),
                int(row["recv_ms"]) / 1000,
            )
            for row in csv.DictReader(rows)
        ]


def markets() -> list[Decided]:
    with gzip.open(recording(MARKETS), "rt") as rows:
        return [_decided(json.loads(row)) for row in rows]


def _decided(row: dict[str, object]) -> Decided:
    window, strike = window_of(str(row["slug"])), row["strike_value"]
    assert window is not None
    return Decided(window, int(str(strike)) // _E18_TO_E8 if strike else None, row["outcome_prices"] == ["1", "0"])


def mids() -> dict[float, tuple[float, int]]:
    """The book's mid of Up in other hands' record, and how many seconds before the end it was, by the window's start."""
    with gzip.open(recording(MIDS), "rt") as rows:
        found = (json.loads(row) for row in rows)
        return {float(row["ts"]): (row["up_mid"], row["up_lag"]) for row in found if row["up_mid"] is not None}
