"""The venue's three clients, unchanged, each against an exchange of its own: from key creation to fills and merges.

All sessions run at the same time; what they report is held against what the exchange wrote down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from actors.model.numbers import parse_cash, parse_size
from tests.clients import javascript
from tests.clients.sdk import WALLETS
from tests.clients.venue import ROOT, Running, Session, exchange, python

pytestmark = pytest.mark.process

START = 10_000_000_000  # base units of pUSD that every wallet begins with
_MODULES = {"sdk": "sdk_session", "v2c": "v2c_session", "reads": "sdk_reads"}


@define
class UnderWay:
    """The sessions by name, and why the JavaScript one is not among them."""

    sessions: dict[str, Session] = field(factory=dict)
    missing: str = ""


@pytest.fixture(scope="module")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnderWay]:
    every = UnderWay()
    wanted = {name: (python(module), ROOT) for name, module in _MODULES.items()}
    try:
        folder = javascript.installed()
        wanted["js"] = (javascript.command(), folder)
    except javascript.NotInstalled as problem:
        every.missing = str(problem)
    with ExitStack() as stack:
        running = {name: stack.enter_context(_exchange(tmp_path_factory.mktemp(name), name)) for name in wanted}
        for name, (argv, folder) in wanted.items():
            every.sessions[name] = Session.start(running[name], argv, folder)
            stack.callback(every.sessions[name].end)
        yield every


def _exchange(folder: Path, name: str) -> AbstractContextManager[Running]:
    """Only the reads need other people's orders."""
    return exchange(folder, "--flow", "demo" if name == "reads" else "none", "--seed", "5")


def test_py_clob_client_v2_trades_from_its_key_to_its_last_cancel(under_way: UnderWay) -> None:
    session = under_way.sessions["v2c"]
    report = session.report()
    assert report["slugs"] == [market["slug"] for market in session.running.banner["markets"]]
    assert report["statuses"] == ["live", "matched", "matched"]
    assert report["trades"] == [["0.55", "20", "TAKER"]] * 2
    assert report["maker_matched"] == "40"
    assert report["listed"]
    assert report["cancelled"]
    assert (report["batch_live"], report["batch_cancelled"]) == (2, True)
    assert "lower than the minimum: 5" in report["batch_error"]
    assert report["heartbeats"] == 2
    assert report["open_at_last"] == []
    _agrees(session, report, trades=2, shares=40_000_000)


def test_the_javascript_client_trades_from_its_key_to_its_last_cancel(under_way: UnderWay) -> None:
    if "js" not in under_way.sessions:
        javascript.without(under_way.missing)
    session = under_way.sessions["js"]
    report = session.report()
    assert report["slugs"] == [market["slug"] for market in session.running.banner["markets"]]
    assert (report["version"], report["tick"], report["asset"]) == (2, "0.01", True)
    assert report["statuses"] == ["live", "matched", "matched"]
    assert report["open"] == [[True, "40"]]
    assert report["refused"] == "invalid post-only order: order crosses book"
    assert (report["cancelled"], report["left"]) == (True, 0)
    assert (report["batch"], report["swept"]) == (["live", "live"], 2)
    assert report["heartbeat"]
    assert report["trades"] == [["0.4", "20", True]] * 2
    _agrees(session, report, trades=2, shares=40_000_000)


def _agrees(session: Session, report: dict[str, Any], *, trades: int, shares: int) -> None:
    """What the client read is what the exchange wrote: nothing but the two fills moved money."""
    assert len(session.running.lines("trade")) == trades
    balance = session.running.balances(session.running.banner["accounts"][0]["address"])
    assert parse_cash(balance["cash"]) == report["after"]
    assert [parse_size(size) for size in balance["shares"].values()] == [report["shares"]] == [shares]
    paid = sum(parse_cash(line["taker"]["cash"].removeprefix("-")) for line in session.running.lines("trade"))
    assert report["before"] - report["after"] == paid  # the fee is in it
    assert report["before"] == START


