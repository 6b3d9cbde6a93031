"""From the match to the chain: every status a trade can take, and what each moves."""

from __future__ import annotations

import json

import pytest

from actors.model.numbers import PUSD, SHARE, cost
from adapters.emulator import signatures
from adapters.emulator.accounts import UNLIMITED
from adapters.emulator.events import TradeMoved
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.notifications import FILL_FAILED
from adapters.emulator.refusal import Refused
from adapters.emulator.settlement import Fate
from adapters.emulator.trades import Trade
from tests.emulator.floor import BUY, CENT, NO, SELL, YES, Floor, listing, open_floor

FAILING = Fate(retries=1, fails=True)


def traded(fate: Fate | None = None, *, rates: int = 0) -> tuple[Floor, Trade]:
    """Ann has bought 10 YES at 0.60 against Bob's bid of 30 NO at 0.40."""
    floor = open_floor(rates=rates)
    ann, bob = floor.account("ann"), floor.account("bob")
    if fate is not None:
        floor.exchange.settlement.fate = lambda trade: fate
    floor.place(bob, NO, BUY, 40 * CENT, 30 * SHARE)
    floor.place(ann, YES, BUY, 60 * CENT, 10 * SHARE)
    return floor, floor.trades(ann)[0]


def statuses(floor: Floor, trade: Trade) -> list[str]:
    lines = [json.loads(line) for line in floor.diary.getvalue().splitlines()]
    return [line["status"] for line in lines if line["kind"] == "settle" and line["trade"] == trade.id]


def test_a_trade_is_mined_after_two_seconds_and_confirmed_three_later() -> None:
    floor, trade = traded()
    for seconds, status in ((1.99, "MATCHED"), (0.02, "MINED"), (2.98, "MINED"), (0.02, "CONFIRMED")):
        floor.pass_time(seconds)
        assert trade.status == status
    assert statuses(floor, trade) == ["MINED", "CONFIRMED"]


def test_until_it_is_mined_what_a_trade_takes_is_held_and_what_it_brings_is_not_there() -> None:
    floor, trade = traded()
    ann = trade.taker.ticket.account
    assert (ann.cash, ann.free_cash, ann.shares[trade.taker.ticket.token]) == (10_000 * PUSD, 9_994 * PUSD, 0)
    with pytest.raises(Refused, match="balance: 0, order amount: 10000000"):
        floor.place(ann, YES, SELL, 70 * CENT, 10 * SHARE)
    floor.pass_time(2)
    assert (ann.cash, ann.free_cash) == (9_994 * PUSD, 9_994 * PUSD)
    floor.place(ann, YES, SELL, 70 * CENT, 10 * SHARE)


def test_a_retried_trade_is_mined_in_the_end_under_a_new_hash() -> None:
    floor, trade = traded(Fate(retries=2))
    hashes = []
    for _ in range(4):
        floor.pass_time(2)
        hashes.append(trade.hash)
    assert statuses(floor, trade) == ["RETRYING", "RETRYING", "MINED"]
    assert len(set(hashes)) == 3
    assert trade.taker.ticket.account.shares[trade.taker.ticket.token] == 10 * SHARE


def test_a_failed_trade_settles_nothing_and_frees_what_it_held() -> None:
    floor, trade = traded(FAILING, rates=700)
    floor.pass_time(60)
    assert statuses(floor, trade) == ["RETRYING", "FAILED"]
    for leg in trade.legs:
        account = leg.ticket.account
        assert (account.cash, account.held_cash, dict(account.shares)) == (10_000 * PUSD, 0, {})
    accounts = floor.exchange.accounts
    assert (accounts.fees, accounts.minted) == (0, 0)


def test_a_failed_trade_does_not_give_the_maker_its_size_back() -> None:
    floor, trade = traded(FAILING)
    maker = trade.makers[0].ticket
    floor.pass_time(60)
    assert (maker.status, maker.remaining) == ("LIVE", 20 * SHARE)
    assert floor.listings[0].book.orders[maker.order.id].remaining == 20 * SHARE


def test_both_sides_of_a_failed_fill_are_notified() -> None:
    floor, trade = traded(FAILING)
    floor.pass_time(60)
    for leg in trade.legs:
        newest = floor.notifications.of(leg.ticket.account)[0]
        assert (newest.type, newest.owner, newest.payload["trade_id"]) == (FILL_FAILED, leg.ticket.owner, trade.id)
        assert newest.payload["matched_size"] == "10"


@pytest.mark.parametrize("seconds", [10.0, 50.0])
def test_a_late_trade_stays_matched_until_it_is_mined(seconds: float) -> None:
    floor, trade = traded(Fate(mined_after=seconds))
    floor.pass_time(seconds - 0.1)
    assert (trade.status, statuses(floor, trade)) == ("MATCHED", [])
    floor.pass_time(0.2)
    assert trade.status == "MINED"


