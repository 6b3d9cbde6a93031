"""What a path earned adds up exactly, by the venue's books and by the bot's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import FeeSchedule, Outcome, Side
from actors.model.numbers import CENTISHARE, PUSD, SHARE, proceeds
from actors.strategies.registry import STRATEGIES
from adapters.simulated.account import FUNDS, Account, Trade
from adapters.simulated.family import BASE
from tests.depth import seeded
from tests.simulated.lives import short, traded


@pytest.mark.parametrize("family", [family.name for family in BASE])
def test_cash_is_spread_plus_inventory_less_fees_and_the_bot_holds_what_the_venue_says(family: str) -> None:
    lived = traded(short(family, 3))
    assert lived.wrong == ""


@given(
    family=st.sampled_from([family.name for family in BASE]),
    strategy=st.sampled_from(sorted(STRATEGIES)),
    seed=st.integers(0, 9_999),
)
@seeded(24)
def test_any_path_of_any_strategy_adds_up_to_the_last_unit(family: str, strategy: str, seed: int) -> None:
    lived = traded(short(family, seed), strategy)
    own = lived.performance
    assert lived.wrong == ""
    assert own.pnl == lived.venue.account.cash - FUNDS + own.rebates + own.rewards


def test_a_busy_path_trades_and_adds_up() -> None:
    lived = traded(short("crypto", 1, 240))
    own = lived.performance
    assert own.trades > 5
    assert own.pnl == lived.venue.account.cash - FUNDS + own.rebates + own.rewards
    assert lived.wrong == ""


@given(
    trades=st.lists(
        st.tuples(
            st.sampled_from(Outcome), st.sampled_from(Side), st.integers(1, 99), st.integers(1, 5_000), st.booleans(),
            st.integers(1, 9_999), st.integers(1, 9_999), st.integers(0, 10_000),
        ),
        max_size=20,
    ),
    worth=st.sampled_from((0, 10_000, 3_217)),
)  # fmt: skip
def test_cash_reconciles_with_its_causes_and_its_luck_for_any_trades(
    trades: list[tuple[Outcome, Side, int, int, bool, int, int, int]], worth: int
) -> None:
    account = Account(FeeSchedule(rate=700, rebate=2000))
    edge = 0
    for second, (outcome, side, cents, size, taker, middle, later, fair) in enumerate(trades):
        trade = Trade(second, outcome, side, 100 * cents, size * CENTISHARE, taker, middle, fair)
        account.book(trade)
        edge += proceeds(fair - trade.yes[1], trade.signed)
        account.look(second, later)
    account.settle(worth)
    assert account.cash - FUNDS == account.spread + account.inventory - account.fees
    own = account.performance(1, 60, 0, 0)
    assert own.skill == edge - own.fees + own.rebates, "without luck each trade counts against the truth of its instant"


def test_a_pair_bought_below_one_earns_the_rest_whatever_happens() -> None:
    for worth in (0, 10_000):
        account = Account(FeeSchedule())
        account.book(Trade(0.0, Outcome.YES, Side.BUY, 4_800, 10 * SHARE, taker=False, middle=5_000, fair=5_000))
        account.book(Trade(1.0, Outcome.NO, Side.BUY, 4_900, 10 * SHARE, taker=False, middle=5_000, fair=5_000))
        account.settle(worth)
        assert account.cash - FUNDS == 3 * PUSD // 10
