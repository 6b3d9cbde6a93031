"""The line that tells how the bot is doing names markets only where that says more than how many there are."""

from __future__ import annotations

from typing import Any

from actors.wiring.narrator import line


def told(*reasons: str | None) -> str:
    """What is said of the idle, for markets a, b, … of which those without a reason are quoted."""
    markets: list[dict[str, Any]] = [
        {"market": name, "state": "waiting" if reason else "quoting", "reason": reason}
        for name, reason in zip("abcdefghijkl", reasons, strict=False)
    ]
    said = line({"markets": markets, "open_orders": 0, "exposure": 0.0, "budget": 50.0, "pnl": 0.0})
    return said.partition("; ")[2]


def test_where_all_are_paused_no_market_is_named() -> None:
    assert told("paused", "paused") == "not quoted: all paused"
    assert told(*["paused"] * 12) == "not quoted: all paused"


def test_a_market_that_differs_is_named() -> None:
    assert told("paused", "safe") == "not quoted: a paused, b safe"
    assert told("paused", None, "paused") == "not quoted: a paused, c paused"
    assert told("paused") == "not quoted: a paused"
    assert told(None, None) == ""


def test_of_many_the_reasons_are_counted() -> None:
    assert told(*["paused"] * 9, None) == "not quoted: 9 paused"
