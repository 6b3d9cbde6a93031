"""Markets do not flap: whatever a ranking says, nobody is dropped or taken again sooner than he may be."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.candidate import Candidate
from actors.model.discover_settings import DiscoverSettings
from actors.pricing.choice import Ranked
from actors.pricing.seats import Seat, reseat
from tests.venue import market
from tests.wiring.test_selection import listing

WANTED = DiscoverSettings(max_markets=2, every=60.0, stay=600.0, lead=20.0)
SCORES = st.dictionaries(st.sampled_from("abcdef"), st.floats(-10, 100, allow_nan=False), max_size=6)


def ranking(scores: Mapping[str, float]) -> list[Ranked]:
    """Best first, by condition ids of one letter."""
    return [
        Ranked(Candidate(evolve(listing(market(name), 1), condition_id=name), (), (), 0.0), 0.0, score)
        for name, score in sorted(scores.items(), key=lambda pair: -pair[1])
    ]


def test_free_seats_go_to_the_best() -> None:
    assert reseat({}, ranking({"a": 1.0, "b": 3.0, "c": 2.0}), {}, WANTED, 0.0).join == ("b", "c")


def test_a_seat_is_lost_to_one_that_promises_a_fifth_more_and_not_to_one_that_promises_less() -> None:
    seats = {"a": Seat(0.0, 10.0), "b": Seat(0.0, 5.0)}
    assert reseat(seats, ranking({"a": 10.0, "b": 5.0, "c": 5.9}), {}, WANTED, 600.0).join == ()
    change = reseat(seats, ranking({"a": 10.0, "b": 5.0, "c": 6.1}), {}, WANTED, 600.0)
    assert (change.drop, change.join) == ({"b": "another promises more"}, ("c",))
    assert reseat(seats, ranking({"a": 10.0, "b": 5.0, "c": 99.0}), {}, WANTED, 599.0).join == ()


def test_a_market_that_is_no_longer_worth_it_is_dropped_once_it_has_stayed() -> None:
    seats = {"a": Seat(0.0, 10.0)}
    assert reseat(seats, [], {}, WANTED, 599.0).drop == {}
    assert reseat(seats, [], {}, WANTED, 600.0).drop == {"a": "no longer worth trading"}


@given(st.lists(SCORES, max_size=60))
def test_however_rankings_jump_a_market_comes_at_most_once_in_twice_its_stay(looks: list[dict[str, float]]) -> None:
    seats: dict[str, Seat] = {}
    resting: dict[str, float] = {}
    came: dict[str, list[float]] = {}
    for number, scores in enumerate(looks):
        now = number * WANTED.every
        change = reseat(seats, ranking(scores), resting, WANTED, now)
        for name in change.drop:
            assert now - seats.pop(name).since >= WANTED.stay
            resting[name] = now + WANTED.stay
        for name in change.join:
            seats[name] = Seat(now, scores[name])
            came.setdefault(name, []).append(now)
        assert len(seats) <= WANTED.max_markets
    for times in came.values():
        assert all(later - sooner >= 2 * WANTED.stay for sooner, later in itertools.pairwise(times))
