"""What an exit code may say (I5), and the rare moments that a sweep must have seen."""

from __future__ import annotations

import pytest

from tests.faults.evidence import (
    BUDGET_NEARLY_USED,
    ENGINE_DOWN_WHILE_LEAVING,
    FILL_BEFORE_ANSWER,
    FILL_WITH_CANCEL,
    GHOST_AFTER_SALE,
    RESTART_WHILE_LEAVING,
    SOMETIMES,
    TICK_OVER_RESTING,
    TWO_CRASHES,
    UNKNOWN_AT_KILL,
)
from tests.faults.tale import NO, Tale


@pytest.mark.parametrize("code", [0, 1, 4, 6])
def test_an_open_order_may_only_be_left_with_code_3(code: int) -> None:
    tale = Tale()
    tale.place("bid")
    tale.judge.ended(code, "bid")
    assert tale.broken == ["I5"]
    assert f"ended with code {code} although its order bid is open at the exchange: BUY 10 shares" in tale.text


@pytest.mark.parametrize(("out", "broken"), [("orders: bid", []), ("orders: some", ["I5"])])
def test_code_3_names_every_open_order(out: str, broken: list[str]) -> None:
    tale = Tale()
    tale.place("bid")
    tale.judge.ended(3, out)
    assert tale.broken == broken


@pytest.mark.parametrize(("code", "out", "broken"), [(0, "", 1), (3, "", 1), (3, "lost", 0)])
def test_an_order_of_unknown_fate_is_left_like_an_open_one(code: int, out: str, broken: int) -> None:
    tale = Tale()
    tale.post("lost")
    tale.judge.ended(code, out)
    assert tale.broken == ["I5"] * broken


def test_an_order_that_turns_up_after_a_clean_end_is_found() -> None:
    tale = Tale()
    tale.post("zombie")
    tale.now = 61.0
    tale.judge.ended(0, "")
    assert tale.broken == []
    tale.arrive("zombie")
    assert tale.broken == ["I5"]


@pytest.mark.parametrize(
    ("code", "out", "broken"),
    [
        (0, "", 1),
        (1, "", 1),
        (6, "", 0),
        (4, "  alpha YES 10", 0),
        (4, "  alpha NO 10", 1),
        (4, "alpha: not known: no answer", 0),
        (4, "alpha: its last trades or transactions are not settled: what they took may come back", 0),
        (4, "beta: its last trades or transactions are not settled: what they took may come back", 1),
    ],
)
def test_a_position_is_named_or_sold(code: int, out: str, broken: int) -> None:
    tale = Tale()
    tale.buy("t1")
    tale.judge.ended(code, out)
    assert tale.broken == ["I5"] * broken
    assert not broken or "10 shares of alpha YES" in tale.text


def test_dust_and_what_the_user_sold_is_no_position() -> None:
    tale = Tale()
    tale.buy("t1", size="14.9")
    tale.arrive("browser", "SELL", "0.4", "10", life="FAK", post_only=False)
    tale.trade("t2", "browser", "SELL", "0.4", "10", takes=True)
    tale.fault("external_trade", "order browser")
    tale.judge.ended(0, "")
    assert tale.broken == []


def test_a_run_that_was_to_keep_its_positions_may_do_so() -> None:
    tale = Tale()
    tale.judge.flattens = False
    tale.buy("t1")
    tale.judge.ended(0, "")
    assert tale.broken == []


@pytest.mark.parametrize(("code", "places", "broken"), [(5, False, 0), (5, True, 1), (2, False, 1), (-9, False, 1)])
def test_other_codes_say_nothing_about_orders(code: int, places: bool, broken: int) -> None:
    tale = Tale()
    if places:
        tale.place("bid")
        tale.cancel("bid")
    tale.judge.ended(code, "")
    assert tale.broken == ["I5"] * broken


# ── sometimes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def nearly_used(tale: Tale) -> None:
    tale.place("bid", "BUY", "0.4", "48")


def unknown_at_kill(tale: Tale) -> None:
    tale.post("lost")
    tale.judge.life(2)


def filled_as_cancelled(tale: Tale) -> None:
    tale.place("bid")
    tale.trade("t1", "bid", size="4")
    tale.cancel("bid", remaining="6")


def filled_before_its_answer(tale: Tale) -> None:
    tale.place("bid", answer=False)
    tale.trade("t1", "bid")


def restarted_while_leaving(tale: Tale) -> None:
    tale.judge.leaving()
    tale.judge.life(2)


def ticked(tale: Tale) -> None:
    tale.place("bid")
    tale.line("tick", market="m1", old="0.01", new="0.001")


def engine_down(tale: Tale) -> None:
    tale.judge.leaving()
    tale.judge.answered("", 425, b"")


def ghost_after_sale(tale: Tale) -> None:
    tale.buy("t1")
    tale.place("bid")
    tale.trade("ghost", "bid")
    tale.place("sale", "SELL", "0.5", "10")
    tale.now = 1.0
    tale.trade("t2", "sale", "SELL", "0.5", "10")
    tale.settle("ghost", "FAILED")


MOMENTS = {
    BUDGET_NEARLY_USED: nearly_used,
    UNKNOWN_AT_KILL: unknown_at_kill,
    FILL_WITH_CANCEL: filled_as_cancelled,
    FILL_BEFORE_ANSWER: filled_before_its_answer,
    RESTART_WHILE_LEAVING: restarted_while_leaving,
    TICK_OVER_RESTING: ticked,
    ENGINE_DOWN_WHILE_LEAVING: engine_down,
    GHOST_AFTER_SALE: ghost_after_sale,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_rare_moment_is_noticed_once_and_is_no_breach(moment: str) -> None:
    tale = Tale()
    MOMENTS[moment](tale)
    assert dict(tale.judge.sometimes) == {moment: 1}
    assert tale.broken == []


def test_every_rare_moment_is_either_judged_here_or_seen_by_the_world() -> None:
    assert set(SOMETIMES) == {*MOMENTS, TWO_CRASHES}


def test_faults_are_counted_by_their_kind() -> None:
    tale = Tale()
    tale.fault("drop", "frame")
    tale.fault("drop", "frame")
    tale.fault("restart", "engine")
    assert tale.judge.faults == {"drop": 2, "restart": 1}


def test_an_ended_life_forgets_that_it_was_leaving() -> None:
    tale = Tale()
    tale.judge.leaving()
    tale.judge.ended(0, "")
    tale.live(2)
    tale.place("bid", token=NO, by=2)
    assert not tale.judge.sometimes
