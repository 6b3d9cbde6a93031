"""Public REST: markets through their life, prices of many tokens at once, history, rewards; SDK models judge shapes."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import trio
from attrs import evolve
from polymarket._internal.actions import rewards as sdk_rewards
from polymarket._internal.actions.orders.market_data import _parse_market_info
from trio.testing import MockClock

from actors.model.numbers import PUSD, SHARE
from adapters.emulator.lifecycle import HALVES, NO_WINS, YES_WINS
from adapters.emulator.terms import Rewards
from tests.emulator.harness import START, Trader, Venue, open_venue

NOBODY = "0x" + "ee" * 32


async def get(venue: Venue, target: str, status: int = 200, service: str = "clob") -> Any:  # noqa: ANN401 - JSON
    got, body = await venue.rest(service).call("GET", target)
    assert got == status, body
    return body


async def post(venue: Venue, target: str, body: object, status: int = 200) -> Any:  # noqa: ANN401 - JSON
    got, answer = await venue.rest().call("POST", target, json.dumps(body).encode())
    assert got == status, answer
    return answer


async def trade(ann: Trader, bob: Trader, price: str, size: str = "10", number: int = 0) -> None:
    """Ann buys YES at `price` from Bob's bid for NO."""
    listing = ann.venue.listings[number]
    await bob.place(listing, listing.market.no, "BUY", f"{1 - float(price):.2f}", size)
    _, answer = await ann.place(listing, listing.market.yes, "BUY", price, size)
    assert answer["status"] == "matched"


