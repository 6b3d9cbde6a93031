"""The ledger: fills count once, failed ones not at all, in whatever order they are heard (I11, I12)."""

from __future__ import annotations

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from actors.model.booked import Booked
from actors.model.ledger import Holding, Ledger, Position
from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Cash, Price, Size, cost, proceeds
from actors.model.order import Settlement

MATCHED, MINED, RETRYING = Settlement.MATCHED, Settlement.MINED, Settlement.RETRYING
CONFIRMED, FAILED = Settlement.CONFIRMED, Settlement.FAILED
ENDS = st.sampled_from([CONFIRMED, CONFIRMED, FAILED, MATCHED])
BUY, SELL, YES, NO = Side.BUY, Side.SELL, Outcome.YES, Outcome.NO


@frozen
class Trade:
    """A fill as it really happened, and how it ended."""

    fill: Booked
    end: Settlement


@st.composite
def histories(draw: st.DrawFn, *, failing: bool = True) -> list[Trade]:
    """What could really happen: sales only of shares whose purchases are confirmed; times never fall."""
    trades: list[Trade] = []
    confirmed = {YES: 0, NO: 0}
    at = 0.0
    for number in range(draw(st.integers(0, 12))):
        at += draw(st.sampled_from([0.0, 1.0]))
        outcome, price = draw(st.sampled_from(Outcome)), draw(st.integers(1, PRICE_ONE - 1))
        selling = confirmed[outcome] > 0 and draw(st.booleans())
        size = draw(st.integers(1, confirmed[outcome] if selling else 50 * SHARE))
        end = draw(ENDS if failing and not selling else st.just(CONFIRMED))
        side = SELL if selling else BUY
        fee = Cash(draw(st.sampled_from([0, 0, 70])))
        fill = Booked(f"t{number}", f"o{number % 5}", outcome, side, Price(price), Size(size), fee, MATCHED, at)
        trades.append(Trade(fill, end))
        confirmed[outcome] += -size if selling else size if end is CONFIRMED else 0
    return trades


def told(trades: list[Trade]) -> list[Booked]:
    """Every status of every fill, in order."""
    steps = {MATCHED: [MATCHED], CONFIRMED: [MATCHED, MINED, CONFIRMED], FAILED: [MATCHED, RETRYING, FAILED]}
    return [evolve(trade.fill, settlement=status) for trade in trades for status in steps[trade.end]]


def booked(fills: list[Booked]) -> Ledger:
    ledger = Ledger("m")
    for fill in fills:
        ledger.book(fill)
    return ledger


def sums(fills: list[Booked]) -> dict[Outcome, int]:
    """Shares by plain addition."""
    return {
        outcome: sum(f.size if f.side is BUY else -f.size for f in fills if f.outcome is outcome) for outcome in Outcome
    }


HISTORIES = histories()


@given(HISTORIES)
def test_the_position_is_the_sum_of_the_fills_that_did_not_fail(trades: list[Trade]) -> None:
    position = booked(told(trades)).position
    kept = [trade.fill for trade in trades if trade.end is not FAILED]
    certain = [trade.fill for trade in trades if trade.end is CONFIRMED]
    for outcome in Outcome:
        assert position.holding(outcome).size == sums(kept)[outcome]
        assert position.holding(outcome).confirmed == sums(certain)[outcome]
        assert position.holding(outcome).sellable == sums(certain)[outcome]
    assert position.net == position.yes.size - position.no.size
    assert position.spent == sum(cost(f.price, f.size) for f in kept if f.side is BUY)
    assert position.fees == sum(f.fee for f in kept)
    assert (position.trades, position.unsettled) == (len(kept), len(kept) - len(certain))


