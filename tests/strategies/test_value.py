"""What `value` bets, and how much: side, price, size, caps (strategies.md §6)."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.ledger import Holding, Position
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.purse import Bet, Purse
from actors.model.series import window_of
from actors.model.take import Takes
from actors.model.value_settings import ValueParameters
from actors.pricing.digital import Jumps, Race, chance
from actors.pricing.odds import Odds, fee_per_share
from actors.strategies.scene import Scene
from actors.strategies.value import Value
from actors.strategies.wager import Chance, best_wager, size_for, stakes
from tests.strategies.windows import (
    CRYPTO,
    MARKET,
    NOW,
    OWN,
    SIGMA,
    STRIKE,
    book,
    code,
    decided,
    later,
    stream,
    view,
    wanted,
)

SEVENTY = Chance(0.70, 0.02)
RICH = Cash(100_000 * PUSD)


def fair(spot: float, left: float, own: ValueParameters = OWN) -> float:
    strategy, seen = Value(own), view(spot, left)
    window = window_of(MARKET.slug)
    assert window is not None
    found = strategy.chance_of_up(Scene(own, seen, window, seen.book.yes, strategy.start().signs))
    assert found is not None
    return found.up


def test_up_is_bought_at_the_ask_where_it_is_worth_more_by_the_averaged_digital() -> None:
    """The price is a second old, so 301 s are before it."""
    fair_value = chance(Race(65_050, STRIKE, 301, 60), SIGMA)
    assert fair(65_050, 300) == pytest.approx(fair_value, abs=1e-6)
    (quote,) = wanted(decided(view()))
    assert (quote.outcome, quote.side, quote.price) == (Outcome.YES, Side.BUY, 6_200)


def test_down_is_bought_at_the_bids_complement_where_that_is_worth_more() -> None:
    (quote,) = wanted(decided(view(64_950, book=book(3_800, 4_000))))
    assert (quote.outcome, quote.side, quote.price) == (Outcome.NO, Side.BUY, 6_200)


def test_within_the_average_what_has_passed_of_it_counts() -> None:
    """45 s before the end a quarter of the average is known, at the strike's side or the other's."""
    wanted = chance(Race(65_050, STRIKE, 46, 60, 65_050), SIGMA)
    assert fair(65_050, 45) == pytest.approx(min(0.995, wanted), abs=1e-6)


def test_the_tails_are_not_believed() -> None:
    assert fair(66_500, 100) == 0.995
    assert fair(63_500, 100) == pytest.approx(0.005)


def test_jumps_are_an_option() -> None:
    merton = evolve(OWN, model="merton")
    wanted = chance(Race(65_050, STRIKE, 301, 60), SIGMA, Jumps(0.30, 12.0))
    assert fair(65_050, 300, merton) == pytest.approx(wanted, abs=1e-6)
    assert abs(wanted - fair(65_050, 300)) > 1e-4


def test_a_volatility_below_the_floor_or_above_the_cap_is_not_believed() -> None:
    strategy, calm = Value(OWN), evolve(view(), stream=stream(65_050, 300, sigma=1e-6))
    wild = evolve(view(), stream=stream(65_050, 300, sigma=1e-2))
    window = window_of(MARKET.slug)
    assert window is not None
    sigmas = [Scene(OWN, seen, window, seen.book.yes, strategy.start().signs).sigma for seen in (calm, wild)]
    assert sigmas == pytest.approx([0.2e-4, 6e-4])


def test_a_quarter_of_the_careful_kelly_share_is_bet_and_no_more_than_each_cap() -> None:
    seen = evolve(view(), free=Cash(1_000 * PUSD))
    wager = best_wager(OWN, seen, seen.book.yes, SEVENTY)
    careful = Odds(0.70 - 0.02, 0.62, fee_per_share(CRYPTO, 0.62))
    bounds = stakes(OWN, seen, wager, "btc")
    assert bounds["kelly"] == pytest.approx(0.25 * careful.kelly * 1_000 * PUSD, abs=1)
    assert {key: value // PUSD for key, value in bounds.items() if key != "kelly"} == {
        "max_bet": 20,
        "bet_share": 20,
        "asset_share": 50,
        "total_share": 300,
    }


def test_bets_elsewhere_leave_less_for_this_asset_and_for_all() -> None:
    others = (Bet("btc-updown-5m-0", "btc", Cash(45 * PUSD), -1), Bet("eth-updown-5m-0", "eth", Cash(240 * PUSD), 1))
    seen = evolve(view(), free=Cash(715 * PUSD), purse=Purse(others))
    bounds = stakes(OWN, seen, best_wager(OWN, seen, seen.book.yes, SEVENTY), "btc")
    assert (bounds["asset_share"], bounds["total_share"]) == (5 * PUSD, 15 * PUSD)


def test_a_drawdown_shrinks_bets_and_three_losses_halve_them() -> None:
    seen = view()
    wager = best_wager(OWN, seen, seen.book.yes, SEVENTY)

    def kelly(purse: Purse) -> int:
        return stakes(OWN, evolve(seen, purse=purse), wager, "btc")["kelly"]

    whole = kelly(Purse())
    assert kelly(Purse(drawdown=Cash(50 * PUSD))) == pytest.approx(whole / 2, abs=1)
    assert kelly(Purse(drawdown=Cash(100 * PUSD))) == 0
    assert kelly(Purse(losses=3)) == pytest.approx(whole / 2, abs=1)
    assert code(evolve(seen, purse=Purse(drawdown=Cash(100 * PUSD)))) == "bet_limit"


def test_half_of_what_the_best_ask_offers_is_the_most() -> None:
    own = evolve(OWN, max_bet=Cash(10_000 * PUSD))
    (quote,) = wanted(decided(evolve(view(), free=RICH), own))
    assert quote.size == 200 * SHARE


@given(st.integers(0, 50_000_000), st.floats(0.7, 0.95))
def test_a_bet_with_its_fee_never_costs_more_than_its_stake(stake: int, up: float) -> None:
    seen = view()
    wager = best_wager(OWN, seen, seen.book.yes, Chance(up, 0.02))
    size = size_for(stake, wager, OWN)
    paid = -(-wager.price * size // 10_000) + CRYPTO.taker_fee(wager.price, size)
    assert paid <= max(stake, 0)


def test_an_opposite_bet_on_the_same_asset_is_a_hedge_and_an_equal_one_is_not() -> None:
    def beside(way: int) -> str | None:
        bet = Bet("btc-updown-5m-0", "btc", Cash(PUSD), way, stream(65_050, 300))
        return code(evolve(view(), purse=Purse((bet,))))

    assert (beside(+1), beside(-1)) == ("correlated", None)
    assert beside(0) == "correlated", "of a bet that only rests nobody knows whether it will be one"


def test_a_resting_bid_pays_no_fee_and_joins_the_touch() -> None:
    make = evolve(OWN, entry="make")
    seen = evolve(view(), book=book(6_200, 6_500))
    assert code(seen) == "edge_too_small", "at 0.65 and a fee there is none"
    (quote,) = wanted(decided(seen, make))
    assert (quote.outcome, quote.side, quote.price) == (Outcome.YES, Side.BUY, 6_200)


def test_a_resting_bid_is_left_where_it_is_while_about_as_much_is_wanted() -> None:
    strategy = Value(evolve(OWN, entry="make"))
    state, first = strategy.step(strategy.start(), view())
    _, again = strategy.step(state, evolve(view(65_051), now=NOW))
    assert again.quotes == first.quotes
    _, after = strategy.step(state, evolve(view(), free=Cash(100 * PUSD)))
    assert after.quotes != first.quotes


def test_a_resting_bet_goes_on_until_it_is_whole_but_never_on_both_outcomes() -> None:
    make, ten = evolve(OWN, entry="make"), 10 * SHARE
    held = Holding(Size(ten), ten, cost=Cash(6 * PUSD))
    more = decided(evolve(view(), position=Position(MARKET.slug, yes=held)), make).quotes
    whole = decided(view(), make).quotes
    assert more[0].size < whole[0].size
    assert code(evolve(view(), position=Position(MARKET.slug, no=held)), make) == "bet_held"


def test_wrong_keys_are_refused_with_the_one_to_change() -> None:
    with pytest.raises(ValueError, match="below most_left"):
        ValueParameters(least_left=840.0)
    with pytest.raises(ValueError, match="at most sigma_cap"):
        ValueParameters(sigma_floor=7.0)
    with pytest.raises(ValueError, match="take or make"):
        ValueParameters(entry="both")
    assert ValueParameters(max_gap=Price(1)).max_gap == 1


def test_a_bet_is_one_take_fill_or_kill_with_the_number_that_is_due() -> None:
    (take,) = decided(evolve(view(), takes=Takes(next=7, busy=False))).takes
    assert (take.number, take.life, take.side, take.asks) == (7, "FOK", Side.BUY, "never")
    assert decided(view()).quotes == ()


def test_while_nobody_knows_what_became_of_a_take_there_is_no_other() -> None:
    assert code(evolve(view(), takes=Takes(next=2, busy=True))) == "take_open"


def test_after_a_take_that_was_killed_an_edge_must_stand_anew() -> None:
    strategy = Value(ValueParameters())
    state, said = strategy.start(), []
    for second, number in ((0, 1), (2, 1), (4, 1), (5, 2), (7, 2), (8, 2)):
        state, decision = strategy.step(state, later(second, takes=Takes(next=number, busy=False)))
        said.append([take.number for take in decision.takes])
    assert said == [[], [], [1], [], [], [2]]
