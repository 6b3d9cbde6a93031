"""Conversions in the ledger: what they bring and cost, while they are under way, done, or void."""

from __future__ import annotations

from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.booked import Booked
from actors.model.conversion import HALF, Conversion, Kind, Spare, of_pairs, payout, redemption
from actors.model.ledger import Ledger
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.order import Settlement

MARKET = Market("m", "0xm", "11", "22", Price(100), Size(5 * SHARE))


def bought(outcome: Outcome, price: int, size: int, at: float = 1.0) -> Booked:
    return Booked(
        f"t{outcome}{at}", "o", outcome, Side.BUY, Price(price), Size(size), Cash(0), Settlement.CONFIRMED, at
    )


def paired(*, yes: int = 4_000, no: int = 5_000, size: int = 20 * SHARE) -> Ledger:
    """20 pairs, bought for 0.40 and 0.50."""
    ledger = Ledger("m")
    ledger.book(bought(Outcome.YES, yes, size))
    ledger.book(bought(Outcome.NO, no, size))
    return ledger


def merge(size: int = 20 * SHARE, key: str = "1.1") -> Conversion:
    return of_pairs(Kind.MERGE, key, MARKET, size, 9.0)


def ended(conversion: Conversion, settlement: Settlement = Settlement.CONFIRMED) -> Conversion:
    return evolve(conversion, settlement=settlement)


def test_a_merge_takes_its_shares_at_once_and_frees_their_money_when_it_is_final() -> None:
    ledger = paired()
    assert ledger.tied_up == 18 * PUSD
    ledger.convert(merge())
    position = ledger.position
    assert (position.yes.sellable, position.no.sellable, position.unsettled) == (0, 0, 1)
    assert ledger.tied_up == 18 * PUSD
    ledger.convert(ended(merge()))
    assert (ledger.tied_up, ledger.position.unsettled) == (0, 0)
    assert (ledger.position.merged, ledger.position.pnl(None)) == (20 * PUSD, 2 * PUSD)


def test_a_void_merge_gives_everything_back_and_is_void_for_good() -> None:
    ledger, before = paired(), paired().position
    ledger.convert(merge())
    ledger.convert(ended(merge(), Settlement.FAILED))
    assert not ledger.convert(ended(merge()))
    assert ledger.position == before
    assert ledger.converting == ()


def test_a_split_counts_its_money_at_once_and_its_shares_once_final() -> None:
    ledger, split = Ledger("m"), of_pairs(Kind.SPLIT, "1.1", MARKET, 7 * SHARE + 1, 9.0)
    ledger.convert(split)
    assert ledger.tied_up == 7 * PUSD + 1
    assert (ledger.position.yes.size, ledger.position.yes.sellable) == (7 * SHARE + 1, 0)
    ledger.convert(ended(split))
    assert ledger.position.no.sellable == 7 * SHARE + 1
    assert ledger.position.merged == -7 * PUSD - 1
    assert ledger.position.pnl(HALF) in (-1, 0)  # what an odd unit is worth is rounded down


@pytest.mark.parametrize(("pays", "paid"), [(PRICE_ONE, 30), (0, 10), (HALF, 20)])
def test_a_redemption_pays_what_the_resolution_gives(pays: int, paid: int) -> None:
    ledger = Ledger("m")
    ledger.book(bought(Outcome.YES, 4_000, 30 * SHARE))
    ledger.book(bought(Outcome.NO, 5_000, 10 * SHARE))
    ledger.convert(ended(redemption("1.1", MARKET, 30 * SHARE, 10 * SHARE, Price(pays), 9.0)))
    assert ledger.position.redeemed == paid * PUSD
    assert ledger.position.pnl(None) == (paid - 17) * PUSD
    assert (ledger.position.yes.size, ledger.position.no.size, ledger.tied_up) == (0, 0, 0)


@given(st.integers(1, 10**9), st.integers(1, 9_999), st.integers(1, 9_999))
def test_no_cash_is_made_or_lost_by_rounding(size: int, yes: int, no: int) -> None:
    ledger = paired(yes=yes, no=no, size=size)
    spent = ledger.position.spent
    ledger.convert(ended(merge(size)))
    assert ledger.position.realised == size - spent


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_sums_follow_when_things_happened_whatever_is_heard_first(order: tuple[int, ...]) -> None:
    heard: list[Booked | Conversion] = [
        bought(Outcome.YES, 4_000, 20 * SHARE),
        bought(Outcome.NO, 5_000, 20 * SHARE),
        ended(merge(10 * SHARE)),
        bought(Outcome.YES, 9_000, 20 * SHARE, at=12.0),
    ]
    ledger = Ledger("m")
    for number in order:
        entry = heard[number]
        _ = ledger.convert(entry) if isinstance(entry, Conversion) else ledger.book(entry)
    assert ledger.position.realised == 1 * PUSD
    assert ledger.position.yes.cost == 22 * PUSD


def test_only_a_final_resolution_whose_payout_is_known_is_worth_anything() -> None:
    resolved = evolve(MARKET, standing="resolved", accepting=False)
    assert payout(evolve(MARKET, standing="disputed", won=Outcome.YES)) is None
    assert payout(resolved) is None
    assert payout(evolve(resolved, won=Outcome.NO)) == 0
    assert payout(evolve(resolved, halves=True)) == HALF
    assert Spare(MARKET, Size(3 * SHARE), Size(SHARE)).pairs == SHARE
    assert Spare(resolved, Size(3 * SHARE), Size(SHARE), pays=HALF).worth == 2 * PUSD
