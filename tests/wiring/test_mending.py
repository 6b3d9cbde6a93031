"""`doctor --fix` against the exchange's relayer: what is missing is given by one transaction, after somebody agreed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import trio.testing
from attrs import define, evolve, field

from actors.wiring.examination import Examination, Row
from actors.wiring.live import Live
from actors.wiring.mending import Agree, Mending
from actors.wiring.places import held
from adapters.emulator import wallets
from adapters.emulator.accounts import EXCHANGES, Account
from adapters.emulator.contracts import Call, Contracts
from adapters.emulator.routes_relayer import key_of
from adapters.polymarket.contracts import NEG_RISK_COLLATERAL_ADAPTER
from tests.adapters.polymarket.samples import ADDRESS
from tests.emulator.harness import open_venue
from tests.wiring.live import URLS, Wallet

OWNED = wallets.of(ADDRESS)
WALLETS = {1: OWNED.proxy, 2: OWNED.safe, 3: OWNED.deposit}


@pytest.fixture
async def wallet(autojump_clock: trio.testing.MockClock, tmp_path: Path) -> AsyncIterator[Wallet]:
    async with open_venue() as exchange:
        yield Wallet(exchange, tmp_path)


@define
class Person:
    """Whoever is asked; `saw` is what for."""

    agrees: bool = True
    saw: list[str] = field(factory=list)

    def __call__(self, lines: Sequence[str]) -> bool:
        self.saw += lines
        return self.agrees


def live(wallet: Wallet, funder: str, *, key: bool = True) -> Live:
    relayer_key = key_of(wallet.exchange.emulator.desk.keys.seed, ADDRESS) if key else ""
    made = wallet.live(funder=funder, relayer_key=relayer_key)
    venue = evolve(made.settings.venue, relayer_url=URLS.relayer_url)
    return evolve(made, settings=evolve(made.settings, venue=venue))


def robbed(wallet: Wallet, funder: str) -> Account:
    """Without one approval of each kind: to buy, to sell, to redeem."""
    account = wallet.exchange.emulator.exchange.accounts.get(funder)
    assert account is not None
    account.allowances.pop(EXCHANGES[0].lower())
    account.operators -= {EXCHANGES[1].lower(), NEG_RISK_COLLATERAL_ADAPTER.lower()}
    return account


async def mended(wallet: Wallet, of: Live, agree: Agree) -> list[Row]:
    examination = Examination(of, wallet.places, wallet.heard.append, wallet.seams)
    return [row async for row in Mending(examination, agree).rows()]


async def unfit(wallet: Wallet, of: Live) -> set[str]:
    look = Examination(of, wallet.places, wallet.heard.append, wallet.seams)
    return {what async for what, fine, _ in look.rows() if not fine}


@pytest.mark.parametrize("signature_type", [1, *(pytest.param(kind, marks=pytest.mark.slow) for kind in (2, 3))])
async def test_what_is_missing_is_given_by_one_transaction(wallet: Wallet, signature_type: int) -> None:
    funder, person = WALLETS[signature_type], Person()
    account, of = robbed(wallet, funder), live(wallet, funder)
    assert await unfit(wallet, of) == {"funds", "settle"}
    ((what, fine, said),) = await mended(wallet, of, person)
    assert (what, fine, said[:41]) == ("fix", True, "3 approvals were sent and are confirmed (")
    assert await unfit(wallet, of) == set()
    assert account.allowance(EXCHANGES[0]) == 2**256 - 1
    assert account.operated_by(EXCHANGES[1])
    assert account.operated_by(NEG_RISK_COLLATERAL_ADAPTER)
    assert wallet.asked.count("/submit") == 1
    assert [line.partition(", which lets ")[2] for line in person.saw] == [
        f"{EXCHANGES[0]} take any amount of pUSD",
        f"{EXCHANGES[1]} move outcome tokens",
        f"{NEG_RISK_COLLATERAL_ADAPTER} move outcome tokens",
    ]
    assert await mended(wallet, of, person) == [("fix", True, "no approval is missing")]


async def test_nothing_is_sent_unless_somebody_agrees(wallet: Wallet) -> None:
    robbed(wallet, OWNED.safe)
    person = Person(agrees=False)
    ((_, fine, said),) = await mended(wallet, live(wallet, OWNED.safe), person)
    assert (fine, said) == (False, "3 approvals were not sent: nobody agreed (--yes does)")
    assert "/submit" not in wallet.asked


async def test_an_eoa_is_shown_the_exact_calls(wallet: Wallet) -> None:
    account, person = robbed(wallet, ADDRESS), Person()
    shown = await mended(wallet, live(wallet, ADDRESS), person)
    assert [fine for _, fine, _ in shown] == [False] * 3
    assert person.saw == [], "nobody else can send them"
    desk = wallet.exchange.emulator.desk
    for _, _, said in shown:
        words = said.split()
        call = Call(words[words.index("to") + 1], bytes.fromhex(words[words.index("data") + 1].rstrip(",")[2:]))
        assert said.startswith(f"send from {ADDRESS}: to {call.to} data 0x")
        Contracts(desk.chain, desk.exchange.listings).run(account, call)
    assert await unfit(wallet, live(wallet, ADDRESS)) == set()


async def test_without_a_key_for_the_relayer_it_says_where_to_get_one(wallet: Wallet) -> None:
    robbed(wallet, OWNED.safe)
    ((_, fine, said),) = await mended(wallet, live(wallet, OWNED.safe, key=False), Person())
    assert (fine, "put RELAYER_API_KEY (from the settings on polymarket.com) into .env" in said) == (False, True)


async def test_nothing_is_sent_beside_a_bot_whose_transactions_it_would_disturb(wallet: Wallet) -> None:
    robbed(wallet, OWNED.safe)
    of = live(wallet, OWNED.safe)
    with held(wallet.places.account_lock(f"{(await of.locate()).host}-{of.address}"), ""):
        ((_, fine, said),) = await mended(wallet, of, Person())
    assert (fine, said.startswith("another bot (process")) == (False, True)
    assert "/submit" not in wallet.asked


async def test_what_the_relayer_refuses_is_told_with_its_reason(wallet: Wallet) -> None:
    robbed(wallet, OWNED.safe)

    def busy(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/submit":
            return httpx.Response(400, json={"error": "wallet busy"})
        return httpx.Response(200, json={"address": ADDRESS, "nonce": "0"})

    wallet.elsewhere["relayer"] = busy
    ((_, fine, said),) = await mended(wallet, live(wallet, OWNED.safe), Person())
    assert (fine, said) == (False, "the relayer refuses the approvals: wallet busy")
