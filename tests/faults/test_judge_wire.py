"""A post is judged by what crossed the wire before it: each planted breach is found, that one and no other."""

from __future__ import annotations

import pytest

from tests.faults.tale import BOT, NO, OTHER_YES, STRANGER, YES, Tale

# ── I2, I3: one record, one post ───────────────────────────────────────────────────────────────────────────────────


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


def test_a_sale_that_the_exchange_killed_on_arrival_may_be_replaced_but_not_repeated() -> None:
    tale = Tale()
    tale.post("lost", size="5")
    tale.now = 11.0
    tale.see()
    tale.kill("lost", who=STRANGER)
    tale.post("too soon", size="5")
    assert tale.broken == ["I3"]
    tale.kill("lost")
    tale.kill("too soon")
    tale.post("replacement", size="5")
    assert tale.broken == ["I3"]
    tale.post("lost", size="6")
    assert tale.broken == ["I3", "I3"]


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


# ── I10, I13, I14, I18, I7: when an order may leave ────────────────────────────────────────────────────────────────


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


def test_a_book_that_differs_from_the_sockets_confirms_nothing_but_may_be_sold_on() -> None:
    tale = Tale()
    tale.buy("t1", size="5")
    tale.now = 5.0
    tale.judge.booked([YES, NO], asked_at=4.9, differing=[YES])
    tale.post("sale", "SELL", "0.5", "5")
    assert tale.broken == []
    tale.post("bid", size="5", token=NO, price="0.3")
    assert tale.broken == ["I10"]
    assert "a book of alpha YES that was last confirmed 5.000 s before" in tale.text


@pytest.mark.parametrize(("sent_at", "broken"), [(0.5, ["I10", "I10"]), (10.5, [])])
def test_frames_that_waited_through_a_stall_are_as_old_as_its_beginning(sent_at: float, broken: list[str]) -> None:
    tale = Tale()
    tale.now = 10.5
    tale.judge.stalled(1.0)
    for token in (YES, NO):
        tale.judge.framed(token, sent_at)
    tale.post("bid")
    assert tale.broken == broken


def test_a_while_after_a_stall_frames_count_as_they_come() -> None:
    tale = Tale()
    tale.now = 10.0
    tale.judge.stalled(1.0)
    tale.now = 11.1
    for token in (YES, NO):
        tale.judge.framed(token, 0.5)  # held up on the way for longer than anybody can know
    tale.post("bid")
    assert tale.broken == []


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


def test_nothing_leaves_while_a_shared_actor_is_down_or_not_restored() -> None:
    tale = Tale()
    tale.judge.down("account", 1)
    tale.post("on its way", size="5")
    assert tale.broken == []
    tale.now = 0.2
    tale.post("too late", size="5", token=NO)
    assert tale.broken == ["I8"]
    assert "a post leaves while account (0.200 s) is down or not restored yet" in tale.text
    tale.judge.up("account", 1)
    tale.post("restored", size="5", price="0.3")
    assert tale.broken == ["I8"]


def test_what_becomes_of_the_actors_of_a_dead_life_is_no_matter() -> None:
    tale = Tale()
    tale.judge.down("risk", 1)
    tale.now = 1.0
    tale.live(2)
    tale.judge.down("journal", 1)
    tale.now = 2.0
    tale.post("bid", by=2)
    assert tale.broken == []
