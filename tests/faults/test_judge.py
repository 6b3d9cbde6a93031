"""The judge finds each planted breach, that one and no other, and says what is wrong in words; clean tales have none."""

from __future__ import annotations

import pytest

from tests.faults.leaks import secret_free
from tests.faults.tale import BOT, NO, STRANGER, YES, Tale


def test_an_ordinary_day_breaks_nothing() -> None:
    tale = Tale()
    tale.place("bid", "BUY", "0.4", "20")
    tale.place("ask", "BUY", "0.55", "20", token=NO)
    tale.trade("t1", "bid", size="12")
    tale.settle("t1")
    tale.cancel("bid", remaining="8")
    tale.cancel("ask")
    tale.place("sale", "SELL", "0.38", "12", life="FAK", post_only=False)
    tale.trade("t2", "sale", "SELL", "0.39", "12", takes=True)
    tale.settle("t2")
    tale.judge.ended(0, "positions: flat")
    assert tale.broken == []


# ── I9, I15, I16, I17: what an order may be ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("price", "crosses"), [("0.59", False), ("0.6", True), ("0.7", True)])
def test_own_buys_of_both_outcomes_may_not_add_up_to_one(price: str, crosses: bool) -> None:
    tale = Tale()
    tale.place("yes", "BUY", "0.4", "10")
    tale.place("no", "BUY", price, "10", token=NO)
    assert tale.broken == ["I9"] * crosses
    assert ("could trade with its own order yes, BUY alpha YES at 0.4" in tale.text) is crosses


def test_an_own_sell_may_not_meet_an_own_buy() -> None:
    tale = Tale()
    tale.buy("t1")
    tale.place("bid", "BUY", "0.4", "10")
    tale.place("ask", "SELL", "0.4", "10")
    assert tale.broken == ["I9"]


def test_an_order_of_the_user_is_no_self_trade_of_the_bot() -> None:
    tale = Tale()
    tale.arrive("browser", "BUY", "0.4", "10")
    tale.fault("external_order", "order browser")
    tale.place("no", "BUY", "0.7", "10", token=NO)
    assert tale.broken == []


def test_a_post_only_order_that_takes_is_found() -> None:
    tale = Tale()
    tale.place("bid")
    tale.trade("t1", "bid", takes=True)
    assert tale.broken == ["I15"]
    assert "post-only order bid of the bot took 10 shares at 0.4" in tale.text


def test_a_reducing_order_sells_no_more_than_is_there() -> None:
    tale = Tale()
    tale.buy("t1")
    tale.place("sale", "SELL", "0.3", "11", life="FAK", post_only=False)
    assert tale.broken == ["I15", "I1"]


def test_an_immediate_buy_is_found() -> None:
    tale = Tale()
    tale.place("grab", life="FAK", post_only=False)
    tale.trade("t1", "grab", takes=True)
    assert tale.broken == ["I15", "I15"]


def test_a_price_off_the_tick_is_found_and_one_of_the_tick_it_was_sent_under_is_not() -> None:
    tale = Tale()
    tale.line("tick", market="m1", old="0.01", new="0.001")
    tale.post("fine", price="0.405")
    tale.line("tick", market="m1", old="0.001", new="0.01")
    tale.arrive("fine", price="0.405")
    assert tale.broken == []
    tale.place("off", price="0.415")
    assert tale.broken == ["I16"]
    assert "BUY 10 shares of alpha YES at 0.415, is off the market's tick of 0.01" in tale.text


@pytest.mark.parametrize(("price", "size"), [("0.4", "4.99"), ("1", "10"), ("0", "10")])
def test_a_post_outside_the_markets_rules_is_found(price: str, size: str) -> None:
    tale = Tale()
    tale.post("bad", price=price, size=size)
    assert tale.broken == ["I16"]


def test_no_order_reaches_a_closed_market_and_none_is_sent_there_for_long() -> None:
    tale = Tale()
    tale.line("phase", market="m1", phase="closed", payouts=None)
    tale.now = 19.0
    tale.see()
    tale.post("in time")
    assert tale.broken == []
    tale.arrive("in time")
    assert tale.broken == ["I17"]
    tale.now = 21.0
    tale.see()
    tale.post("too late", token=NO)
    assert tale.broken == ["I17", "I17"]
    assert "for alpha leaves 21.0 s after it stopped taking orders" in tale.text


# ── I11, I19, I20, I22 ─────────────────────────────────────────────────────────────────────────────────────────────


def test_shares_that_trades_do_not_explain_are_found() -> None:
    tale = Tale()
    tale.buy("t1")
    tale.shares[YES] += 1_000_000
    tale.balance()
    assert tale.broken == ["I11"]
    assert "holds 11 shares of token 101…, but all trades" in tale.text
    assert "add up to 10 shares" in tale.text


def test_a_trade_told_twice_counts_once() -> None:
    tale = Tale()
    tale.place("bid")
    tale.trade("t1", "bid")
    tale.trade("t1", "bid")
    tale._trades["t1"].pop()
    tale.settle("t1", "MINED", "CONFIRMED")
    assert tale.broken == []


def test_cash_that_nothing_explains_is_found() -> None:
    tale = Tale()
    tale.buy("t1")
    tale.cash -= 1
    tale.balance()
    assert tale.broken == ["I19"]
    assert "has 995.999999 pUSD on the chain" in tale.text


def test_rewards_and_transfers_explain_cash() -> None:
    tale = Tale()
    tale.line("reward", address=BOT, cash="2", day=1)
    tale.line("transfer", address=BOT, recipient=STRANGER, cash="5")
    tale.line("transfer", address=STRANGER, recipient=BOT, cash="1")
    tale.cash -= 2_000_000
    tale.balance()
    assert tale.broken == []


@pytest.mark.parametrize("told", ["key 0xDEADBEEFCAFE", "deadbeefcafe", "x" * 500 + "DeadBeefCafe"])
def test_a_secret_is_found_in_whatever_shape(told: str) -> None:
    tale = Tale()
    tale.judge.ended(0, told)
    assert tale.broken == ["I20"]
    assert "beef" not in tale.text.lower()
    assert secret_free("a part of it: deadbee", ["0xdeadbeefcafe"])
    assert not secret_free("half: 0123456789abcdef", ["0123456789abcdef0123456789abcdef"])


@pytest.mark.parametrize(("at", "broken"), [(80.0, []), (115.0, ["I22"]), (None, ["I22"])])
def test_a_market_that_is_not_quoted_again_after_the_faults_is_found(at: float | None, broken: list[str]) -> None:
    tale = Tale()
    tale.now = 10.0
    tale.judge.quiet_since(10.0)
    if at is not None:
        tale.now = at
        tale.see()
        tale.place("bid")
    tale.now = 200.0
    tale.judge.alive(["alpha"])
    assert tale.broken == broken


def test_when_a_market_was_last_quoted() -> None:
    tale = Tale()
    assert tale.judge.quoted("alpha") is None
    tale.place("bid")
    tale.now = 5.0
    assert tale.judge.quoted("m1") == 5.0
    tale.cancel("bid")
    tale.now = 9.0
    assert tale.judge.quoted("alpha") == 5.0
    assert tale.judge.quoted("beta") is None
