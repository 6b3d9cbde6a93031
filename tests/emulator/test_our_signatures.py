"""The bot's signing against the exchange's checking: written apart from the same reference, they must agree."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_clob_client_v2.signer import Signer

from actors.messages import Draft
from actors.model.market import Market, Side
from actors.model.numbers import Price, Size
from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED, FUNDING
from adapters.emulator.authority import authorise
from adapters.emulator.keys import Credential
from adapters.emulator.signed_order import parse
from adapters.polymarket.keys import Key
from adapters.polymarket.signing import Account, OrderSigner, Salts
from tests.depth import examples
from tests.emulator.harness import Trader, open_venue

KEY = Key(FUNDED[0].private_key)
OWNED = wallets.of(KEY.address)
CREDENTIAL = Credential("00000000-0000-0000-0000-000000000001", "", "", KEY.address, 0)
V1_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
V3_TOKEN = "663574927012476832975694178961957910328055987427402067619466963999000625152"
PAYERS = [(kind, payer) for kind in (0, 1, 2, 3) for payer in OWNED.payers(kind)]


def signer(kind: int, payer: str, owner: str, key: Key = KEY) -> OrderSigner:
    return OrderSigner(Account.of(key, payer, kind), owner, lambda: 1_763_628_000.0, Salts(random.Random(kind)))


@settings(max_examples=examples(100))
@given(
    payer=st.sampled_from(PAYERS),
    token=st.sampled_from([V1_TOKEN, V3_TOKEN]),
    neg_risk=st.booleans(),
    side=st.sampled_from(Side),
    price=st.integers(1, 9_999),
    size=st.integers(5_000_000, 20_000_000_000),
)
def test_every_order_that_the_bot_signs_is_authorised_under_the_id_it_knows(
    payer: tuple[int, str], token: str, neg_risk: bool, side: Side, price: int, size: int
) -> None:
    kind, address = payer
    signed = signer(kind, address, CREDENTIAL.key).sign(Draft(token, neg_risk, side, price, size))
    market = Market("m", "0x" + "ab" * 32, token, "7" * 60, Price(1), Size(5_000_000), neg_risk)
    assert authorise(parse(json.loads(signed.body)), CREDENTIAL, market) == (signed.order_id, address)


@pytest.mark.parametrize(("kind", "payer"), PAYERS[1:])
async def test_an_order_of_a_wallet_is_paid_by_the_wallet(kind: int, payer: str, autojump_clock: object) -> None:
    async with open_venue() as venue:
        trader, market = await venue.trader(), venue.listings[0].market
        wallet = venue.emulator.exchange.accounts.open(payer, cash=FUNDING)
        draft = Draft(market.yes, market.neg_risk, Side.BUY, 10 * market.tick, 10_000_000)
        ours = signer(kind, payer, trader.creds["apiKey"])

        signed = ours.sign(draft)
        status, answer = await trader.call("POST", "/order", json.loads(signed.body))
        assert (status, answer.get("status"), answer.get("orderID")) == (200, "live", signed.order_id)
        assert venue.emulator.exchange.tickets.by_id[signed.order_id].account is wallet


@pytest.mark.parametrize("kind", [1, 2, 3])
async def test_a_wallet_without_money_of_its_own_buys_nothing(kind: int, autojump_clock: object) -> None:
    async with open_venue() as venue:
        secret = "0x" + "07" * 32
        trader = Trader(venue, Signer(secret, 137), venue.rest())
        await trader.login()
        venue.emulator.exchange.accounts.open(trader.address, cash=FUNDING)
        market, payer = venue.listings[0].market, wallets.of(trader.address).payers(kind)[0]
        signed = signer(kind, payer, trader.creds["apiKey"], Key(secret)).sign(
            Draft(market.yes, market.neg_risk, Side.BUY, 10 * market.tick, 10_000_000)
        )
        status, answer = await trader.call("POST", "/order", json.loads(signed.body))
        assert status == 400
        assert "maker address not allowed" in json.dumps(answer) or "not enough balance" in json.dumps(answer)
