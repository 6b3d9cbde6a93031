"""I1, the money: what the bot has at risk never exceeds its caps, and the judge says by how much it does."""

from __future__ import annotations

import pytest

from tests.faults.tale import BOT, NO, OTHER_YES, YES, Tale


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
