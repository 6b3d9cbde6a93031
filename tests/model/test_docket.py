"""Nothing passes without a person's word, each word counts once, and none outlives what it was said about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.docket import WANTED_WITHIN, Docket
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.quote import Quote
from actors.model.reason import Reason
from tests.depth import examples

TIMEOUT = 30.0
ONE, OTHER = (Quote(Outcome.YES, Side.BUY, Price(price), Size(20 * SHARE)) for price in (4600, 4700))


def tried(docket: Docket, quote: Quote, now: float) -> Reason | None:
    refusal = docket.propose("alpha", quote, now, TIMEOUT)
    return refusal.reason if refusal else None


def test_an_approved_order_passes_once() -> None:
    docket = Docket()
    assert tried(docket, ONE, 0.0) is Reason.AWAITING_APPROVAL
    assert docket.decide(1, 1.0, approve=True, pause=TIMEOUT) is not None
    assert tried(docket, ONE, 1.5) is None
    assert tried(docket, ONE, 2.5) is Reason.AWAITING_APPROVAL


def test_an_approval_is_for_exactly_this_order() -> None:
    docket = Docket()
    tried(docket, ONE, 0.0)
    docket.decide(1, 1.0, approve=True, pause=TIMEOUT)
    assert tried(docket, OTHER, 1.5) is Reason.AWAITING_APPROVAL
    assert [end.how.split(":")[0] for end in docket.lapse(10.0, TIMEOUT)] == ["withdrawn", "lapsed"]
    assert tried(docket, ONE, 10.0) is Reason.AWAITING_APPROVAL, "the approval has lapsed with the market"


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_rejected_order_is_not_proposed_again_for_a_while(by_hand: bool) -> None:
    docket, now = Docket(), 0.0
    while now < TIMEOUT:
        tried(docket, ONE, now)
        now += 1.0
    if by_hand:
        docket.decide(1, now, approve=False, pause=TIMEOUT)
    else:
        assert [end.how for end in docket.lapse(now, TIMEOUT)] == ["rejected: nobody has answered in time"]
    assert tried(docket, ONE, now + TIMEOUT - 1) is Reason.NOT_APPROVED
    assert tried(docket, OTHER, now) is Reason.AWAITING_APPROVAL
    assert tried(docket, ONE, now + TIMEOUT) is Reason.AWAITING_APPROVAL


def test_what_is_no_longer_wanted_is_withdrawn() -> None:
    docket = Docket()
    tried(docket, ONE, 0.0)
    assert docket.lapse(WANTED_WITHIN, TIMEOUT) == []
    assert docket.next_lapse <= WANTED_WITHIN + 0.01
    assert len(docket.lapse(docket.next_lapse, TIMEOUT)) == 1
    assert docket.decide(1, 4.0, approve=True, pause=TIMEOUT) is None


MOVES = st.lists(
    st.tuples(st.sampled_from(["try", "other", "approve", "reject", "lapse"]), st.floats(0.0, 5.0), st.integers(1, 6)),
    max_size=60,
)


@settings(max_examples=examples(300))
@given(MOVES)
def test_an_order_passes_at_most_as_often_as_it_was_approved_and_soon_after(
    moves: list[tuple[str, float, int]],
) -> None:
    docket, now, granted = Docket(), 0.0, dict[Quote, list[float]]()
    for move, pause, number in moves:
        now += pause
        if move in ("try", "other"):
            quote = ONE if move == "try" else OTHER
            if tried(docket, quote, now) is None:
                assert granted[quote], "passed without an approval of its own"
                assert now - granted[quote].pop() <= WANTED_WITHIN
        elif move == "lapse":
            docket.lapse(now, TIMEOUT)
        elif end := docket.decide(number, now, approve=move == "approve", pause=TIMEOUT):
            granted.setdefault(end.proposal.quote, []).extend([now] if move == "approve" else [])
