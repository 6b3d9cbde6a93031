"""A market from its listing to its payout: phases, ticks, events, and who is paid."""

from __future__ import annotations

import json

import pytest

from actors.model.numbers import PUSD, SHARE, format_price
from adapters.emulator.events import Listed, OrderMoved, PhaseMoved, TickMoved
from adapters.emulator.lifecycle import HALVES, NO_WINS, YES_WINS, OutOfTurn
from adapters.emulator.notifications import RESOLVED
from adapters.emulator.refusal import Refused
from adapters.emulator.terms import EventTerms, Phase
from tests.emulator.floor import BUY, CENT, NO, SELL, YES, Floor, listing, neg_risk_event, open_floor, with_terms


def holding() -> Floor:
    """Ann holds 10 YES and 10 NO of the market, Bob 4 NO; Bob's bid for 20 YES rests."""
    floor = open_floor()
    ann, bob = floor.account("ann"), floor.account("bob")
    market = floor.listings[0]
    floor.chain.split(ann, market, 14 * PUSD)
    floor.place(ann, NO, SELL, 50 * CENT, 5 * SHARE)
    floor.place(bob, NO, BUY, 50 * CENT, 5 * SHARE)
    floor.pass_time(10)
    floor.place(bob, YES, BUY, 30 * CENT, 20 * SHARE)
    return floor


def of(floor: Floor, name: str) -> int:
    account = floor.exchange.accounts.get(f"0x{name}")
    assert account is not None
    return account.cash


def redeem(floor: Floor) -> tuple[int, int]:
    """What Ann and Bob get for their shares."""
    before = (of(floor, "ann"), of(floor, "bob"))
    for account in floor.exchange.accounts.by_address.values():
        floor.chain.redeem(account, floor.listings[0])
    return of(floor, "ann") - before[0], of(floor, "bob") - before[1]


@pytest.mark.parametrize(
    ("payouts", "paid"), [(YES_WINS, (14, 0)), (NO_WINS, (9, 5)), (HALVES, (11.5, 2.5))], ids=["yes", "no", "halves"]
)
def test_each_share_is_paid_as_resolved_once_and_nothing_is_left_locked(
    payouts: tuple[int, int], paid: tuple[float, float]
) -> None:
    floor = holding()
    floor.lifecycle.resolve(floor.listings[0], payouts)
    assert redeem(floor) == tuple(round(share * PUSD) for share in paid)
    assert floor.exchange.accounts.minted == 0
    assert redeem(floor) == (0, 0)
    assert floor.exchange.accounts.total == 20_000 * PUSD


def test_a_disputed_proposal_can_end_the_other_way() -> None:
    floor = holding()
    market, life = floor.listings[0], floor.lifecycle
    life.close(market)
    life.propose(market, YES_WINS)
    life.dispute(market)
    life.propose(market, NO_WINS)
    life.resolve(market, NO_WINS)
    assert [json.loads(line)["phase"] for line in floor.diary.getvalue().splitlines() if '"phase"' in line] == [
        "closed",
        "proposed",
        "disputed",
        "proposed",
        "resolved",
    ]
    assert redeem(floor) == (9 * PUSD, 5 * PUSD)


def test_a_closed_market_takes_no_orders_but_lets_them_go() -> None:
    floor = holding()
    market, bob = floor.listings[0], floor.exchange.accounts.by_address["0xbob"]
    floor.lifecycle.close(market)
    with pytest.raises(Refused, match="not yet ready to process new orders"):
        floor.place(bob, YES, BUY, 30 * CENT, 20 * SHARE)
    late, _ = floor.exchange.submit(floor.ticket(bob, YES, BUY, 30 * CENT, 20 * SHARE))
    assert (late.refusal, late.rested) == ("closed", False)
    (resting,) = floor.exchange.tickets.open_of(bob)
    assert floor.exchange.cancel(resting, "test")


