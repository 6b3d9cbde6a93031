"""How all bets stand: what is staked, and how many windows in a row were lost."""

from __future__ import annotations

from actors.model.day import Result
from actors.model.numbers import PUSD, Cash
from actors.model.purse import Bet, Purse, losing_streak

T = 1_763_627_400


def result(earned: int) -> Result:
    return Result(Cash(7), Cash(7 + earned))


def window(number: int) -> str:
    return f"btc-updown-5m-{T + 300 * number}"


def test_stakes_add_up_by_asset_and_over_all() -> None:
    purse = Purse(
        (Bet("a", "btc", Cash(3 * PUSD), 1), Bet("b", "eth", Cash(PUSD), -1), Bet("c", "btc", Cash(PUSD), -1))
    )
    assert (purse.staked, purse.on("btc"), purse.on("sol")) == (5 * PUSD, 4 * PUSD, 0)


def test_losses_in_a_row_are_counted_back_from_the_last_window_that_ended() -> None:
    results = {window(0): result(-5), window(1): result(9), window(2): result(-1), window(3): result(-2)}
    late = T + 300 * 9
    assert losing_streak(results, late) == 2
    assert losing_streak({**results, window(4): result(0)}, late) == 2, "a window without a bet says nothing"
    assert losing_streak({**results, window(4): result(3)}, late) == 0
    assert losing_streak({**results, window(9): result(-3)}, late) == 2, "one that still runs says nothing yet"
    assert losing_streak({**results, "will-it-rain": result(-3)}, late) == 2
    assert losing_streak({}, late) == 0
