"""Claims about `doctor` on a live account: each thing that would keep it from trading is a row with what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import trio.testing
from attrs import evolve

from actors.wiring import examination, live
from actors.wiring.examination import Examination
from actors.wiring.live import Live
from adapters.emulator.accounts import EXCHANGES
from adapters.polymarket.auth import Credentials
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
    look = Examination(live or wallet.live(), wallet.heard.append, seams)
    return {what: (fine, said) async for what, fine, said in look.rows()}


async def test_a_fit_account_is_fine_in_every_row(wallet: Wallet) -> None:
    found = await rows(wallet)
    assert list(found) == ["clock", "markets", "login", "funds", "data"]
    assert all(fine for fine, _ in found.values()), found
    assert found["funds"][1].startswith("10000 pUSD")
    assert found["data"][1].startswith("the Data API and the venue agree on 0 tokens")


async def test_a_wrong_clock_is_the_one_thing_told_of_what_it_spoils(wallet: Wallet) -> None:
    found = await rows(wallet, late=45)
    assert list(found) == ["clock", "markets"]
    assert "clock is 4" in found["clock"][1]


async def test_all_that_is_missing_is_told_at_once(wallet: Wallet) -> None:
    wallet.account.allowances.pop(EXCHANGES[0].lower())
    wallet.account.operators.discard(EXCHANGES[1].lower())
    wallet.exchange.emulator.desk.lifecycle.close(wallet.exchange.listings[0])
    found = await rows(wallet)
    assert {what for what, (fine, _) in found.items() if not fine} == {"markets", "funds"}
    assert "no orders are taken in demo-election: not accepting orders: take them out" in found["markets"][1]
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
