"""The line of those who wait for tokens: first come, first served, whatever each needs; the patient after all others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.model.bucket import Bucket
from actors.model.line import Line

RATE, BURST = 10.0, 10.0
NEEDS = st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=12)


def served(needs: list[tuple[int, bool]]) -> tuple[list[int], int]:
    """Who is served when all ask at once of an empty bucket and come again when they are told; and how often they ask."""
    line, bucket, holders = Line(), Bucket(RATE, BURST, 0.0, 0.0), [object() for _ in needs]
    coming, order, questions = [(0.0, number) for number in range(len(needs))], list[int](), 0
    while coming:
        coming.sort()
        now, number = coming.pop(0)
        tokens, patient = needs[number]
        questions += 1
        assert questions < 1_000, "it goes on for ever"
        wait = bucket.wait(tokens, now, ahead=line.ahead(holders[number], patient, now))
        if wait:
            line.stay(holders[number], tokens, patient, now + wait)
            coming.append((now + wait, number))
        else:
            bucket.spend(tokens, now)
            line.leave(holders[number])
            order.append(number)
    return order, questions


@given(NEEDS)
def test_whoever_needs_many_tokens_is_served_before_those_who_came_later(needs: list[tuple[int, bool]]) -> None:
    order, _ = served([(tokens, False) for tokens, _ in needs])
    assert order == list(range(len(needs)))


@given(NEEDS)
def test_the_patient_are_served_last_and_in_order_too(needs: list[tuple[int, bool]]) -> None:
    order, _ = served(needs)
    assert order == sorted(range(len(needs)), key=lambda number: needs[number][1])


def test_a_hundred_who_wait_ask_a_few_times_each() -> None:
    order, questions = served([(1, False)] * 100)
    assert len(order) == 100
    assert questions <= 300


def test_a_place_is_kept_for_whoever_comes_a_little_late_and_no_longer() -> None:
    line, somebody, other = Line(), object(), object()
    line.stay(somebody, 5, False, until=2.0)
    assert line.ahead(other, False, 2.9) == 5
    assert line.ahead(somebody, False, 2.9) == 0
    assert line.ahead(other, False, 3.1) == 0


def test_whoever_does_not_come_again_is_counted_and_holds_up_nobody() -> None:
    line = Line()
    line.stay(None, 5, False, until=2.0)
    assert (line.waiting(1.0), line.ahead(object(), True, 1.0), line.waiting(2.0)) == (1, 0, 0)


def test_coming_again_keeps_the_place() -> None:
    line, first, second = Line(), object(), object()
    line.stay(first, 1, True, until=1.0)
    line.stay(second, 1, True, until=1.5)
    line.stay(first, 3, True, until=2.0)
    assert (line.ahead(first, True, 1.2), line.ahead(second, True, 1.2)) == (0, 3)
