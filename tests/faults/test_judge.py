"""The judge finds each planted breach, that one and no other, and says what is wrong in words; clean tales have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.leaks import secret_free
from tests.faults.tale import BOT, NO, OTHER_YES, STRANGER, YES, Tale


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


# ── I1: money ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_open_buys_beyond_a_markets_cap_are_found_once_and_named_with_amounts() -> None:
    tale = Tale()
    tale.place("a", "BUY", "0.4", "40")
    tale.place("b", "BUY", "0.3", "20")
    tale.place("c", "BUY", "0.2", "5")
    assert tale.broken == ["I1"]
    assert "22 pUSD" in tale.text
    assert "at risk in alpha, 2 pUSD more than its cap of 20 pUSD" in tale.text
    tale.cancel("b")
    tale.place("d", "BUY", "0.3", "40")
    assert tale.broken == ["I1", "I1"], "told again once it was under the cap in between"


def test_two_markets_within_their_own_caps_may_be_too_much_together() -> None:
    tale = Tale()
    tale.place("a", "BUY", "0.4", "40")
    tale.place("b", "BUY", "0.4", "40", token=OTHER_YES)
    assert tale.broken == ["I1"]
    assert "all markets, 2 pUSD more than its cap of 30 pUSD" in tale.text


def test_what_shares_have_cost_counts_like_open_buys() -> None:
    tale = Tale()
    tale.buy("t1", "0.4", "40")
    tale.place("more", "BUY", "0.3", "20")
    assert tale.broken == ["I1"]
    assert "0 pUSD in open buys, 6 pUSD in posts that may still arrive, 16 pUSD in shares" in tale.text


def test_shares_that_were_sold_cost_nothing_any_more() -> None:
    tale = Tale()
    tale.buy("t1", "0.4", "40")
    tale.place("sale", "SELL", "0.3", "40", life="FAK", post_only=False)
    tale.trade("t2", "sale", "SELL", "0.3", "40", takes=True)
    tale.place("more", "BUY", "0.4", "45")
    assert tale.broken == []


def test_a_post_without_an_answer_counts_for_a_minute() -> None:
    tale = Tale()
    tale.post("lost", "BUY", "0.4", "40")
    tale.place("more", "BUY", "0.3", "20", token=NO)
    assert tale.broken == ["I1"]
    assert "22 pUSD in posts that may still arrive" in tale.text
    tale = Tale()
    tale.post("lost", "BUY", "0.4", "40")
    tale.now = 61.0
    tale.see()
    tale.place("more", "BUY", "0.3", "20", token=NO)
    assert tale.broken == []


@pytest.mark.parametrize(
    ("status", "body"), [(400, b"{}"), (200, b'{"success":false}'), (503, b"{}"), (403, b"<html>")]
)
def test_a_refused_post_counts_no_more(status: int, body: bytes) -> None:
    tale = Tale()
    tale.post("refused", "BUY", "0.4", "40")
    tale.judge.answered("refused", status, body)
    tale.place("more", "BUY", "0.3", "20")
    assert tale.broken == []


def test_a_post_that_found_no_connection_counts_no_more() -> None:
    tale = Tale()
    tale.post("unsent", "BUY", "0.4", "40")
    tale.judge.unsent("unsent")
    tale.now = 11.0
    tale.see()
    tale.place("more", "BUY", "0.4", "40")
    assert tale.broken == []


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (502, b""), (200, b"<html>")])
def test_a_post_whose_answer_proves_nothing_still_counts(status: int, body: bytes) -> None:
    tale = Tale()
    tale.post("who knows", "BUY", "0.4", "40")
    tale.judge.answered("who knows", status, body)
    tale.place("more", "BUY", "0.3", "20", token=NO)
    assert tale.broken == ["I1"]


def test_the_users_own_orders_and_trades_are_not_the_bots_money() -> None:
    tale = Tale()
    tale.arrive("browser", "BUY", "0.4", "40")
    tale.fault("external_order", "order browser")
    tale.arrive("browser 2", "BUY", "0.4", "40")
    tale.trade("t1", "browser 2", size="40")
    tale.fault("external_trade", "order browser 2")
    tale.place("bid", "BUY", "0.38", "50", token=NO)
    tale.now = 10.0
    tale.see()
    tale.place("bid 2", "BUY", "0.1", "10", token=NO)
    assert tale.broken == []


def test_a_ghost_fill_gives_its_money_back_and_a_ghost_sale_takes_it_again() -> None:
    tale = Tale()
    tale.place("bid", "BUY", "0.4", "40")
    tale.trade("ghost", "bid", size="40")
    tale.settle("ghost", "RETRYING", "FAILED", "FAILED")
    tale.buy("t1", "0.4", "40")
    assert tale.broken == []
    tale.place("sale", "SELL", "0.4", "40", life="FAK", post_only=False)
    tale.trade("t2", "sale", "SELL", "0.4", "40", takes=True)
    tale.place("again", "BUY", "0.4", "30")
    tale.settle("t2", "FAILED")
    assert tale.broken == ["I1"]


def test_a_fill_beyond_the_orders_size_is_not_the_bots_doing() -> None:
    tale = Tale()
    tale.place("bid", "BUY", "0.4", "50")
    tale.trade("t1", "bid", size="50")
    tale.trade("dust", "bid", size="0.005")
    assert tale.broken == []


def test_a_sell_that_confirmed_shares_do_not_back_is_found() -> None:
    tale = Tale()
    tale.place("bid")
    tale.trade("t1", "bid")
    tale.settle("t1", "MINED")
    tale.place("sale", "SELL", "0.5", "10")
    assert tale.broken == ["I1"]
    assert "makes 10 shares on offer, of which only 0 shares are confirmed" in tale.text


def test_what_the_user_merges_away_does_not_make_an_open_sell_a_breach() -> None:
    tale = Tale()
    tale.buy("t1", "0.4", "20")
    tale.place("sale", "SELL", "0.5", "10")
    tale.line("merge", address=BOT, market="m1", cash="0", shares={YES: "-15"})
    tale.place("sale 2", "SELL", "0.5", "10")
    assert tale.broken == []


# ── I2, I3: one record, one post ──────────────────────────────────────────────────────────────────────────────────


def test_a_post_that_the_journal_does_not_hold_is_found() -> None:
    tale = Tale()
    tale.place("bid")
    tale.journal.clear()
    tale.judge.posted("bid 2", b"", 1)
    assert tale.broken == ["I2", "I16"]


def test_an_order_of_the_account_that_nobody_accounts_for_is_found() -> None:
    tale = Tale()
    tale.arrive("whose")
    assert tale.broken == []
    tale.now = 2.0
    tale.see()
    tale.place("bid", token=NO)
    assert tale.broken == ["I2"]
    assert "order whose of the account is in no journal, and no fault has placed it" in tale.text


def test_a_resend_is_the_same_bytes_while_nobody_knows_of_the_first() -> None:
    tale = Tale()
    tale.post("bid")
    tale.post("bid")
    assert tale.broken == []
    tale.post("bid", size="11")
    assert tale.broken == ["I3"]
    tale.arrive("bid")
    tale.post("bid")
    assert tale.broken == ["I3", "I3"]


def test_an_id_is_not_used_again_after_a_restart() -> None:
    tale = Tale()
    tale.place("bid")
    tale.cancel("bid")
    tale.now = 100.0
    tale.live(2)
    tale.post("bid", by=2)
    assert tale.broken == ["I3"]
    assert "repeats the one sent at 0.000 s by life 1" in tale.text


def test_no_replacement_is_signed_while_the_first_may_arrive() -> None:
    tale = Tale()
    tale.post("lost", size="5")
    tale.now = 11.0
    tale.see()
    tale.post("elsewhere", size="5", token=NO)
    assert tale.broken == []
    tale.post("replacement", size="5")
    assert tale.broken == ["I3"]
    assert "a new order on BUY alpha YES while order lost of 11.0 s ago may still arrive (nobody answered)" in tale.text


def test_a_restart_does_not_forget_a_post_of_unknown_fate() -> None:
    tale = Tale()
    tale.post("lost", size="5")
    tale.now = 1.0
    tale.live(2)
    tale.post("replacement", size="5", by=2)
    assert tale.broken == ["I3"]


def test_an_order_that_is_just_on_its_way_keeps_no_other_from_leaving() -> None:
    tale = Tale()
    tale.post("one level", "BUY", "0.4", "5")
    tale.post("next level", "BUY", "0.39", "5")
    assert tale.broken == []


# ── I9, I15, I16, I17: what an order may be ───────────────────────────────────────────────────────────────────────


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


# ── I10, I13, I14, I18, I7: when an order may leave ───────────────────────────────────────────────────────────────


def test_an_order_on_a_book_that_is_too_old_is_found() -> None:
    tale = Tale()
    tale.now = 3.0
    tale.judge.framed(YES)
    tale.post("just fresh")
    assert tale.broken == []
    tale.now = 4.0
    tale.post("stale", token=NO)
    assert tale.broken == ["I10"]
    assert "a book of alpha NO that was last confirmed 4.000 s before" in tale.text


def test_a_book_read_over_rest_is_as_fresh_as_the_question() -> None:
    tale = Tale()
    tale.now = 5.0
    tale.judge.booked([YES, NO], asked_at=2.5)
    tale.post("a")
    tale.now = 6.0
    tale.post("b", token=NO)
    assert tale.broken == ["I10", "I10"]


def test_a_new_life_has_seen_no_book() -> None:
    tale = Tale()
    tale.judge.life(2)
    tale.judge.read("orders", 0.0)
    tale.judge.read("trades", 0.0)
    tale.post("bid", by=2)
    assert tale.broken == ["I10", "I10"]
    assert "which" not in tale.text
    assert "this life has never seen" in tale.text


@pytest.mark.parametrize("missing", ["orders", "trades"])
def test_a_life_that_has_not_read_the_account_places_nothing(missing: str) -> None:
    tale = Tale()
    tale.now = 5.0
    tale.judge.life(2)
    tale.see()
    tale.judge.read({"orders": "trades", "trades": "orders"}[missing], 5.0)
    tale.judge.read(missing, asked_at=4.9)  # by the life before
    tale.post("bid", by=2)
    assert tale.broken == ["I13"]
    assert f"has not read the account's {missing} yet" in tale.text


def test_a_dead_life_sends_nothing() -> None:
    tale = Tale()
    tale.live(2)
    tale.post("bid", by=1)
    assert tale.broken == ["I13"]


def test_more_posts_than_the_limits_allow_are_found_once() -> None:
    tale = Tale()
    for number in range(92):
        tale.post(f"bid {number}", size="5", price="0.01", token=(YES, OTHER_YES)[number % 2])
    assert tale.broken == ["I14"]
    assert "number 91 within 1 s; the limits allow 90" in tale.text


def test_a_storm_of_posts_in_one_market_is_found_once() -> None:
    tale = Tale()
    for number in range(63):
        tale.now = number * 0.1
        tale.see()
        tale.post(f"bid {number}", size="5", price="0.01")
        tale.judge.answered(f"bid {number}", 400, b"{}")
    assert tale.broken == ["I7"]


def test_after_a_missed_heartbeat_the_account_is_read_before_the_next_order() -> None:
    for reads, broken in ((True, []), (False, ["I18"])):
        tale = Tale()
        tale.now = 1.0
        tale.line("heartbeat", address=BOT, status="expired")
        tale.now = 25.0
        tale.see()
        for what in ("orders", "trades") if reads else ():
            tale.judge.read(what, 10.0)
        tale.post("bid")
        assert tale.broken == broken


# ── I11, I19, I20, I22 ────────────────────────────────────────────────────────────────────────────────────────────


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


def _quoted_at(at: float | None) -> Callable[[Tale], None]:
    def tell(tale: Tale) -> None:
        if at is not None:
            tale.now = at
            tale.see()
            tale.place("bid")

    return tell


@pytest.mark.parametrize(("at", "broken"), [(80.0, []), (115.0, ["I22"]), (None, ["I22"])])
def test_a_market_that_is_not_quoted_again_after_the_faults_is_found(at: float | None, broken: list[str]) -> None:
    tale = Tale()
    tale.now = 10.0
    tale.judge.quiet_since(10.0)
    _quoted_at(at)(tale)
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