def test_a_resolution_is_told_first_and_then_every_order_is_cancelled_for_it() -> None:
    floor = holding()
    market, bob = floor.listings[0], floor.exchange.accounts.by_address["0xbob"]
    floor.exchange.stuck = lambda order_id: True  # not even a stuck order outlives its market
    floor.lifecycle.resolve(market, YES_WINS)
    phase, cancel = [event for event in floor.told[-4:] if isinstance(event, PhaseMoved | OrderMoved)]
    assert (isinstance(phase, PhaseMoved), isinstance(cancel, OrderMoved)) == (True, True)
    (ticket,) = [t for t in floor.exchange.tickets.by_id.values() if t.remaining]
    assert (ticket.account, ticket.status) == (bob, "CANCELED_MARKET_RESOLVED")
    assert not market.book.orders


def test_whoever_holds_shares_is_notified_of_the_resolution() -> None:
    floor = holding()
    stranger = floor.account("cid")
    floor.lifecycle.resolve(floor.listings[0], YES_WINS)
    newest = floor.notifications.of(floor.exchange.accounts.by_address["0xann"])[0]
    assert (newest.type, newest.payload["market_slug"], newest.payload["closed"]) == (RESOLVED, "plain", True)
    assert floor.notifications.of(stranger) == []


def test_a_resolved_market_never_moves_again() -> None:
    floor = holding()
    market, life = floor.listings[0], floor.lifecycle
    life.resolve(market, YES_WINS)
    life.resolve(market, YES_WINS)
    with pytest.raises(OutOfTurn):
        life.resolve(market, NO_WINS)
    with pytest.raises(OutOfTurn):
        life.propose(market, NO_WINS)
    with pytest.raises(OutOfTurn):
        life.dispute(market)
    with pytest.raises(OutOfTurn):
        life.close(market)
    assert (market.phase, market.payouts, len(floor.events(PhaseMoved))) == (Phase.RESOLVED, YES_WINS, 1)


def test_there_is_nothing_to_dispute_before_a_proposal_and_payouts_add_up_to_one() -> None:
    floor = holding()
    with pytest.raises(OutOfTurn, match="no proposal"):
        floor.lifecycle.dispute(floor.listings[0])
    for payouts in ((PUSD, PUSD), (0, 0), (2 * PUSD, -PUSD)):
        with pytest.raises(OutOfTurn, match="add up"):
            floor.lifecycle.resolve(floor.listings[0], payouts)
    assert floor.listings[0].phase is Phase.OPEN


def test_one_yes_of_a_neg_risk_event_resolves_the_others_no() -> None:
    floor = open_floor([*neg_risk_event("race", 3), listing("apart")])
    floor.lifecycle.resolve(floor.listings[1], YES_WINS)
    assert [one.payouts for one in floor.listings] == [NO_WINS, YES_WINS, NO_WINS, None]
    assert [event.listing.market.slug for event in floor.events(PhaseMoved)] == ["race-1", "race-0", "race-2"]


def test_markets_of_an_ordinary_event_are_resolved_each_for_itself() -> None:
    event = EventTerms("month", "Which months?")
    floor = open_floor([listing("may", event=event), listing("june", event=event)])
    floor.lifecycle.resolve(floor.listings[0], YES_WINS)
    assert floor.listings[1].phase is Phase.OPEN


def test_a_neg_risk_event_has_a_winner_and_no_halves() -> None:
    floor = open_floor(neg_risk_event("race", 2))
    first, last = floor.listings
    with pytest.raises(OutOfTurn, match="neg-risk"):
        floor.lifecycle.resolve(first, HALVES)
    floor.lifecycle.resolve(first, NO_WINS)
    with pytest.raises(OutOfTurn, match="must pay"):
        floor.lifecycle.resolve(last, NO_WINS)
    floor.lifecycle.resolve(last, YES_WINS)
    assert (first.payouts, last.payouts) == (NO_WINS, YES_WINS)


