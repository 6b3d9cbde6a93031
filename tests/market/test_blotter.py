"""What a market believes of its orders, whatever the venue's messages do on their way (I1, I4, I11, I12)."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.market.blotter import T_LATE, Blotter
from actors.messages import Fill, OrderUpdate
from actors.model.ledger import Ledger
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.order import Key, Life, Settlement
from actors.model.outcome import Accepted, Fault, NeverSent, Rejected, Unknown
from actors.model.quote import Quote
from tests.depth import examples
from tests.wiring.world import ALPHA

KEY, ID = Key(1, 1), "0x01"
COST = 9_600_000  # 20 shares at 0.48


def blotter(*, sent: bool = True) -> Blotter:
    """A blotter with one buy of 20 YES at 0.48, asked for at 0."""
    new = Blotter(ALPHA, Ledger("alpha"))
    new.pend(KEY, Quote(Outcome.YES, Side.BUY, Price(4800), Size(20 * SHARE)), 0.0)
    if sent:
        new.sent(KEY, ID, 0.0)
    return new


def shown(status: str = "LIVE", matched: int = 0) -> OrderUpdate:
    return OrderUpdate(ID, "0xalpha", "alpha-yes", Side.BUY, 4800, 20 * SHARE, matched * SHARE, status)


def fill(number: int, size: int, settlement: Settlement = Settlement.CONFIRMED) -> Fill:
    return Fill(f"t{number}", ID, "0xalpha", "alpha-yes", Side.BUY, 4800, size * SHARE, settlement, False, 0.0)


def held(book: Blotter) -> int:
    return book.ledger.position.yes.size // SHARE


def test_an_order_counts_from_before_it_is_sent() -> None:
    assert sum(blotter(sent=False).reserved().values()) == COST


def test_a_refusal_and_an_order_that_never_left_free_their_money_at_once() -> None:
    for result in (Rejected(Fault.CROSSES, ""), NeverSent("no connection")):
        book = blotter()
        book.outcome(KEY, result, 1.0)
        assert book.reserved() == {}
        assert book.closed == [ID]


def test_an_unknown_order_keeps_its_money_until_not_found_is_late_enough() -> None:
    book = blotter()
    book.outcome(KEY, Unknown("timeout"), 5.0)
    book.not_found(ID, 5.0 + T_LATE, 5.0 + T_LATE)
    assert sum(book.reserved().values()) == COST
    book.not_found(ID, 5.0 + T_LATE + 0.1, 5.0 + T_LATE + 1)
    assert book.reserved() == {}


def test_an_order_that_the_venue_calls_a_duplicate_is_there_and_is_asked_for_at_once() -> None:
    book = blotter()
    book.outcome(KEY, Unknown("Duplicated", exists=True), 5.0)
    assert book.orders[KEY].life is Life.LIVE
    assert book.unknown == 0
    assert book.due(5.6) == (ID,)
    book.not_found(ID, 6.0, 6.1)
    assert book.reserved()[KEY] > 0


def test_an_unknown_order_is_live_again_once_it_is_seen() -> None:
    book = blotter()
    book.outcome(KEY, Unknown("timeout"), 5.0)
    book.update(shown(), 6.0)
    assert (book.unknown, book.orders[KEY].life) == (0, Life.LIVE)
    assert sum(book.reserved().values()) == COST


def test_after_a_425_not_found_proves_death_only_5_s_after_the_engine_answers_again() -> None:
    book = blotter()
    book.outcome(KEY, Unknown("425", engine_down=True), 0.0)
    book.not_found(ID, 100.0, 100.0)
    book.unread(ID, 101.0)
    book.not_found(ID, 104.0, 104.0)
    book.not_found(ID, 108.9, 108.9)
    assert sum(book.reserved().values()) == COST
    book.not_found(ID, 109.0, 109.0)
    assert book.reserved() == {}


def test_a_cancel_ack_keeps_the_money_until_the_filled_size_is_stated() -> None:
    book = blotter()
    book.outcome(KEY, Accepted(ID, "live"), 1.0)
    book.cancelled(ID, 2.0)
    assert sum(book.reserved().values()) == COST
    assert book.due(3.0) == (ID,)
    book.update(shown("CANCELED", matched=5), 3.0)
    assert sum(book.reserved().values()) == 5 * COST // 20
    book.fill(fill(1, 5))
    assert book.reserved() == {}


def test_an_old_picture_of_a_cancelled_order_does_not_put_off_its_query() -> None:
    book = blotter()
    book.outcome(KEY, Accepted(ID, "live"), 1.0)
    book.cancelling(KEY, 1.0)
    book.cancelled(ID, 2.0)
    book.update(shown(), 2.5)
    assert book.due(3.0) == (ID,)


def test_a_cancel_that_overtook_its_order_is_repeated_once_the_order_is_there() -> None:
    book = blotter()
    book.cancelling(KEY, 0.1)
    book.cancel_refused(ID, 0.2)
    book.outcome(KEY, Accepted(ID, "live"), 0.3)
    assert book.orders[KEY].cancel_sent_at is None


def test_an_answer_that_comes_after_the_cancel_does_not_put_off_the_query() -> None:
    book = blotter()
    book.cancelled(ID, 2.0)
    book.outcome(KEY, Accepted(ID, "live"), 2.1)
    assert book.due(3.0) == (ID,)


def test_a_failed_trade_is_reversed_once_and_leaves_no_order_behind() -> None:
    book = blotter()
    book.outcome(KEY, Accepted(ID, "live"), 1.0)
    book.fill(fill(1, 5, Settlement.MATCHED))
    book.update(shown("CANCELED", matched=5), 2.0)
    for _ in range(2):
        book.fill(fill(1, 5, Settlement.FAILED))
    assert held(book) == 0
    assert book.reserved() == {}


def test_a_restart_that_finds_a_failed_trade_does_not_wait_for_its_shares() -> None:
    book = blotter()
    book.fill(fill(1, 20, Settlement.FAILED))
    book.update(shown("MATCHED", matched=20), 2.0)
    assert (held(book), book.reserved()) == (0, {})


def test_trades_that_do_not_add_up_are_awaited() -> None:
    book = blotter()
    book.update(shown("MATCHED", matched=20), 2.0)
    assert not book.awaiting_trades(6.9)
    assert book.awaiting_trades(7.1)
    assert sum(book.reserved().values()) == COST


def test_an_order_that_the_journal_knows_is_never_foreign() -> None:
    book = blotter(sent=False)
    book.update(shown(), 1.0)
    assert list(book.foreign) == [ID]
    book.adopt(evolve(book.orders[KEY], order_id=ID, life=Life.UNKNOWN))
    book.update(shown(), 2.0)
    assert (list(book.foreign), book.orders[KEY].life) == ([], Life.LIVE)


@pytest.mark.parametrize("known", ["sent", "adopted"])
def test_fills_that_come_before_anybody_knows_whose_order_it_is_count_once_that_is_known(known: str) -> None:
    """A trade may be told before the answer to its order, or before a restarted tracker has read the journal."""
    book = blotter(sent=False)
    book.update(shown(), 1.0)
    assert book.fill(fill(1, 5))
    assert (list(book.foreign), held(book)) == ([ID], 5)
    if known == "sent":
        book.sent(KEY, ID, 2.0)
    else:
        book.adopt(evolve(book.orders[KEY], order_id=ID, life=Life.UNKNOWN))
    assert list(book.foreign) == []
    assert (book.orders[KEY].life, book.orders[KEY].remaining) == (Life.PARTIAL, 15 * SHARE)
    assert sum(book.reserved().values()) == COST * 15 // 20
    assert not book.fill(fill(1, 5)), "and only once"
    book.fill(fill(2, 15))
    assert (held(book), book.reserved(), book.closed) == (20, {}, [ID])


def test_an_order_that_was_filled_whole_before_its_id_was_known_is_over_with_it() -> None:
    book = blotter(sent=False)
    book.fill(fill(1, 20))
    book.sent(KEY, ID, 2.0)
    assert (held(book), book.reserved(), book.closed) == (20, {}, [ID])
    book.outcome(KEY, Accepted(ID, "matched"), 2.1)
    assert book.reserved() == {}


# ── any course of events ──────────────────────────────────────────────────────────────────────────────────────────

SETTLED = (Settlement.MATCHED, Settlement.MINED, Settlement.CONFIRMED, Settlement.FAILED)


@st.composite
def courses(draw: st.DrawFn) -> tuple[list[OrderUpdate | Fill], OrderUpdate, tuple[Fill, ...]]:
    """(what the user channel might deliver, in any order and number; how the venue ended up; its trades)."""
    sizes = draw(st.lists(st.integers(1, 7), max_size=4).filter(lambda s: sum(s) <= 20))
    ends = [draw(st.sampled_from((Settlement.CONFIRMED, Settlement.FAILED))) for _ in sizes]
    said: list[OrderUpdate | Fill] = [shown()]
    for number, (size, end) in enumerate(zip(sizes, ends, strict=True)):
        said.append(shown("LIVE" if sum(sizes[: number + 1]) < 20 else "MATCHED", sum(sizes[: number + 1])))
        said += [fill(number, size, status) for status in SETTLED[:2]] + [fill(number, size, end)]
    last = shown("MATCHED" if sum(sizes) == 20 else draw(st.sampled_from(("LIVE", "CANCELED"))), sum(sizes))
    said += [last] if draw(st.booleans()) else []
    heard = draw(st.lists(st.sampled_from(said), max_size=20))
    return heard, last, tuple(fill(n, size, end) for n, (size, end) in enumerate(zip(sizes, ends, strict=True)))


def read(book: Blotter, last: OrderUpdate, trades: tuple[Fill, ...], now: float) -> None:
    """One reconcile: open orders and trades, then a query of whatever that leaves in doubt."""
    book.snapshot((last,) if last.status == "LIVE" else (), trades, now, now)
    for _ in book.due(now + 5.0):
        book.update(last, now + 5.0)


@settings(max_examples=examples(400), deadline=None)
@given(courses())
def test_any_loss_order_and_repetition_of_user_events_converges_after_one_reconcile(
    course: tuple[list[OrderUpdate | Fill], OrderUpdate, tuple[Fill, ...]],
) -> None:
    heard, last, trades = course
    book, ideal = blotter(), blotter()
    for event in heard:
        if isinstance(event, Fill):
            book.fill(event)
        else:
            book.update(event, 1.0)
    read(book, last, trades, 10.0)
    read(ideal, last, trades, 10.0)
    assert book.ledger.position == ideal.ledger.position
    assert book.reserved() == ideal.reserved()
    assert [o.life.dead for o in book.open] == [o.life.dead for o in ideal.open] == [False] * (last.status == "LIVE")


@settings(max_examples=examples(400), deadline=None)
@given(courses())
def test_money_is_never_freed_before_the_venue_can_no_longer_take_it(
    course: tuple[list[OrderUpdate | Fill], OrderUpdate, tuple[Fill, ...]],
) -> None:
    """The true rest of a live order, plus every trade it has made that we have not heard of, stays reserved."""
    heard, last, trades = course
    book = blotter()
    for event in heard:
        if isinstance(event, Fill):
            book.fill(event)
        else:
            book.update(event, 1.0)
        booked = {f.trade_id for f in book.ledger.fills}
        unheard = sum(t.size for t in trades if t.trade_id not in booked)
        rest = 20 * SHARE - last.matched if last.status == "LIVE" else 0
        assert sum(o.at_risk for o in book.open) >= rest + unheard