@given(HISTORIES, st.data())
def test_any_order_and_repetition_of_what_is_heard_ends_in_the_same_position(
    trades: list[Trade], data: st.DataObject
) -> None:
    """Sizes, confirmed shares, spent, fees, volume exactly; average costs to a unit per sale within one second."""
    facts = told(trades)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=10)) if facts else []
    heard = booked(data.draw(st.permutations(facts + again)))
    straight = booked(facts)
    assert exact(heard.position) == exact(straight.position)
    assert {o: heard.filled(o) for o in ids(trades)} == {o: straight.filled(o) for o in ids(trades)}
    assert abs(heard.position.inventory_cost - straight.position.inventory_cost) <= len(trades)
    assert abs(heard.position.realised - straight.position.realised) <= len(trades)


def exact(position: Position) -> tuple[object, ...]:
    """The part of a position that no rounding touches."""
    shares = [(position.holding(o).size, position.holding(o).confirmed) for o in Outcome]
    return (*shares, position.spent, position.fees, position.volume, position.trades, position.unsettled)


def ids(trades: list[Trade]) -> set[str]:
    return {trade.fill.order_id for trade in trades}


@given(HISTORIES, st.integers(1, 3))
def test_a_fill_told_again_changes_nothing(trades: list[Trade], times: int) -> None:
    ledger = booked(told(trades))
    before = ledger.position
    assert not any(ledger.book(fill) for _ in range(times) for fill in told(trades))
    assert ledger.position == before


@given(HISTORIES)
def test_counting_on_is_the_same_as_counting_afresh(trades: list[Trade]) -> None:
    ledger = Ledger("m")
    for fill in told(trades):
        ledger.book(fill)
        assert ledger.position == booked(sorted(ledger.fills, key=lambda f: (f.at, f.side is SELL))).position


@given(HISTORIES)
def test_a_failed_fill_is_taken_back_exactly_once(trades: list[Trade]) -> None:
    ledger = booked(told(trades) + [evolve(t.fill, settlement=FAILED) for t in trades] * 2)
    without = booked(told([trade for trade in trades if trade.end is CONFIRMED]))
    assert exact(ledger.position) == exact(without.position)
    assert all(ledger.filled(order) == without.filled(order) for order in ids(trades))


@given(HISTORIES)
def test_cash_out_is_cash_in_plus_what_is_held_less_what_was_earned(trades: list[Trade]) -> None:
    position = booked(told(trades)).position
    kept = [trade.fill for trade in trades if trade.end is not FAILED]
    cash_in = sum(proceeds(f.price, f.size) for f in kept if f.side is SELL)
    cash_out = sum(cost(f.price, f.size) for f in kept if f.side is BUY)
    held = max(0, position.yes.cost) + max(0, position.no.cost)
    assert cash_in - cash_out + held == position.realised
    assert 0 <= position.inventory_cost - held <= sum(f.fee for f in kept if f.side is BUY)


@given(HISTORIES)
def test_cost_is_never_negative_and_nothing_held_costs_nothing(trades: list[Trade]) -> None:
    ledger = Ledger("m")
    for fill in told(trades):
        ledger.book(fill)
        for outcome in Outcome:
            holding = ledger.position.holding(outcome)
            assert holding.cost >= 0
            assert holding.size >= holding.sellable >= 0
            assert holding.size or not holding.cost


@given(HISTORIES, st.integers(1, PRICE_ONE - 1))
def test_pnl_is_what_the_account_would_be_worth_at_the_mid_less_what_went_in(trades: list[Trade], mid: int) -> None:
    position = booked(told(trades)).position
    kept = [trade.fill for trade in trades if trade.end is not FAILED]
    cash = sum(proceeds(f.price, f.size) if f.side is SELL else -cost(f.price, f.size) for f in kept)
    worth = proceeds(mid, position.yes.size) + proceeds(PRICE_ONE - mid, position.no.size)
    assert position.pnl(mid) == cash + worth - sum(f.fee for f in kept)