def test_a_new_market_is_written_down_told_and_tradable_once() -> None:
    floor = open_floor()
    fresh = listing("fresh")
    floor.lifecycle.open(fresh)
    assert floor.exchange.listings.by_slug["fresh"] is fresh
    assert [event.listing for event in floor.events(Listed)] == [fresh]
    assert json.loads(floor.diary.getvalue().splitlines()[-1])["slug"] == "fresh"
    assert floor.place(floor.account("ann"), YES, BUY, 30 * CENT, 5 * SHARE, listing=fresh).status == "LIVE"
    with pytest.raises(OutOfTurn):
        floor.lifecycle.open(fresh)


TICKS = {1_000: 1_500, 100: 150, 50: 4_975, 25: 4_990, 10: 4_995, 1: None}


@pytest.mark.parametrize("tick", TICKS, ids=format_price)
def test_prices_are_multiples_of_the_tick_from_one_tick_to_one_minus_it(tick: int) -> None:
    floor = open_floor([listing(tick=tick)])
    ann = floor.account("ann", 10**12)
    for price in (tick, 10_000 - tick, 5_000, 9_000):
        assert floor.place(ann, YES, BUY, price, 1_000 * SHARE).order.price == price
    off_grid = [price for price in (0, 10_000, TICKS[tick]) if price is not None]
    for bad in off_grid:
        with pytest.raises(Refused, match=f"breaks minimum tick size rule: {format_price(tick)}"):
            floor.place(ann, YES, BUY, bad, 1_000 * SHARE)


def test_after_a_tick_change_old_orders_stay_and_trade_and_new_ones_need_the_new_grid() -> None:
    floor = open_floor([listing(tick=10)])
    ann, bob, market = floor.account("ann"), floor.account("bob"), floor.listings[0]
    old = floor.place(ann, YES, BUY, 4_990, 10 * SHARE)
    floor.lifecycle.retick(market, 100)
    with pytest.raises(Refused, match=r"Price \(0.499\) breaks minimum tick size rule: 0.01"):
        floor.place(ann, YES, BUY, 4_990, 10 * SHARE)
    assert old.order.id in market.book.orders
    floor.place(bob, NO, BUY, 5_100, 10 * SHARE)
    assert (old.status, floor.trades(ann)[0].makers[0].price) == ("MATCHED", 4_990)
    (told,) = floor.events(TickMoved)
    assert (told.listing, told.old, market.market.tick) == (market, 10, 100)
    (line,) = [json.loads(row) for row in floor.diary.getvalue().splitlines() if '"kind":"tick"' in row]
    assert (line["old"], line["new"]) == ("0.001", "0.01")


@pytest.mark.parametrize(
    ("cents", "tick", "finer"),
    [(4, 100, False), (3, 100, True), (96, 100, False), (97, 100, True), (10, 1_000, False), (3, 50, False)],
)
def test_a_trade_beyond_four_or_ninety_six_cents_makes_a_cent_tick_finer(cents: int, tick: int, finer: bool) -> None:
    floor = open_floor([listing(tick=tick)])
    ann, bob = floor.account("ann"), floor.account("bob")
    floor.place(ann, YES, BUY, cents * CENT, 100 * SHARE)
    assert floor.events(TickMoved) == []  # a resting order changes nothing, only a trade does
    floor.place(bob, NO, BUY, (100 - cents) * CENT, 100 * SHARE)
    assert floor.listings[0].market.tick == (10 if finer else tick)
    assert len(floor.events(TickMoved)) == finer


def test_the_finer_tick_can_be_switched_off() -> None:
    floor = open_floor([with_terms(listing(), finer_at_edges=False)])
    floor.place(floor.account("ann"), YES, BUY, 2 * CENT, 100 * SHARE)
    floor.place(floor.account("bob"), NO, BUY, 98 * CENT, 100 * SHARE)
    assert floor.listings[0].market.tick == CENT