async def test_sampling_markets_are_those_that_pay_and_take_orders(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        paying = venue.listings[0]
        for path in ("/sampling-markets", "/sampling-simplified-markets"):
            page = await get(venue, path)
            assert [market["condition_id"] for market in page["data"]] == [paying.market.condition_id]
        assert (await get(venue, "/simplified-markets"))["count"] == 5
        venue.emulator.desk.lifecycle.close(paying)
        assert (await get(venue, "/sampling-markets"))["data"] == []


async def test_a_simplified_market_is_a_part_of_the_full_one(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        full = (await get(venue, "/markets"))["data"]
        simple = (await get(venue, "/simplified-markets"))["data"]
        assert all(one.items() <= other.items() for one, other in zip(simple, full, strict=True))
        assert set(simple[0]) == {
            *("condition_id", "rewards", "tokens", "active", "closed", "archived", "accepting_orders")
        }
        assert full[0]["rewards"]["rates"][0]["rewards_daily_rate"] == 100
        assert full[1]["rewards"] == {"rates": None, "min_size": 0, "max_spread": 0}


async def test_a_market_closes_to_orders_first_and_names_its_winner_last(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        listing, lifecycle = venue.listings[0], venue.emulator.desk.lifecycle
        place, keys = f"/markets/{listing.market.condition_id}", ("accepting_orders", "closed", "enable_order_book")
        market = await get(venue, place)
        assert [market[key] for key in keys] == [True, False, True]
        for step in (lifecycle.close, partial(lifecycle.propose, payouts=YES_WINS), lifecycle.dispute):
            step(listing)
            market = await get(venue, place)
            assert [market[key] for key in keys] == [False, False, True]
            assert not any(token["winner"] for token in market["tokens"])
        lifecycle.resolve(listing, NO_WINS)
        market = await get(venue, place)
        assert [market[key] for key in keys] == [False, True, False]
        assert [(token["winner"], token["price"]) for token in market["tokens"]] == [(False, 0), (True, 1)]
        assert market["is_50_50_outcome"] is False
        compact = await get(venue, f"/clob-markets/{listing.market.condition_id}")
        assert compact["ao"] is False


async def test_nobody_wins_a_market_that_pays_halves(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        listing = venue.listings[0]
        venue.emulator.desk.lifecycle.resolve(listing, HALVES)
        market = await get(venue, f"/markets/{listing.market.condition_id}")
        assert market["is_50_50_outcome"] is True
        assert [(token["winner"], token["price"]) for token in market["tokens"]] == [(False, 0.5), (False, 0.5)]


async def test_a_resolved_market_has_no_book_but_still_its_facts(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await trade(ann, bob, "0.55")
        venue.emulator.desk.lifecycle.resolve(listing, NO_WINS)
        token = listing.market.yes
        for path in ("/book", "/midpoint", "/spread"):
            refused = await get(venue, f"{path}?token_id={token}", 404)
            assert refused == {"error": "No orderbook exists for the requested token id"}
        assert await post(venue, "/books", [{"token_id": token}]) == []
        assert await get(venue, f"/tick-size?token_id={token}") == {"minimum_tick_size": 0.01}
        assert (await get(venue, f"/last-trade-price?token_id={token}"))["price"] == "0.55"


@pytest.mark.parametrize(
    ("delay", "seconds", "itode"), [(0.0, 0, None), (0.25, 0, True), (3.0, 3, None)], ids=["none", "crypto", "sports"]
)
async def test_a_taker_delay_is_announced(
    delay: float, seconds: int, itode: bool | None, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        listing = venue.listings[0]
        listing.terms = evolve(listing.terms, delay=delay, labels=("Up", "Down"))
        listing.market = evolve(listing.market, ends_at=START + 900)
        full = await get(venue, f"/markets/{listing.market.condition_id}")
        compact = await get(venue, f"/clob-markets/{listing.market.condition_id}")
        assert (full["seconds_delay"], compact["sd"], compact.get("itode")) == (seconds, seconds, itode)
        assert full["end_date_iso"] == "2025-11-20T08:55:00Z"
        assert (
            [token["outcome"] for token in full["tokens"]] == [token["o"] for token in compact["t"]] == ["Up", "Down"]
        )


async def test_the_sdk_reads_every_compact_market(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        for listing in venue.listings:
            compact = await get(venue, f"/clob-markets/{listing.market.condition_id}")
            info = _parse_market_info(compact)
            assert (float(info.tick_size), info.neg_risk) == (listing.market.tick / 10_000, listing.market.neg_risk)
            assert float(info.fee_info.rate) == listing.market.fees.rate / 10_000
        assert compact.get("r") is None
        first = await get(venue, f"/clob-markets/{venue.listings[0].market.condition_id}")
        assert first["r"] == {"mi": 20, "ma": 3.5, "moas": 30}


async def test_many_tokens_are_answered_at_once_and_unknown_ones_left_out(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, (first, second, *_) = await venue.trader(0), await venue.trader(1), venue.listings
        await ann.place(first, first.market.yes, "BUY", "0.48", "10")
        await bob.place(first, first.market.no, "BUY", "0.5", "10")
        await ann.place(second, second.market.yes, "BUY", "0.3", "10")
        yes, no, lone = first.market.yes, first.market.no, second.market.yes
        batch = [{"token_id": token} for token in (yes, no, lone, "123")]
        assert await post(venue, "/midpoints", batch) == {yes: "0.49", no: "0.51"}
        assert await post(venue, "/spreads", batch) == {yes: "0.02", no: "0.02"}
        assert [book["asset_id"] for book in await post(venue, "/books", batch)] == [yes, no, lone]
        sides = [{"token_id": token, "side": side} for token in (yes, lone) for side in ("BUY", "SELL")]
        assert await post(venue, "/prices", sides) == {yes: {"BUY": "0.48", "SELL": "0.5"}, lone: {"BUY": "0.3"}}
        assert await post(venue, "/last-trades-prices", batch) == []


async def test_one_side_is_enough_for_a_price(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        await ann.place(listing, listing.market.yes, "BUY", "0.48", "10")
        place = f"/price?token_id={listing.market.yes}"
        assert await get(venue, f"{place}&side=buy") == {"price": "0.48"}
        await get(venue, f"{place}&side=SELL", 404)
        assert await get(venue, place, 400) == {"error": "Invalid side"}
        await get(venue, f"/midpoint?token_id={listing.market.yes}", 404)


@pytest.mark.parametrize("path", ["/books", "/midpoints", "/prices", "/spreads", "/last-trades-prices"])
@pytest.mark.parametrize("body", [None, {}, ["11"], [{"token": "11"}]])
async def test_a_batch_that_is_none_is_refused(path: str, body: object, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        assert await post(venue, path, body, 400) == {"error": "Invalid payload"}


async def test_history_keeps_the_last_print_of_every_step_seen_from_the_token(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        for price, pause in (("0.5", 10), ("0.52", 600), ("0.54", 7200), ("0.6", 0)):
            await trade(ann, bob, price)
            await trio.sleep(pause)
        place = f"/prices-history?market={listing.market.yes}"
        whole = (await get(venue, f"{place}&interval=max"))["history"]
        assert [point["p"] for point in whole] == [0.52, 0.54, 0.6]
        assert [point["t"] - int(START) for point in whole] == [10, 610, 7810]
        assert [p["p"] for p in (await get(venue, f"{place}&interval=1h"))["history"]] == [0.6]
        assert [p["p"] for p in (await get(venue, f"{place}&interval=max&fidelity=60"))["history"]] == [0.54, 0.6]
        span = f"&startTs={int(START) + 600}&endTs={int(START) + 700}"
        assert [p["p"] for p in (await get(venue, place + span))["history"]] == [0.54]
        other = f"/prices-history?market={listing.market.no}&interval=max"
        assert [point["p"] for point in (await get(venue, other))["history"]] == [0.48, 0.46, 0.4]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("interval=2y", 400),
        ("interval=1h&startTs=1", 400),
        ("startTs=yesterday", 400),
        ("interval=1h&fidelity=-1", 400),
    ],
)
async def test_a_history_of_nonsense_is_refused(query: str, status: int, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        await get(venue, f"/prices-history?market={venue.listings[0].market.yes}&{query}", status)
        await get(venue, "/prices-history?interval=1h", 400)
        await get(venue, "/prices-history?market=123&interval=1h", 404)


async def test_live_activity_is_the_newest_trade_first(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await trade(ann, bob, "0.5")
        await trade(ann, bob, "0.52")
        place = f"/markets/live-activity/{listing.market.condition_id}"
        events = await get(venue, place)
        assert [event["price"] for event in events] == ["0.52", "0.5"]
        assert events[0]["market"]["asset_id"] == listing.market.yes
        assert events[0]["user"]["address"] == ann.address
        assert (events[0]["outcome"], events[0]["outcome_index"], events[0]["transaction_hash"]) == ("Yes", 0, "")
        await trio.sleep(3)
        assert len((await get(venue, place))[0]["transaction_hash"]) == 66
        await get(venue, f"/markets/live-activity/{NOBODY}", 404)


async def test_the_sdk_reads_the_reward_programmes(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        await ann.place(listing, listing.market.yes, "BUY", "0.49", "100")
        await ann.place(listing, listing.market.no, "BUY", "0.49", "100")
        (current,) = sdk_rewards.parse_current_rewards_page(await get(venue, "/rewards/markets/current")).items
        assert current.condition_id == listing.market.condition_id
        assert current.native_daily_rate == Decimal(100)
        page = await get(venue, f"/rewards/markets/{listing.market.condition_id}")
        (market,) = sdk_rewards.parse_market_rewards_page(page).items
        assert (market.rewards_max_spread, market.rewards_min_size) == (3.5, Decimal(20))
        assert market.market_competitiveness == pytest.approx(100 * ((3.5 - 1) / 3.5) ** 2, abs=1e-3)
        (found,) = sdk_rewards.parse_reward_markets_page(await get(venue, "/rewards/markets/multi")).items
        assert (found.market_slug, found.event_slug, float(found.spread)) == ("demo-election", "demo-election", 0.02)
        assert (await get(venue, f"/rewards/markets/{venue.listings[1].market.condition_id}"))["data"] == []


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("order_by=rate_per_day&position=DESC", ["demo-rates", "demo-election"]),
        ("order_by=rate_per_day&position=ASC", ["demo-election", "demo-rates"]),
        ("q=ELECTION", ["demo-election"]),
        ("tag_slug=economics", ["demo-rates"]),
        ("tag_slug=economics&tag_slug=politics", ["demo-election", "demo-rates"]),
        ("market_id=500002", ["demo-rates"]),
        ("min_spread=0.5&max_spread=1", ["demo-election", "demo-rates"]),
        ("max_spread=0.5", []),
        ("page_size=1&next_cursor=MQ==", ["demo-rates"]),
    ],
)
async def test_reward_markets_are_filtered_and_sorted(query: str, slugs: list[str], autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        other = venue.listings[1]
        other.terms = evolve(other.terms, rewards=Rewards(200 * PUSD, 50 * SHARE, 300))
        page = await get(venue, f"/rewards/markets/multi?{query}")
        assert [row["market_slug"] for row in page["data"]] == slugs


async def test_the_sdk_reads_the_rebates_of_a_day(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await trade(ann, bob, "0.5", "1000")
        await trio.sleep(3)
        place = f"/rebates/current?maker_address={bob.address}"
        (rebate,) = sdk_rewards.parse_current_rebates(await get(venue, f"{place}&date=2025-11-20"))
        fee = listing.market.fees.taker_fee(5_000, 1_000 * SHARE)
        assert int(rebate.rebated_fees_usdc * PUSD) == fee * 2_500 // 10_000
        assert (rebate.condition_id, rebate.maker_address) == (listing.market.condition_id, bob.address)
        assert await get(venue, f"{place}&date=2025-11-19") == []
        assert await get(venue, f"/rebates/current?date=2025-11-20&maker_address={'0x' + 'ab' * 20}") == []
        await get(venue, f"{place}&date=yesterday", 400)
        await get(venue, "/rebates/current?date=2025-11-20&maker_address=bob", 400)


@pytest.mark.parametrize("service", ["clob", "gamma", "data", "relayer"])
async def test_nobody_is_blocked_by_geography(service: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        answer = await get(venue, "/api/geoblock", service=service)
        assert set(answer) == {"blocked", "ip", "country", "region"}
        assert answer["blocked"] is False


@pytest.mark.parametrize(
    "path",
    [f"/markets/{NOBODY}", f"/clob-markets/{NOBODY}", "/book?token_id=1", "/fees/builder-fees/0x1", "/rfq/config"],
)
async def test_what_is_unknown_is_not_found(path: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        assert set(await get(venue, path, 404)) == {"error"}
