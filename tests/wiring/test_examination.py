"""Claims about `doctor` on a live account: each thing that would keep it from trading is a row with what to do."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio.testing
from attrs import evolve

from actors.messages import Draft
from actors.model.conversion import Kind, of_pairs
from actors.model.market import Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.order import Key, Settlement
from actors.model.outcome import Accepted, Unread
from actors.records import Batch, Intent
from actors.wiring import examination, live
from actors.wiring.examination import Examination
from actors.wiring.live import Live
from actors.wiring.places import held
from adapters.emulator.accounts import EXCHANGES
from adapters.polymarket.auth import Credentials
from adapters.polymarket.reach import Reached
from tests.emulator.harness import open_venue
from tests.wiring.live import Wallet


@pytest.fixture
async def wallet(autojump_clock: trio.testing.MockClock, tmp_path: Path) -> AsyncIterator[Wallet]:
    async with open_venue() as exchange:
        yield Wallet(exchange, tmp_path)


async def rows(wallet: Wallet, live: Live | None = None, *, late: float = 0.0) -> dict[str, tuple[bool, str]]:
    seams = wallet.seams
    if late:
        wall = seams.wall
        seams = evolve(seams, wall=lambda: wall() - late)
    look = Examination(live or wallet.live(), wallet.places, wallet.heard.append, seams)
    return {what: (fine, said) async for what, fine, said in look.rows()}


async def test_a_fit_account_is_fine_in_every_row(wallet: Wallet) -> None:
    found = await rows(wallet)
    slugs = [f"market {market.slug}" for market in wallet.markets]
    assert list(found) == [
        "lock",
        "network",
        "clock",
        "markets",
        *slugs,
        "login",
        "funds",
        "orders",
        "positions",
        "data",
        "settle",
    ]
    assert all(fine for fine, _ in found.values()), found
    assert found["network"][1] == "4 addresses answer"
    said = "takes orders, tick 0.01, 5 shares at least, takers pay 4 % of p × (1 - p), "
    assert found["market demo-election"][1].startswith(said)
    assert found["funds"][1].startswith("10000 pUSD")
    assert found["data"][1].startswith("the Data API and the venue agree on 0 tokens")


async def test_a_wrong_clock_is_the_one_thing_told_of_what_it_spoils(wallet: Wallet) -> None:
    found = await rows(wallet, late=45)
    assert list(found)[:4] == ["lock", "network", "clock", "markets"]
    assert "login" not in found
    assert [what for what, (fine, _) in found.items() if not fine] == ["clock"]
    assert "clock is 4" in found["clock"][1]


async def test_all_that_is_missing_is_told_at_once(wallet: Wallet) -> None:
    wallet.account.allowances.pop(EXCHANGES[0].lower())
    wallet.account.operators.discard(EXCHANGES[1].lower())
    wallet.exchange.emulator.desk.lifecycle.close(wallet.exchange.listings[0])
    found = await rows(wallet)
    assert {what for what, (fine, _) in found.items() if not fine} == {"market demo-election", "funds"}
    said = found["market demo-election"][1]
    assert said == "no orders are taken in demo-election: not accepting orders: take it out of `markets`"
    assert f"approve({EXCHANGES[0]}, AMOUNT)" in found["funds"][1]
    assert f"setApprovalForAll({EXCHANGES[1]}, true)" in found["funds"][1]


async def test_an_api_key_of_somebody_else_is_named_with_the_fix(wallet: Wallet) -> None:
    wrong = Credentials("00000000-0000-0000-0000-000000000009", "d3Jvbmctc2VjcmV0", "wrong-passphrase")
    found = await rows(wallet, wallet.live(credentials=wrong))
    assert found["login"][0] is False
    assert "take CLOB_API_KEY, CLOB_API_SECRET and CLOB_API_PASSPHRASE out" in found["login"][1]
    assert "funds" not in found


@pytest.mark.parametrize(
    ("answer", "fine", "says"),
    [
        ({"blocked": False, "ip": "203.0.113.5", "country": "IE", "region": "L"}, True, "taken from here (IE L)"),
        ({"blocked": True, "country": "XX"}, False, "blocks orders from here (XX): run the bot where you may trade"),
        ({"error": "no"}, False, "the venue's geo check could not be read"),
    ],
)
async def test_a_region_that_the_venue_blocks_is_found_before_the_first_order(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], fine: bool, says: str
) -> None:
    for module in (examination, live):
        monkeypatch.setattr(module, "POLYMARKET", await wallet.live().locate())
    wallet.elsewhere["polymarket.com"] = lambda request: httpx.Response(200, json=answer)
    found = await rows(wallet)
    blocked = answer.get("blocked") is True  # a run stays away only from where it surely cannot trade
    assert found["login"][0] is not blocked
    assert found["region"][0] is fine
    assert says in found["region"][1]


async def test_an_address_that_cannot_be_reached_is_told_with_what_to_look_at(wallet: Wallet) -> None:
    wallet.unreachable = {"https://data": Unread("DNS knows no data"), "https://gamma": Reached(wallet.exchange.wall())}
    assert (await rows(wallet))["network"] == (False, "DNS knows no data")
    del wallet.unreachable["https://data"]
    fine, said = (await rows(wallet))["network"]
    assert fine
    assert said.startswith("4 addresses answer; the certificate of gamma ends 2025-11-20")


async def test_a_bot_of_the_same_account_is_named(wallet: Wallet) -> None:
    live = wallet.live()
    account = f"{(await live.locate()).host}-{live.address}"
    with held(wallet.places.account_lock(account), ""):
        fine, said = (await rows(wallet))["lock"]
    assert (fine, said.startswith(f"another bot (process {os.getpid()}) trades this account")) == (False, True)
    assert (await rows(wallet))["lock"][0]


@asynccontextmanager
async def order(wallet: Wallet, *, journalled: bool) -> AsyncIterator[str]:
    """An open order of the account, whose bot is gone."""
    market, live = wallet.markets[0], wallet.live()
    async with wallet.opened(live) as ports:
        signed = ports.trading.sign(Draft(market.yes, market.neg_risk, Side.BUY, Price(100), Size(5 * SHARE)))
        account = f"{(await live.locate()).host}-{live.address}"
        journal = await wallet.seams.journal(wallet.places.of_account(live.settings, account).journal)
        if journalled:
            where = (market.slug, market.condition_id, market.yes, "BUY", 100, 5 * SHARE)
            await journal.commit([Intent(Key(1, 1), signed.order_id, *where, signed.body, 0.0)])
        assert isinstance(await ports.trading.place(signed), Accepted)
        yield signed.order_id
        await journal.close()


async def test_an_order_that_no_journal_knows_is_named_with_what_to_do(wallet: Wallet) -> None:
    async with order(wallet, journalled=False) as order_id:
        fine, said = (await rows(wallet))["orders"]
    assert not fine
    assert f"1 open orders are in no journal of this bot: BUY 5 at 0.01 ({order_id})" in said
    assert "cancel them on polymarket.com, or with `cancel-all`" in said


async def test_an_order_of_a_run_that_is_gone_is_named_unless_a_bot_looks_after_it(wallet: Wallet) -> None:
    live = wallet.live()
    async with order(wallet, journalled=True) as order_id:
        fine, said = (await rows(wallet))["orders"]
        assert not fine
        assert f"1 orders of an earlier run are open and nobody looks after them: BUY 5 at 0.01 ({order_id})" in said
        assert "start the bot" in said
        account = f"{(await live.locate()).host}-{live.address}"
        with held(wallet.places.account_lock(account), ""):
            assert (await rows(wallet))["orders"] == (True, "1 open orders are the running bot's")


async def test_an_order_of_unknown_end_is_told_and_one_of_another_market_keeps_a_run_from_starting(
    wallet: Wallet,
) -> None:
    live = wallet.live()
    account = f"{(await live.locate()).host}-{live.address}"
    journal = await wallet.seams.journal(wallet.places.of_account(live.settings, account).journal)
    market = wallet.markets[0]
    await journal.commit(
        [Intent(Key(1, 1), "0x1", market.slug, market.condition_id, market.yes, "BUY", 100, 1, b"", 0.0)]
    )
    assert (await rows(wallet))["orders"] == (
        True,
        "none is open; how 1 earlier ones ended is looked up at the next start",
    )
    await journal.commit([Intent(Key(1, 2), "0x2", "other-cup", "0xother", "1", "BUY", 100, 1, b"", 0.0)])
    fine, said = (await rows(wallet))["orders"]
    assert (fine, "holds 1 orders of other-cup whose end is not known" in said) == (False, True)
    await journal.close()


async def test_shares_that_have_come_and_are_gone_are_named(wallet: Wallet) -> None:
    market, live = wallet.markets[0], wallet.live()
    account = f"{(await live.locate()).host}-{live.address}"
    journal = await wallet.seams.journal(wallet.places.of_account(live.settings, account).journal)
    split = evolve(of_pairs(Kind.SPLIT, "1", market, Size(20 * SHARE), 0.0), settlement=Settlement.CONFIRMED)
    await journal.commit([Batch(split, 0, b"")])
    await journal.close()
    wallet.account.shares.update({market.yes: 5 * SHARE, market.no: 25 * SHARE})  # what comes by other ways is fine
    fine, said = (await rows(wallet))["positions"]
    assert (fine, "NO" in said) == (False, False)
    assert said.startswith(
        f"{market.slug} YES: 20 by trades and conversions, 5 in the account: moved, sold or merged by"
    )
    wallet.account.shares[market.yes] = 20 * SHARE
    assert (await rows(wallet))["positions"][0]
