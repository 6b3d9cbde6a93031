"""The `maker`: every T of strategies.md §3 as quotes, and what moves, stops, widens or keeps them."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.book import OwnLevel
from actors.model.breaker import Caught
from actors.model.maker_settings import COLUMNS, MakerParameters, kind
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.quote import Decision, View
from actors.model.reason import Reason
from actors.model.rewards import Rewards
from actors.model.tape import with_trade
from actors.pricing.logit import logit
from actors.strategies.maker import Maker, MakerState, Wanted
from tests.strategies.views import BUY, MARKET, NO, SELL, YES, prices, sides, view

TABLE = MakerParameters(
    profile="long",
    size=Size(60 * SHARE),
    limit=Size(300 * SHARE),
    skew_ticks_at_limit=0.0,
    gamma=0.3,
    k=40.0,
    horizon=1_800.0,
    h_min=Price(50),
    k_vol=0.0,
    thin_depth=Cash(0),
    print_ticks=0.0,
    rest=0.0,
    improve=True,
)
BOLD = evolve(TABLE, gamma=2.0)


def decided(seen: View, own: MakerParameters = TABLE) -> Decision:
    maker = Maker(own)
    return maker.step(maker.start(), seen)[1]


def at(now: float, seen: View, ends_in: float | None = None) -> View:
    """The same view at another time, with a book as fresh."""
    return evolve(seen, now=now, ends_in=ends_in, book=evolve(seen.book, confirmed_at=now))


def run(own: MakerParameters, seen: list[View]) -> tuple[MakerState, Decision]:
    maker = Maker(own)
    state, decision = maker.start(), Decision()
    for one in seen:
        state, decision = maker.step(state, one)
    return state, decision


# ── prices ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_t_a_mid_of_050_without_inventory_is_quoted_049_to_051() -> None:
    assert prices(decided(view(4_900, 5_100))) == ([4_900], [5_100])


def test_t_two_units_long_at_gamma_2_it_is_still_049_to_051() -> None:
    assert prices(decided(view(4_900, 5_100, yes=120), BOLD)) == ([4_900], [5_100])


def test_t_one_unit_short_at_090_it_is_089_to_091() -> None:
    assert prices(decided(view(8_900, 9_100, no=60), BOLD)) == ([8_900], [9_100])


def test_t_a_mid_of_005_is_quoted_004_to_006() -> None:
    assert prices(decided(view(400, 600))) == ([400], [600])


def test_two_ticks_of_skew_at_the_limit_lean_both_quotes_by_them() -> None:
    leaning = evolve(TABLE, skew_ticks_at_limit=2.0, limit=Size(120 * SHARE))
    assert prices(decided(view(4_600, 5_400), leaning)) == ([4_900], [5_100])
    assert prices(decided(view(4_600, 5_400, yes=119), evolve(leaning, size=Size(5 * SHARE)))) == ([], [4_900])


@pytest.mark.parametrize(("profile", "ask"), [("long", 5_000), ("event", 4_900), ("crypto", 4_900)])
def test_what_lasts_leans_by_one_tick_at_the_limit_and_what_ends_soon_by_two(profile: str, ask: int) -> None:
    own = evolve(TABLE, profile=profile, skew_ticks_at_limit=None, limit=Size(120 * SHARE), size=Size(5 * SHARE))
    assert prices(decided(view(4_600, 5_400, yes=119), own)) == ([], [ask])
    assert prices(decided(view(4_600, 5_400, yes=119), evolve(own, skew_ticks_at_limit=3.0))) == ([], [4_800])


def test_without_improving_our_quotes_are_no_better_than_the_best_of_the_others() -> None:
    joining = evolve(TABLE, improve=False)
    assert prices(decided(view(4_600, 5_400), joining)) == ([4_600], [5_400])
    assert prices(decided(view(4_900, 5_100), joining)) == ([4_900], [5_100])
    assert prices(decided(view(4_600, 5_400))) == ([4_900], [5_100])


def test_the_variant_without_a_horizon_leans_by_the_inventory_alone() -> None:
    endless = evolve(TABLE, model="endless", gamma=20.0, arrival=1e-5, h_min=Price(10), limit=Size(600 * SHARE))
    flat, long = decided(view(4_000, 5_000), endless), decided(view(4_000, 5_000, yes=180), endless)
    assert prices(long)[0] < prices(flat)[0]
    assert prices(long)[1] <= prices(flat)[1]


def test_our_own_orders_are_no_part_of_the_fair_price() -> None:
    ours = (OwnLevel(True, Price(4_900), Size(100 * SHARE)),)
    alone = view(4_900, 5_100, own=ours)
    assert decided(alone).refusal is not None, "without ours there are no bids at all"


# ── the three columns ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("up_down", "ends_in", "expected"),
    [(True, 900.0, "crypto"), (False, 1_800.0, "event"), (False, 86_400.0, "long"), (False, None, "long")],
)
def test_the_column_follows_from_what_the_market_is(up_down: bool, ends_in: float | None, expected: str) -> None:
    assert kind(up_down, ends_in) == expected
    assert MakerParameters().column(up_down, ends_in) == COLUMNS[expected]


def test_a_profile_that_is_given_counts_whatever_the_market_is_and_so_does_a_single_figure() -> None:
    assert MakerParameters(profile="event").column(True, None) == COLUMNS["event"]
    assert MakerParameters(profile="event", gamma=1.0).column(True, None) == evolve(COLUMNS["event"], gamma=1.0)


def test_a_belief_that_resolves_soon_is_quoted_wider() -> None:
    event = evolve(MakerParameters(profile="event"), thin_depth=Cash(0))
    far, near = (
        decided(at(0.0, view(4_700, 5_300), 10_000.0), event),
        decided(at(0.0, view(4_700, 5_300), 200.0), event),
    )
    assert prices(near)[0] < prices(far)[0]
    assert prices(near)[1] > prices(far)[1]


# ── inventory and the end ─────────────────────────────────────────────────────────────────────────────────────────────


def test_at_the_limit_only_the_other_side_is_quoted_and_the_missing_one_is_explained() -> None:
    decision = decided(view(yes=300))
    assert prices(decision)[0] == []
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.INVENTORY_LIMIT


def test_the_limit_shrinks_before_the_end() -> None:
    own = evolve(TABLE, stop=100.0, ramp=100.0)
    rooms = [sides(decided(at(0.0, view(), left), own))[0].get(4_900, 0) // SHARE for left in (1_000.0, 150.0, 110.0)]
    assert rooms == [60, 60, 30]


@pytest.mark.parametrize(("held", "kept"), [(0, ([], [])), (40, ([], [5_100]))])
def test_right_before_the_end_only_what_reduces_is_quoted(held: int, kept: tuple[list[int], list[int]]) -> None:
    decision = decided(at(0.0, view(yes=held), 50.0), evolve(TABLE, stop=100.0, end_variance=0.0))
    assert prices(decision) == kept
    assert sides(decision)[1].get(5_100, 0) == held * SHARE
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.ENDING


def test_far_from_the_middle_only_what_reduces_is_quoted() -> None:
    assert prices(decided(view(100, 300))) == ([], [])
    assert prices(decided(view(100, 300, yes=60)))[1] == [300]


# ── jumps, fills, prints ──────────────────────────────────────────────────────────────────────────────────────────────


def steady(seconds: int, *, bid: int = 4_900, ask: int = 5_100, start: int = 0) -> list[View]:
    return [at(float(start + second), view(bid, ask)) for second in range(seconds)]


def test_a_jump_pulls_both_sides_for_as_long_as_it_takes_to_cool() -> None:
    own = evolve(TABLE, cool=6.0, jump_z=3.3)
    calm = steady(30)
    jumped, decision = run(own, [*calm, *steady(1, bid=5_900, ask=6_100, start=30)])
    assert decision.quotes == ()
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.JUMPED
    maker, state = Maker(own), jumped
    for second in range(31, 37):
        state, decision = maker.step(state, at(float(second), view(5_900, 6_100)))
        assert decision.quotes == (), "the move is still one of the last 8 s"
    for second in range(37, 50):
        state, decision = maker.step(state, at(float(second), view(5_900, 6_100)))
    assert len(prices(decision)[0]) == 1


def test_a_gap_in_the_books_is_no_jump() -> None:
    _, decision = run(evolve(TABLE, jump_z=3.3), [*steady(30), *steady(1, bid=5_900, ask=6_100, start=90)])
    assert decision.refusal is None


def test_bad_fills_widen_the_quotes_and_time_brings_them_back() -> None:
    own = evolve(TABLE, k_tox=2.0, print_weight=0.0)
    struck = tuple(Caught(str(n), True, 5_600, 20 * SHARE, 5.0) for n in range(5))
    seen = [evolve(one, fills=struck if one.now >= 5.0 else ()) for one in steady(40, bid=4_500, ask=5_500)]
    state, wide = run(own, seen)
    assert prices(wide) == ([4_600], [5_400])
    later = evolve(at(4_000.0, view(4_500, 5_500)), fills=struck)
    assert prices(Maker(own).step(state, later)[1]) == ([4_900], [5_100])


def test_public_trades_move_the_fair_price() -> None:
    own, quiet = evolve(TABLE, fair_half_life=600.0, print_weight=0.9), steady(3, bid=4_500, ask=5_500)
    tape = with_trade((), True, Price(5_400), Size(5_000 * SHARE), 3.0)
    traded = at(3.0, view(4_500, 5_500))
    _, before = run(own, [*quiet, traded])
    _, after = run(own, [*quiet, evolve(traded, book=evolve(traded.book, tape=tape))])
    assert prices(after)[0] > prices(before)[0]
    assert prices(after)[1] > prices(before)[1]


def test_the_fair_price_follows_the_book_by_half_in_its_half_life_but_never_leaves_it() -> None:
    own = evolve(TABLE, fair_half_life=10.0, jump_z=100.0)
    state, _ = run(own, [*steady(1), at(10.0, view(5_000, 5_200))])
    assert state.belief.x == pytest.approx((logit(0.50) + logit(0.51)) / 2)
    _, decision = run(own, [*steady(1), at(1.0, view(6_000, 6_200))])
    assert prices(decision)[1][0] > 6_000


# ── what rests ────────────────────────────────────────────────────────────────────────────────────────────────────────


def resting(bid: bool, price: int) -> tuple[OwnLevel, ...]:
    return (OwnLevel(bid, Price(price), Size(60 * SHARE)),)


@pytest.mark.parametrize(
    ("ours", "bid"),
    [(4_900, 4_900), (4_800, 4_800), (4_700, 4_900), (5_000, 4_900)],
    ids=["at it", "1 timid", "2 timid", "bold"],
)
def test_a_bid_that_rests_a_tick_too_low_keeps_its_place_and_one_that_is_too_high_goes(ours: int, bid: int) -> None:
    seen = view(4_600, 5_400, own=resting(True, ours))
    assert prices(decided(seen))[0] == [bid]


@pytest.mark.parametrize(("ours", "ask"), [(5_100, 5_100), (5_200, 5_200), (5_300, 5_100), (5_000, 5_100)])
def test_an_ask_likewise(ours: int, ask: int) -> None:
    assert prices(decided(view(4_600, 5_400, own=resting(False, ours))))[1] == [ask]


def test_how_far_away_an_order_may_rest_on_can_be_set() -> None:
    patient = evolve(TABLE, timid=3.0)
    assert prices(decided(view(4_600, 5_400, own=resting(True, 4_600)), patient))[0] == [4_600]
    assert prices(decided(view(4_600, 5_400, own=resting(True, 4_500)), patient))[0] == [4_900]


@pytest.mark.parametrize(("ours", "bid"), [(5_000, 5_000), (5_100, 4_900), (4_900, 4_900), (4_700, 4_900)])
def test_an_order_that_is_a_little_too_near_may_rest_on_too_if_that_is_set(ours: int, bid: int) -> None:
    bold = evolve(TABLE, bold=1.0)
    assert prices(decided(view(4_600, 5_400, own=resting(True, ours)), bold))[0] == [bid]
    assert prices(decided(view(4_600, 5_400, own=resting(False, 10_000 - ours)), bold))[1] == [10_000 - bid]


JOINING = evolve(TABLE, bold=1.0, timid=1.0, improve=False, fair_half_life=0.001, jump_z=1e9)


def after(own: MakerParameters, *seen: View) -> Decision:
    """What is wanted of the last of these."""
    return run(own, list(seen))[1]


def test_no_new_order_is_put_in_front_of_all_others_where_one_was_taken() -> None:
    """Only what rests may be too near: who has just been taken by somebody who knows more must not stand there again."""
    quoting = evolve(at(5.0, view(4_900, 5_100)), own=(*resting(True, 4_900), *resting(False, 5_100)))
    taken = evolve(at(6.0, view(4_800, 5_000, yes=60)), own=resting(False, 5_100))
    assert prices(after(JOINING, at(0.0, view(4_900, 5_100)), quoting, taken))[0] == [4_800]


def test_a_side_that_the_others_have_come_to_meet_is_not_wanted_where_it_would_trade() -> None:
    quoting = evolve(at(5.0, view(4_900, 5_100, no=60)), own=(*resting(True, 4_900), *resting(False, 5_100)))
    met = [at(t, view(4_800, 4_900)) for t in (6.0, 9.0, 30.0)]
    bids, _ = prices(after(JOINING, at(0.0, view(4_900, 5_100, no=60)), quoting, *met))
    assert bids == [4_800]


def test_a_side_that_was_pulled_and_whose_order_still_rests_does_not_meet_the_other() -> None:
    maker = Maker(evolve(JOINING, improve=True, rest=0.0))
    state, _ = maker.step(maker.start(), at(0.0, view(4_900, 5_100)))
    pulled = evolve(state, bid=Wanted(moved_at=-9.0))
    bids, asks = prices(maker.step(pulled, at(5.0, evolve(view(5_000, 5_200), own=resting(True, 5_100))))[1])
    assert max(bids, default=0) < min(asks, default=10_000)


def test_after_a_change_of_the_tick_no_price_off_the_new_grid_is_kept() -> None:
    seen = [at(0.0, view(9_510, 9_530, tick=10)), at(6.0, view(9_500, 9_600)), at(30.0, view(9_500, 9_600))]
    bids, asks = prices(after(JOINING, *seen))
    assert bids
    assert asks
    assert all(price % 100 == 0 for price in (*bids, *asks))


@given(
    steps=st.lists(st.tuples(st.integers(20, 80), st.integers(1, 8), st.integers(0, 3)), min_size=1, max_size=12),
    gone=st.lists(st.sampled_from(["bid", "ask", "both", "none"]), min_size=12, max_size=12),
    bold=st.sampled_from([0.0, 1.0, 2.0, 5.0]),
    rest=st.sampled_from([0.0, 2.0]),
    improve=st.booleans(),
)
def test_what_is_new_never_meets_what_stays_nor_the_others(
    steps: list[tuple[int, int, int]], gone: list[str], bold: float, rest: float, improve: bool
) -> None:
    """Whatever became of the orders that were wanted last: each may rest, or have been taken or refused."""
    maker = Maker(evolve(TABLE, bold=bold, rest=rest, improve=improve, jump_z=1e9))
    state, own = maker.start(), tuple[OwnLevel, ...]()
    now = 0.0
    for (bid, spread, seconds), missing in zip(steps, gone, strict=False):
        now += seconds
        own = tuple(level for level in own if missing not in ("both", "bid" if level.bid else "ask"))
        state, decision = maker.step(state, evolve(at(now, view(100 * bid, 100 * (bid + spread))), own=own))
        bids, asks = prices(decision)
        assert max(bids, default=0) < min(asks, default=10_000)
        assert max(bids, default=0) < 100 * (bid + spread), "it would trade with the others' best ask"
        assert min(asks, default=10_000) > 100 * bid
        own = (*(resting(True, bid)[0] for bid in bids), *(resting(False, ask)[0] for ask in asks))


SLOW = evolve(TABLE, rest=4.0, fair_half_life=0.001, jump_z=1e9)


def test_a_side_that_must_flee_goes_at_once_and_comes_back_when_it_has_rested() -> None:
    maker = Maker(SLOW)
    state, _ = maker.step(maker.start(), at(0.0, view(4_900, 5_100)))
    state, fled = maker.step(state, evolve(at(1.0, view(4_700, 4_900)), own=resting(True, 4_900)))
    assert prices(fled) == ([], [5_100]), "an ask that is under way is only timid"
    assert fled.refusal is not None
    assert fled.refusal.reason is Reason.RESTING
    assert fled.look_at == 4.0, "and not only when the targets are renewed"
    _, back = maker.step(state, at(4.0, view(4_700, 4_900)))
    assert prices(back) == ([4_700], [4_900])


def test_an_order_that_is_far_too_timid_stays_until_the_side_may_move() -> None:
    maker = Maker(SLOW)
    state, _ = maker.step(maker.start(), at(0.0, view(4_600, 5_400)))
    ours = (*resting(True, 4_900), *resting(False, 5_100))
    state, early = maker.step(state, evolve(at(1.0, view(5_000, 5_800)), own=ours))
    assert prices(early) == ([4_900], [])
    _, late = maker.step(state, evolve(at(4.0, view(5_000, 5_800)), own=ours[:1]))
    assert prices(late) == ([5_300], [5_500])


def test_a_side_that_has_begun_to_move_is_not_called_back_to_where_its_order_still_rests() -> None:
    maker = Maker(SLOW)
    state, _ = maker.step(maker.start(), at(0.0, view(4_600, 5_400)))
    old = resting(True, 4_900)
    for now in (4.0, 4.01, 4.1):
        state, moved = maker.step(state, evolve(at(now, view(5_000, 5_800)), own=old))
        assert prices(moved)[0] == [5_300]


def test_a_large_trade_moves_the_fair_price_past_its_own() -> None:
    own, book = evolve(TABLE, print_weight=0.0, print_ticks=3.0, fair_half_life=600.0), view(4_500, 5_500)
    tape = with_trade((), False, Price(4_500), Size(10_000 * SHARE), 1.0)
    traded = at(1.0, evolve(book, book=evolve(book.book, tape=tape)))
    assert prices(run(own, [*steady(1, bid=4_500, ask=5_500), traded])[1]) == ([4_600], [4_800])


def test_shares_that_become_sellable_do_not_cost_a_resting_quote_its_place() -> None:
    maker = Maker(TABLE)
    state, first = maker.step(maker.start(), view(yes=60, confirmed=False))
    ours = (*resting(True, 4_900), *resting(False, 5_100))
    state, second = maker.step(state, view(yes=60, own=ours))
    assert {(q.outcome, q.side) for q in first.quotes} == {(YES, BUY), (NO, BUY)}
    assert second.quotes == first.quotes
    _, moved = maker.step(state, at(60.0, view(5_000, 5_200, yes=60)))
    assert (YES, SELL) in {(q.outcome, q.side) for q in moved.quotes}, "a quote that moves anyway sells what is held"


def test_what_could_not_be_bought_is_sold_once_it_is_held() -> None:
    """Money that is tied up in both outcomes buys nothing: quotes that never came to rest do not go on asking for more."""
    maker = Maker(TABLE)
    state, first = maker.step(maker.start(), view(yes=60, no=60, confirmed=False))
    assert {(q.outcome, q.side) for q in first.quotes} == {(YES, BUY), (NO, BUY)}
    _, second = maker.step(state, view(yes=60, no=60))
    assert {(q.outcome, q.side) for q in second.quotes} == {(YES, SELL), (NO, SELL)}


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_thin_book_is_quoted_in_the_smallest_size() -> None:
    careful = evolve(TABLE, thin_depth=Cash(200 * PUSD))
    assert set(sides(decided(view(), careful))[0].values()) == {MARKET.min_size}
    assert set(sides(decided(view()))[0].values()) == {60 * SHARE}


@pytest.mark.parametrize(("profile", "shares"), [("long", 80), ("event", 50), ("crypto", 100)])
def test_the_size_follows_from_what_the_market_is_unless_it_is_given(profile: str, shares: int) -> None:
    own = MakerParameters(profile=profile, thin_depth=Cash(0))
    assert set(sides(decided(view(), own))[0].values()) == {shares * SHARE}
    assert set(sides(decided(view(), evolve(own, size=Size(30 * SHARE))))[0].values()) == {30 * SHARE}


def paying(seen: View, per_day: int, min_size: int = 100, max_spread: int = 450) -> View:
    terms = Rewards(Cash(per_day * PUSD), Size(min_size * SHARE), Price(max_spread))
    return evolve(seen, market=evolve(seen.market, rewards=terms))


def test_where_a_programme_pays_orders_are_large_enough_to_score() -> None:
    seen = paying(view(), 100)
    assert set(sides(decided(seen))[0].values()) == {100 * SHARE}
    assert set(sides(decided(seen, evolve(TABLE, rewards=False)))[0].values()) == {60 * SHARE}
    assert set(sides(decided(paying(view(), 100, min_size=1_000)))[0].values()) == {60 * SHARE}, "not above the limit"


def test_without_a_rich_programme_quotes_stand_where_fills_earn_more_and_with_one_nearer() -> None:
    poor, rich = (paying(view(4_700, 5_300), per_day) for per_day in (1, 5_000))
    wide = evolve(TABLE, h_min=Price(10))
    assert prices(decided(poor, wide))[0] < prices(decided(rich, wide))[0]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (view(None, 5_100), Reason.ONE_SIDED),
        (view(4_900, None), Reason.ONE_SIDED),
        (view(5_100, 5_000), Reason.CROSSED),
        (view(4_000, 6_000), Reason.SPREAD_TOO_WIDE),
        (evolve(view(), market=evolve(MARKET, min_size=Size(70 * SHARE))), Reason.SIZE_BELOW_MINIMUM),
    ],
)
def test_a_book_without_a_fair_price_pulls_the_quotes_and_the_rule_is_named(seen: View, reason: Reason) -> None:
    state, decision = run(TABLE, [*steady(1), seen])
    assert decision.quotes == ()
    assert decision.refusal is not None
    assert decision.refusal.reason is reason
    assert state.belief.at == 0.0, "what was learnt stays"


def test_both_sides_that_add_up_to_a_pair_are_bought_where_nothing_is_held() -> None:
    assert {(q.outcome, q.side, int(q.price)) for q in decided(view()).quotes} == {(YES, BUY, 4_900), (NO, BUY, 4_900)}


def test_confirmed_shares_are_sold_first() -> None:
    assert (YES, SELL, 5_100) in {(q.outcome, q.side, int(q.price)) for q in decided(view(yes=60)).quotes}
    assert (NO, SELL, 5_100) in {(q.outcome, q.side, int(q.price)) for q in decided(view(no=60)).quotes}