def test_without_a_mid_what_is_held_counts_at_its_cost() -> None:
    bought = Position("m", yes=Holding(Size(10), 10, Cash(5)), fees=Cash(2))
    assert bought.unrealised(None) == 0
    assert bought.pnl(None) == -2


def test_shares_of_an_unsettled_purchase_back_no_sale() -> None:
    buy = Booked("t", "o", YES, BUY, Price(5_000), Size(10 * SHARE), Cash(0), MATCHED)
    ledger = booked([buy, evolve(buy, settlement=MINED)])
    assert (ledger.position.yes.size, ledger.position.yes.sellable) == (10 * SHARE, 0)
    ledger.book(evolve(buy, settlement=CONFIRMED))
    assert ledger.position.yes.sellable == 10 * SHARE


def test_a_sale_counts_against_what_may_be_sold_from_the_first_word_of_it() -> None:
    buy = Booked("t1", "o1", YES, BUY, Price(5_000), Size(10 * SHARE), Cash(0), CONFIRMED, 1.0)
    sale = Booked("t2", "o2", YES, SELL, Price(6_000), Size(4 * SHARE), Cash(0), MATCHED, 2.0)
    assert booked([buy, sale]).position.yes.sellable == 6 * SHARE


def test_a_sale_heard_before_its_purchase_leaves_nothing_behind() -> None:
    buy = Booked("t1", "o1", YES, BUY, Price(5_000), Size(10 * SHARE), Cash(0), CONFIRMED, 1.0)
    sale = Booked("t2", "o2", YES, SELL, Price(6_000), Size(10 * SHARE), Cash(0), CONFIRMED, 1.0)
    position = booked([sale, buy]).position
    assert (position.yes.size, position.yes.cost, position.realised) == (0, 0, SHARE)


def test_the_two_legs_of_one_trade_are_two_fills() -> None:
    leg = Booked("t", "o1", YES, BUY, Price(5_000), Size(SHARE), Cash(0), MATCHED)
    assert booked([leg, evolve(leg, order_id="o2")]).position.yes.size == 2 * SHARE


def test_average_cost_goes_with_the_shares_sold_to_the_unit() -> None:
    buys = [
        Booked("t1", "o", YES, BUY, Price(4_000), Size(10 * SHARE), Cash(0), CONFIRMED, 1.0),
        Booked("t2", "o", YES, BUY, Price(5_000), Size(20 * SHARE), Cash(0), CONFIRMED, 2.0),
    ]
    sale = Booked("t3", "o", YES, SELL, Price(6_000), Size(10 * SHARE), Cash(0), CONFIRMED, 3.0)
    held = booked([*buys, sale]).position.yes
    assert (held.size, held.cost, held.realised) == (20 * SHARE, 9_333_334, 1_333_334)


def filled(number: int, side: Side, size: int, price: int, settlement: Settlement) -> Booked:
    return Booked(f"t{number}", f"o{number}", YES, side, Price(price), Size(size), Cash(0), settlement, float(number))


@given(
    first=st.integers(1, PRICE_ONE - 1),
    second=st.integers(1, PRICE_ONE - 1),
    part=st.integers(1, 100),
    end=st.booleans(),
)
def test_a_sale_that_may_still_fail_frees_no_money(first: int, second: int, part: int, end: bool) -> None:
    ledger = booked([filled(1, BUY, 100 * SHARE, first, CONFIRMED), filled(2, SELL, part * SHARE, first, MATCHED)])
    everything = cost(first, 100 * SHARE)
    assert ledger.position.inventory_cost < everything
    assert ledger.tied_up == everything
    ledger.book(filled(3, BUY, part * SHARE, second, MATCHED))
    bought_again = everything + cost(second, part * SHARE)
    assert ledger.tied_up == bought_again
    ledger.book(filled(2, SELL, part * SHARE, first, CONFIRMED if end else FAILED))
    assert ledger.tied_up == ledger.position.inventory_cost
    assert (ledger.tied_up == bought_again) is not end
