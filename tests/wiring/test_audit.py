"""`doctor` tells where the Data API and the venue differ, and never calls a lagging report a failure."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from attrs import define, field

from actors.commands.link import NoAnswer, ask
from actors.messages import Fill
from actors.model.market import Side
from actors.model.order import Settlement
from actors.model.outcome import Unread
from actors.model.settings import MarketSettings, Settings
from actors.model.venue_settings import VenueSettings
from actors.wiring.audit import Audit, audited, compare
from adapters.polymarket.data_api import DataApi
from tests.adapters.polymarket.gamma_samples import envelope, position
from tests.adapters.polymarket.samples import ADDRESS, CONDITION, Answer, always
from tests.venue import Venue


@define(eq=False)
class Account(Venue):
    """What the venue says the account holds and traded."""

    held: dict[str, int] = field(factory=dict)
    traded: tuple[str, ...] = ()
    address: str = ADDRESS

    async def shares(self, token: str) -> int | Unread:
        return self.held[token] if token in self.held else Unread("500")

    async def trades(self, condition_id: str | None = None, after: float = 0.0) -> tuple[Fill, ...] | Unread:
        if "trades" in self.broken:
            return Unread("500")
        return tuple(
            Fill("t", "o", CONDITION, token, Side.BUY, 5000, 1, Settlement.CONFIRMED, False, 0.0)
            for token in self.traded
        )


def data(answer: Answer) -> DataApi:
    return DataApi.open("http://data", lambda: httpx.MockTransport(answer))


def reported(*rows: dict[str, object]) -> DataApi:
    """These positions, no trades and a worth of 3.5 pUSD."""
    worth = {"data": {"proxy_wallet": ADDRESS, "value": 3.5}}

    def answer(request: httpx.Request) -> httpx.Response:
        kind = request.url.path.rpartition("/")[2]
        return httpx.Response(
            200, json=worth if kind == "value" else envelope(list(rows) if kind == "positions" else [])
        )

    return data(answer)


def row(token: str, size: float, label: str = "Yes") -> dict[str, object]:
    return position(token_id=token, current_size=size, outcome=label)


async def test_equal_positions_agree_up_to_the_rounding_of_the_chain() -> None:
    account = Account((), held={"11": 12_500_000, "22": 7_009_999}, traded=("11", "22"))
    audit = await compare(account, reported(row("11", 12.5), row("22", 7.0)))
    assert audit == Audit(2, (), worth=3_500_000)
    assert audit.text().startswith(
        "the Data API and the venue agree on 2 tokens: 0 trades, positions worth 3.5 pUSD (it lags"
    )


async def test_a_difference_is_told_with_both_sizes_and_the_warning_that_it_lags() -> None:
    account = Account((), held={"11": 12_500_000, "22": 3_000_000}, traded=("22",))
    audit = await compare(account, reported(row("11", 10, "No")))
    assert isinstance(audit, Audit)
    assert audit.text() == (
        "differs from the venue: demo No: reported 10, held 12.5; token 22…: reported 0, held 3 "
        "(it lags by seconds to minutes and is never used for risk: look again)"
    )


async def test_many_differences_are_counted_after_the_third() -> None:
    account = Account((), held={str(n): 10**6 for n in range(5)})
    audit = await compare(account, reported(*(row(str(n), 9) for n in range(5))))
    assert isinstance(audit, Audit)
    assert audit.text().count("reported") == 3
    assert "; and 2 more (" in audit.text()


async def test_dust_that_is_held_nowhere_is_not_asked_for() -> None:
    assert await compare(Account(()), reported(row("11", 0))) == Audit(0, (), worth=3_500_000)


def only_positions(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=envelope([])) if request.url.path.endswith("positions") else httpx.Response(500)


async def test_what_cannot_be_read_is_said_of_the_side_it_belongs_to() -> None:
    answers = [
        await compare(Account(()), data(always(503, {"error": "maintenance"}))),
        await compare(Account((), broken={"trades"}), reported()),
        await compare(Account(()), reported(row("11", 1))),
        await compare(Account(()), data(only_positions)),
    ]
    assert [answer.why for answer in answers if isinstance(answer, Unread)] == [
        "the Data API could not be read: HTTP 503 maintenance",
        "the account's trades could not be read: 500",
        "the balance of token 11 could not be read: 500",
        "the Data API gives positions, but neither their worth nor the trades",
    ]


def settings(**venue: str) -> Settings:
    return Settings(markets=(MarketSettings("demo"),), venue=VenueSettings(**venue))


def test_without_an_address_nothing_is_compared_and_nothing_fails() -> None:
    for details in ({}, {"exchange": "http://127.0.0.1:1"}, {"data": "http://127.0.0.1:2"}):
        fine, said = audited(settings(), details)
        assert fine is None
        assert "nothing compared" in said


@pytest.mark.parametrize(
    ("clob", "data_url"),
    [("http://127.0.0.1:1", "https://data.example"), ("https://clob.example", "http://127.0.0.1:1")],
)
def test_addresses_off_this_machine_are_refused_before_anybody_is_asked(clob: str, data_url: str) -> None:
    fine, said = audited(settings(), {"exchange": clob, "data": data_url})
    assert not fine
    assert "not on this machine" in said
    configured = {"market_ws_url": "ws://127.0.0.1:1", "user_ws_url": "ws://127.0.0.1:1"}
    fine, said = audited(settings(clob_url=clob, data_url=data_url, **configured), {})
    assert not fine
    assert "this machine only" in said


def test_a_dead_exchange_fails_the_row_with_what_happened() -> None:
    fine, said = audited(settings(), {"exchange": "http://127.0.0.1:9", "data": "http://127.0.0.1:9"})
    assert not fine
    assert "no API key" in said


def test_a_bot_that_does_not_run_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match="no bot runs as instance 'x'"):
        ask("x", "status", str(tmp_path / "control.sock"))


def test_gamma_and_data_addresses_belong_to_a_configured_exchange() -> None:
    for key in ("gamma_url", "data_url"):
        with pytest.raises(ValueError, match=r"venue\.clob_url"):
            VenueSettings(**{key: "http://127.0.0.1:1"})
