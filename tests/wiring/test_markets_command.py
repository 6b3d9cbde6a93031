"""`markets` says in words that there is nothing to show, and shows no table of nothing."""

from __future__ import annotations

import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from actors.commands import markets
from actors.model.listing import Listing
from actors.model.settings import MarketSettings, Settings
from actors.shared.choosing import Choice


@frozen
class Bare:
    """A venue with nothing worth showing."""

    def choice(self, _: Settings) -> Choice:
        return Choice((), {"past its end": 1, "24 h volume below discover.min_volume": 4}, 5)

    def search(self, _: str, __: int) -> tuple[Listing, ...]:
        return ()


def shown(monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(markets, "_browse", lambda **_: (Bare(), Settings((MarketSettings("alpha"),))))
    return CliRunner().invoke(markets.markets, [*words], catch_exceptions=False)


def test_a_ranking_of_nothing_is_a_sentence_with_each_cause_before_its_count(monkeypatch: pytest.MonkeyPatch) -> None:
    result = shown(monkeypatch, "rank")
    why = "24 h volume below discover.min_volume (4), past its end (1)"
    assert (result.stdout, result.stderr) == ("", f"0 of 5 markets are worth trading; refused: {why}\n")


def test_a_search_that_finds_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    result = shown(monkeypatch, "search", "oscar")
    assert (result.stdout, result.stderr) == ("", "no open market has all these words\n")
    assert shown(monkeypatch, "search", "oscar", "--json").stdout == "[]\n"
