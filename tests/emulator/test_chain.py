"""What wallets do on the chain: every act moves exactly what it says, or reverts and moves nothing."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from actors.model.numbers import PUSD, SHARE
from adapters.emulator import signatures
from adapters.emulator.accounts import EXCHANGES, UNLIMITED, Account
from adapters.emulator.chain import Reverted
from adapters.emulator.events import ChainMoved
from adapters.emulator.lifecycle import NO_WINS, YES_WINS
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from tests.emulator.floor import BUY, CENT, NO, SELL, YES, Floor, listing, neg_risk_event, open_floor


def shares(account: Account, floor: Floor) -> list[tuple[int, int]]:
    """(YES, NO) of every market in whole shares."""
    return [(account.shares[one.market.yes] // SHARE, account.shares[one.market.no] // SHARE) for one in floor.listings]


def test_a_pair_costs_one_pusd_and_brings_it_back() -> None:
    floor = open_floor()
    ann, market = floor.account("ann"), floor.listings[0]
    floor.chain.split(ann, market, 7 * PUSD)
    assert (ann.cash, shares(ann, floor), floor.exchange.accounts.minted) == (9_993 * PUSD, [(7, 7)], 7 * PUSD)
    floor.chain.merge(ann, market, 5 * PUSD)
    assert (ann.cash, shares(ann, floor), floor.exchange.accounts.minted) == (9_998 * PUSD, [(2, 2)], 2 * PUSD)
    assert [(e.kind, e.cash) for e in floor.events(ChainMoved)] == [("split", -7 * PUSD), ("merge", 5 * PUSD)]


@pytest.mark.parametrize("amount", [0, -PUSD, 10_000 * PUSD + 1])
def test_nobody_splits_what_he_has_not(amount: int) -> None:
    floor = open_floor()
    ann = floor.account("ann")
    with pytest.raises(Reverted, match="ERC20"):
        floor.chain.split(ann, floor.listings[0], amount)
    assert (ann.cash, floor.events(ChainMoved)) == (10_000 * PUSD, [])


def test_what_a_matched_trade_has_promised_cannot_leave() -> None:
    floor = open_floor()
    ann, bob, market = floor.account("ann"), floor.account("bob", 10 * PUSD), floor.listings[0]
    floor.chain.split(ann, market, 10 * PUSD)
    floor.place(bob, YES, BUY, 50 * CENT, 8 * SHARE)
    floor.place(ann, YES, SELL, 50 * CENT, 8 * SHARE)
    with pytest.raises(Reverted, match="ERC1155"):
        floor.chain.merge(ann, market, 3 * PUSD)
    with pytest.raises(Reverted, match="ERC20"):
        floor.chain.split(bob, market, 7 * PUSD)
    floor.chain.merge(ann, market, 2 * PUSD)
    floor.chain.split(bob, market, 6 * PUSD)


def test_nos_of_a_neg_risk_event_become_cash_and_the_other_yeses() -> None:
    floor = open_floor(neg_risk_event("race", 4))
    ann = floor.account("ann")
    for market in floor.listings:
        floor.chain.split(ann, market, 10 * PUSD)
    floor.chain.convert(ann, floor.listings[:3], 4 * PUSD)
    assert shares(ann, floor) == [(10, 6), (10, 6), (10, 6), (14, 10)]
    assert ann.cash == (10_000 - 40 + 2 * 4) * PUSD


def test_a_single_no_converts_without_cash_into_every_other_yes() -> None:
    floor = open_floor(neg_risk_event("race", 3))
    ann = floor.account("ann")
    floor.chain.split(ann, floor.listings[1], 10 * PUSD)
    floor.chain.convert(ann, [floor.listings[1]], 10 * PUSD)
    assert (shares(ann, floor), ann.cash) == ([(10, 0), (10, 0), (10, 0)], 9_990 * PUSD)


@pytest.mark.parametrize("winner", [0, 1, 2])
def test_a_conversion_is_worth_the_same_whoever_wins(winner: int) -> None:
    floor = open_floor(neg_risk_event("race", 3))
    ann, bob = floor.account("ann"), floor.account("bob")
    for account in (ann, bob):
        for market in floor.listings[:2]:
            floor.chain.split(account, market, 10 * PUSD)
    floor.chain.convert(bob, floor.listings[:2], 10 * PUSD)
    floor.lifecycle.resolve(floor.listings[winner], YES_WINS)
    for account in (ann, bob):
        for market in floor.listings:
            floor.chain.redeem(account, market)
    assert ann.cash == bob.cash
    assert floor.exchange.accounts.minted == 0


def test_only_different_markets_of_one_neg_risk_event_convert() -> None:
    floor = open_floor([*neg_risk_event("race", 3), *neg_risk_event("cup", 2), listing("plain")])
    ann, (first, second, _, other, _, plain) = floor.account("ann"), floor.listings
    for market in floor.listings:
        floor.chain.split(ann, market, 10 * PUSD)
    for members in ([], [first, first], [first, other], [plain], [first, plain]):
        with pytest.raises(Reverted, match="NoConvertiblePositions"):
            floor.chain.convert(ann, members, PUSD)
    with pytest.raises(Reverted, match="ERC1155"):
        floor.chain.convert(ann, [first, second], 10 * PUSD + 1)


def test_shares_are_redeemed_after_the_resolution_and_losers_are_gone() -> None:
    floor = open_floor()
    ann, market = floor.account("ann"), floor.listings[0]
    floor.chain.split(ann, market, 10 * PUSD)
    floor.lifecycle.propose(market, NO_WINS)
    with pytest.raises(Reverted, match="result for condition not received yet"):
        floor.chain.redeem(ann, market)
    floor.lifecycle.resolve(market, NO_WINS)
    floor.chain.redeem(ann, market)
    assert (ann.cash, shares(ann, floor)) == (10_000 * PUSD, [(0, 0)])


def test_a_part_of_the_shares_can_be_redeemed_and_never_more_or_less_than_there_are() -> None:
    floor = open_floor()
    ann, market = floor.account("ann"), floor.listings[0]
    floor.chain.split(ann, market, 10 * PUSD)
    floor.lifecycle.resolve(market, YES_WINS)
    for amount in (10 * SHARE + 1, -SHARE):
        with pytest.raises(Reverted, match="ERC1155"):
            floor.chain.redeem(ann, market, {market.market.yes: amount})
    floor.chain.redeem(ann, market, {market.market.yes: 4 * SHARE})
    assert (ann.cash, shares(ann, floor)) == (9_994 * PUSD, [(6, 10)])


def test_every_act_is_a_line_of_the_ledger_with_what_came_in() -> None:
    floor = open_floor()
    ann, market = floor.account("ann"), floor.listings[0]
    transaction = floor.chain.split(ann, market, 3 * PUSD)
    line, balance = (json.loads(text) for text in floor.diary.getvalue().splitlines()[-2:])
    assert (line["kind"], line["cash"], line["shares"]) == ("split", "-3", dict.fromkeys(market.market.tokens, "3"))
    assert (line["hash"], line["address"], line["market"]) == (transaction, "0xann", market.market.condition_id)
    assert (balance["cash"], balance["shares"]) == ("9997", dict.fromkeys(market.market.tokens, "3"))


def position_market() -> Listing:
    """A market of Protocol V2: bits 40 to 103 of its ids are zero (polymarket.md §3.4)."""
    one = listing("position")
    yes = 1 << 248 | 12_345 << 120
    one.market = evolve(one.market, yes=str(yes), no=str(yes + 1))
    return one


def bare(floor: Floor) -> Account:
    """An account with money that has approved nothing."""
    account = floor.account("new", 0)
    account.cash = 100 * PUSD
    return account


@pytest.mark.parametrize(
    ("market", "contract"),
    [
        (listing("plain"), signatures.EXCHANGE),
        (listing("risky", neg_risk=True), signatures.NEG_RISK_EXCHANGE),
        (position_market(), signatures.EXCHANGE_V3),
    ],
    ids=["exchange", "neg-risk exchange", "ExchangeV3"],
)
def test_a_market_needs_the_approval_of_its_own_exchange_contract(market: Listing, contract: str) -> None:
    floor = open_floor([market])
    new = bare(floor)
    text = f"the allowance is not enough -> spender: {contract}, allowance: 0, order amount: 5000000"
    for other in EXCHANGES:
        if other != contract:
            floor.chain.approve(new, other)
    with pytest.raises(Refused, match=f"not enough balance / allowance: {text}"):
        floor.place(new, YES, BUY, 50 * CENT, 10 * SHARE)
    floor.chain.approve(new, contract.lower())
    assert floor.place(new, YES, BUY, 50 * CENT, 10 * SHARE).status == "LIVE"


def test_a_limited_allowance_covers_all_open_and_matched_orders_together() -> None:
    floor = open_floor()
    new, bob = bare(floor), floor.account("bob")
    floor.chain.approve(new, signatures.EXCHANGE, 12 * PUSD)
    floor.place(bob, NO, BUY, 50 * CENT, 10 * SHARE)
    floor.place(new, YES, BUY, 50 * CENT, 10 * SHARE)
    floor.place(new, YES, BUY, 40 * CENT, 10 * SHARE)
    with pytest.raises(Refused, match="allowance: 12000000, order amount: 4000000"):
        floor.place(new, YES, BUY, 40 * CENT, 10 * SHARE)
    floor.place(new, YES, BUY, 30 * CENT, 10 * SHARE)


def test_selling_needs_the_contract_to_be_an_operator_of_the_shares() -> None:
    floor = open_floor()
    new = bare(floor)
    floor.chain.split(new, floor.listings[0], 10 * PUSD)
    floor.chain.approve(new, signatures.EXCHANGE)
    with pytest.raises(Refused, match="the allowance is not enough"):
        floor.place(new, YES, SELL, 60 * CENT, 10 * SHARE)
    floor.chain.approve_shares(new, signatures.EXCHANGE)
    assert floor.place(new, YES, SELL, 60 * CENT, 10 * SHARE).status == "LIVE"


def test_funded_accounts_have_approved_every_exchange() -> None:
    ann = open_floor().account("ann")
    assert [ann.allowance(contract) for contract in EXCHANGES] == [UNLIMITED] * 3
    assert all(ann.operated_by(contract) for contract in EXCHANGES)


def test_orders_that_lose_their_cover_are_cancelled_the_youngest_first() -> None:
    floor = open_floor()
    ann, market = floor.account("ann", 20 * PUSD), floor.listings[0]
    old, young = (floor.place(ann, YES, BUY, 50 * CENT, 16 * SHARE) for _ in range(2))
    floor.chain.split(ann, market, 5 * PUSD)
    assert (old.status, young.status) == ("LIVE", "CANCELED_NOT_ENOUGH_BALANCE")
    sale = floor.place(ann, NO, SELL, 90 * CENT, 5 * SHARE)
    floor.chain.merge(ann, market, PUSD)
    assert sale.status == "CANCELED_NOT_ENOUGH_BALANCE"
    floor.chain.approve(ann, signatures.EXCHANGE, 7 * PUSD)
    assert old.status == "CANCELED_NOT_ENOUGH_BALANCE"


def test_a_stale_memory_refuses_what_the_wallet_could_pay_until_it_is_refreshed() -> None:
    floor = open_floor()
    ann, market = floor.account("ann", 10 * PUSD), floor.listings[0]
    ann.freeze()
    floor.chain.split(ann, market, 5 * PUSD)
    with pytest.raises(Refused, match="balance: 0, order amount: 5000000"):
        floor.place(ann, YES, SELL, 60 * CENT, 5 * SHARE)
    ann.refresh()
    assert floor.place(ann, YES, SELL, 60 * CENT, 5 * SHARE).status == "LIVE"


def test_a_stale_memory_never_lets_anybody_spend_what_is_gone() -> None:
    floor = open_floor()
    ann = floor.account("ann", 10 * PUSD)
    ann.freeze()
    floor.chain.split(ann, floor.listings[0], 8 * PUSD)
    with pytest.raises(Refused, match="balance: 2000000, order amount: 5000000"):
        floor.place(ann, YES, BUY, 50 * CENT, 10 * SHARE)