def test_polymarket_client_trades_and_merges_as_every_kind_of_wallet(under_way: UnderWay) -> None:
    session = under_way.sessions["sdk"]
    report = session.report()
    assert report["maker"]["type"] == "DEPOSIT_WALLET"  # what the client chose by itself
    account = session.running.banner["accounts"][0]
    kinds = ("EOA", "POLY_PROXY", "GNOSIS_SAFE", "DEPOSIT_WALLET")
    for wallet, kind in zip(WALLETS, kinds, strict=True):
        seen = report["wallets"][wallet]
        assert (seen["type"], seen["wallet"]) == (kind, account[wallet])
        assert seen["relayed"] is (kind != "EOA")
        assert seen["after_split"] == [80_000_000, 80_000_000]
        assert seen["statuses"] == ["live", "matched", "live", "matched"]
        assert (seen["sold_for"], seen["settled"]) == ("5", 1)
        assert seen["open"]
        assert seen["cancelled"]
        assert seen["swept"]
        assert seen["approved"]
        assert seen["shares"] == [20_000_000, 40_000_000]
        assert seen["trades"] == [["0.5", "10", "CONFIRMED"], ["0.6", "10", "CONFIRMED"]]
        assert seen["positions"] == [[0, "20.0"], [1, "40.0"]]
        assert seen["public_trades"] == 2
        balance = session.running.balances(account[wallet])
        assert START - parse_cash(balance["cash"]) == seen["paid"]
        assert sorted(balance["shares"].values()) == ["20", "40"]


def test_polymarket_client_hears_its_own_orders_and_the_market_on_its_streams(under_way: UnderWay) -> None:
    report = under_way.sessions["sdk"].report()
    for wallet in WALLETS:
        heard = Counter(report["wallets"][wallet]["heard"])
        assert heard["market book"] == 6  # two at first, two for each trade
        assert heard["market last_trade_price"] == 2
        assert heard["market best_bid_ask"] > 0
        assert heard["user trade"] == 6  # two trades, each MATCHED, MINED and CONFIRMED
        assert heard["user order"] == 6


def test_polymarket_client_moves_its_money_through_the_relayer_alone(under_way: UnderWay) -> None:
    """Three wallets submit two batches each; the plain EOA's transactions reach the chain by themselves.

    The newcomer's three batches (a wallet, the maker's gift, the approvals) are somebody else's.
    """
    session = under_way.sessions["sdk"]
    session.report()
    account = session.running.banner["accounts"][0]
    own = {account[wallet] for wallet in WALLETS}
    relays = [line for line in session.running.lines("relay") if line["address"] in own]
    relayed = Counter((line["type"], line["address"]) for line in relays)
    assert len(session.running.lines("relay")) == len(relays) + 3
    assert relayed == {
        ("PROXY", account["proxy"]): 2,
        ("SAFE", account["safe"]): 2,
        ("WALLET", account["deposit_wallet"]): 2,
    }
    ids = {line["relay"] for line in relays}
    states = Counter(line["state"] for line in session.running.lines("relayed") if line["relay"] in ids)
    assert states == {"STATE_EXECUTED": 6, "STATE_MINED": 6, "STATE_CONFIRMED": 6}
    mined = [line for line in session.running.lines("transaction") if not line["reverted"]]
    assert Counter(line["address"] for line in mined if line["address"] in own) == {
        account[wallet]: 2 for wallet in WALLETS
    }
    assert [line["kind"] for line in session.running.lines("split") + session.running.lines("merge")] == [
        *["split"] * 4,
        *["merge"] * 4,
    ]


def test_a_key_that_nobody_knows_gets_a_wallet_money_and_approvals_and_trades(under_way: UnderWay) -> None:
    assert under_way.sessions["sdk"].report()["newcomer"] == {
        "type": "DEPOSIT_WALLET",
        "missing": 17,
        "approved": True,
        "cash": 25_000_000,
        "order": "live",
        "gone": 1,
    }


def test_polymarket_client_understands_every_answer_a_bot_asks_for(under_way: UnderWay) -> None:
    report = under_way.sessions["reads"].report()
    assert report["failed"] == {}
    assert len(report["read"]) == 49