def test_every_status_is_told_once() -> None:
    floor, _ = traded(Fate(retries=1))
    floor.pass_time(60)
    assert len(floor.events(TradeMoved)) == 4  # matched, retrying, mined, confirmed
    assert not any(floor.exchange.settlement.pending.values())


def test_a_trade_whose_wallet_has_withdrawn_its_approval_fails_on_the_chain() -> None:
    floor, trade = traded()
    floor.chain.approve(trade.taker.ticket.account, signatures.EXCHANGE, 5_999_999)
    floor.pass_time(2)
    assert trade.status == "FAILED"
    assert trade.taker.ticket.account.cash == 10_000 * PUSD


def test_a_seller_needs_the_contract_to_move_his_shares_until_the_end() -> None:
    floor = open_floor()
    ann, bob = floor.account("ann"), floor.account("bob")
    floor.chain.split(bob, floor.listings[0], 10 * PUSD)
    floor.place(ann, YES, BUY, 60 * CENT, 10 * SHARE)
    floor.place(bob, YES, SELL, 60 * CENT, 10 * SHARE)
    floor.chain.approve_shares(bob, signatures.EXCHANGE, approved=False)
    floor.pass_time(2)
    assert floor.trades(bob)[0].status == "FAILED"


def test_a_trade_fails_on_the_chain_whose_wallet_moved_its_funds_past_a_stuck_order() -> None:
    floor = open_floor()
    ann, bob, market = floor.account("ann", 10 * PUSD), floor.account("bob"), floor.listings[0]
    floor.exchange.stuck = lambda order_id: True
    stuck = [floor.place(ann, YES, BUY, 50 * CENT, 8 * SHARE) for _ in range(2)]
    floor.chain.split(ann, market, 5 * PUSD)
    floor.place(bob, NO, BUY, 50 * CENT, 16 * SHARE)
    floor.pass_time(10)
    assert [order.status for order in stuck] == ["MATCHED", "MATCHED"]
    assert [trade.status for trade in floor.trades(ann)] == ["FAILED"]
    assert (ann.cash, ann.held_cash, ann.shares[market.market.yes]) == (5 * PUSD, 0, 5 * SHARE)


def test_a_limited_allowance_shrinks_by_what_is_taken_and_an_unlimited_one_never() -> None:
    floor, trade = traded(rates=700)
    ann, bob = trade.taker.ticket.account, trade.makers[0].ticket.account
    floor.chain.approve(ann, signatures.EXCHANGE, 100 * PUSD)
    floor.pass_time(2)
    assert ann.allowance(signatures.EXCHANGE) == 100 * PUSD - 6 * PUSD - trade.taker.fee
    assert bob.allowance(signatures.EXCHANGE) == UNLIMITED


def test_the_fee_is_paid_when_the_trade_is_mined_and_in_whole() -> None:
    floor, trade = traded(rates=700)
    assert (trade.taker.fee, floor.exchange.accounts.fees) == (168_000, 0)  # 10 × 0.07 × 0.6 × 0.4
    floor.pass_time(2)
    assert floor.exchange.accounts.fees == 168_000
    assert floor.exchange.accounts.total == 20_000 * PUSD


def test_what_an_open_order_reserves_pays_for_it_in_however_many_odd_parts() -> None:
    """Makers pay rounded down, so that parts never cost more than the whole (their takers pay the rest)."""
    floor = open_floor([listing(tick=1)])
    odd = 3_000_001
    ann, bob = floor.account("ann", cost(3_333, 7 * odd)), floor.account("bob")
    floor.place(ann, YES, BUY, 3_333, 7 * odd)
    for _ in range(7):
        floor.place(bob, NO, BUY, 6_667, odd, life="FAK")
        assert ann.free_cash >= 0
    floor.pass_time(2)
    assert (ann.cash, ann.shares[floor.listings[0].market.yes]) == (3, 7 * odd)
    assert floor.exchange.accounts.minted == 7 * odd


@pytest.mark.parametrize(("fate", "end"), [(Fate(mined_after=50), "MINED"), (FAILING, "FAILED")])
def test_trades_under_way_end_before_a_market_is_resolved(fate: Fate, end: str) -> None:
    floor, trade = traded(fate)
    floor.lifecycle.resolve(floor.listings[0], YES_WINS)
    assert trade.status == end
    ann = trade.taker.ticket.account
    floor.chain.redeem(ann, floor.listings[0])
    assert ann.cash == (10_004 if end == "MINED" else 10_000) * PUSD
    floor.pass_time(100)
    assert statuses(floor, trade) == ([end, "CONFIRMED"] if end == "MINED" else [end])
