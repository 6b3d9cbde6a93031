"""The market channel's custom features, first frames and first books; what only some clients hear, and when."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from attrs import evolve
from polymarket._internal.streams.clob.market_protocol import parse_events
from trio.testing import MockClock
from trio_websocket import WebSocketConnection

from adapters.emulator.lifecycle import HALVES, NO_WINS, YES_WINS
from adapters.emulator.listings import Draft, Listing, Listings, generate
from tests.emulator.harness import Venue, frames_until_quiet, open_venue
from tests.emulator.test_sockets import market_socket


def kinds(frames: list[Any]) -> list[str]:
    return [frame["event_type"] for frame in frames]


async def send(socket: WebSocketConnection, **frame: object) -> None:
    await socket.send_message(json.dumps(frame))


async def curious(venue: Venue, *tokens: str) -> WebSocketConnection:
    """A client that has asked for the custom features, and been heard."""
    socket = await market_socket(venue, *tokens, custom_feature_enabled=True, initial_dump=False)
    assert await frames_until_quiet(socket) == []
    return socket


async def test_the_best_prices_are_told_when_they_change_and_only_to_the_curious(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        yes, no = listing.market.tokens
        plain, asking = await market_socket(venue, yes, initial_dump=False), await curious(venue, yes, no)
        await ann.place(listing, yes, "BUY", "0.49", "10")
        await ann.place(listing, yes, "BUY", "0.48", "10")
        await ann.place(listing, no, "BUY", "0.47", "10")
        heard = await frames_until_quiet(asking)
        assert kinds(heard) == [
            *("price_change", "best_bid_ask", "best_bid_ask"),
            "price_change",
            *("price_change", "best_bid_ask", "best_bid_ask"),
        ]
        tops = [(f["asset_id"], f["best_bid"], f["best_ask"], f["spread"]) for f in heard if "spread" in f]
        assert tops == [
            (yes, "0.49", "1", "0.51"),
            (no, "0", "0.51", "0.51"),
            (yes, "0.49", "0.53", "0.04"),
            (no, "0.47", "0.51", "0.04"),
        ]
        assert kinds(await frames_until_quiet(plain)) == ["price_change"] * 3


async def test_a_trade_that_moves_the_top_is_followed_by_it(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        yes, no = listing.market.tokens
        await bob.place(listing, no, "BUY", "0.5", "10")
        socket = await curious(venue, yes)
        await ann.place(listing, yes, "BUY", "0.5", "6")
        assert kinds(await frames_until_quiet(socket)) == ["last_trade_price", "book"]
        await ann.place(listing, yes, "BUY", "0.5", "4", life="FOK")
        frames = await frames_until_quiet(socket)
        assert kinds(frames) == ["last_trade_price", "book", "best_bid_ask"]
        assert (frames[2]["best_bid"], frames[2]["best_ask"], frames[2]["spread"]) == ("0", "1", "1")


async def test_the_flag_is_the_connections_and_a_duplicate_subscription_switches_it(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (first, second, *_) = await venue.trader(), venue.listings
        socket = await market_socket(venue, first.market.yes, initial_dump=False)
        await send(socket, operation="subscribe", assets_ids=[second.market.yes], initial_dump=False)
        await ann.place(first, first.market.yes, "BUY", "0.4", "5")
        assert kinds(await frames_until_quiet(socket)) == ["price_change"]
        await send(socket, operation="subscribe", assets_ids=[first.market.yes], custom_feature_enabled=True)
        await frames_until_quiet(socket)
        await ann.place(second, second.market.yes, "BUY", "0.4", "5")
        assert kinds(await frames_until_quiet(socket)) == ["price_change", "best_bid_ask"]
        await send(socket, operation="subscribe", assets_ids=[first.market.yes], custom_feature_enabled=False)
        await frames_until_quiet(socket)
        await ann.place(second, second.market.yes, "BUY", "0.41", "5")
        assert kinds(await frames_until_quiet(socket)) == ["price_change"]


async def test_a_new_market_is_told_to_the_curious_whatever_they_follow(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        plain, asking = await market_socket(venue, venue.listings[0].market.yes), await curious(venue)
        born = generate(8, [Draft("born-later", "Born later?", 0.5, rate=700, category="crypto")]).all[0]
        venue.emulator.desk.lifecycle.open(born)
        (frame,) = await frames_until_quiet(asking)
        assert (frame["event_type"], frame["slug"], frame["market"]) == (
            *("new_market", "born-later"),
            born.market.condition_id,
        )
        assert frame["assets_ids"] == frame["clob_token_ids"] == list(born.market.tokens)
        assert frame["fee_schedule"] == {"exponent": "1", "rate": "0.07", "taker_only": True, "rebate_rate": "0.2"}
        assert frame["order_price_min_tick_size"] == "0.01"
        assert kinds(await frames_until_quiet(plain)) == ["book"]
        await send(asking, operation="subscribe", assets_ids=[born.market.yes])
        assert kinds(await frames_until_quiet(asking)) == ["book"]


@pytest.mark.parametrize(("payouts", "winner"), [(YES_WINS, 0), (NO_WINS, 1), (HALVES, None)])
async def test_a_resolution_is_told_to_the_curious_only(
    payouts: tuple[int, int], winner: int | None, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        listing = venue.listings[0]
        plain, asking = await market_socket(venue, listing.market.yes, initial_dump=False), await curious(venue)
        venue.emulator.desk.lifecycle.propose(listing, payouts)
        assert await frames_until_quiet(asking) == []
        venue.emulator.desk.lifecycle.resolve(listing, payouts)
        (frame,) = await frames_until_quiet(asking)
        assert (frame["event_type"], frame["market"]) == ("market_resolved", listing.market.condition_id)
        assert frame["winning_asset_id"] == ("" if winner is None else listing.market.tokens[winner])
        assert frame["winning_outcome"] == ("" if winner is None else ("Yes", "No")[winner])
        assert "market_resolved" not in kinds(await frames_until_quiet(plain))


async def test_a_resolved_market_is_silent_for_who_comes_late(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        listing = venue.listings[0]
        venue.emulator.desk.lifecycle.resolve(listing, YES_WINS)
        assert await frames_until_quiet(await market_socket(venue, *listing.market.tokens)) == []


async def test_a_finer_grid_is_told_for_both_tokens_to_everybody_there(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        listing = venue.listings[0]
        socket = await market_socket(venue, *listing.market.tokens, initial_dump=False)
        assert await frames_until_quiet(socket) == []
        venue.emulator.desk.lifecycle.retick(listing, 10)
        frames = await frames_until_quiet(socket)
        assert [(f["event_type"], f["asset_id"], f["old_tick_size"], f["new_tick_size"]) for f in frames] == [
            ("tick_size_change", token, "0.01", "0.001") for token in listing.market.tokens
        ]


async def test_only_the_first_book_states_the_markets_facts(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        socket = await market_socket(venue, listing.market.yes)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "6")
        first, _, later = await frames_until_quiet(socket)
        facts = {"min_order_size", "tick_size", "neg_risk", "last_trade_price"}
        assert set(first) - set(later) == facts
        assert set(later) < set(first)


async def test_position_ids_are_marked_as_version_2(autojump_clock: MockClock) -> None:
    old = generate(7).all[0]
    yes = (1 << 248) | (int(old.market.condition_id, 16) >> 136 << 120) | (1 << 8)
    market = evolve(old.market, yes=str(yes), no=str(yes + 1))
    async with open_venue(listings=Listings.of([Listing(market, old.question, old.question_id, old.start)])) as venue:
        (frame,) = await frames_until_quiet(await market_socket(venue, market.yes))
        assert (venue.listings[0].version, frame["version"]) == ("v2", "v2")
    async with open_venue() as venue:
        (frame,) = await frames_until_quiet(await market_socket(venue, venue.listings[0].market.yes))
        assert "version" not in frame


async def test_the_first_frame_must_be_of_type_market(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        token = venue.listings[0].market.yes
        socket = await venue.socket("/ws/market")
        await send(socket, operation="subscribe", assets_ids=[token])
        assert await socket.get_message() == "INVALID OPERATION"
        await send(socket, type="market", assets_ids=[])
        await send(socket, operation="subscribe", assets_ids=[token])
        assert kinds(await frames_until_quiet(socket)) == ["book"]


@pytest.mark.parametrize(("level", "understood"), [(1, True), (2, True), (3, True), (0, False), ("2", False)])
async def test_a_level_of_detail_is_one_two_or_three(
    level: object, understood: bool, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        socket = await market_socket(venue, venue.listings[0].market.yes, level=level)
        text = await socket.get_message()
        assert (text == "INVALID OPERATION") is not understood


async def test_without_an_initial_dump_the_first_word_is_a_change(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await market_socket(venue, listing.market.yes, initial_dump=False)
        assert await frames_until_quiet(socket) == []
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "5")
        assert kinds(await frames_until_quiet(socket)) == ["price_change"]


async def test_the_sdk_reads_every_frame(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True, seed=5) as venue:
        tokens = [token for listing in venue.listings for token in listing.market.tokens]
        socket = await market_socket(venue, *tokens, custom_feature_enabled=True)
        await trio.sleep(20)
        lifecycle = venue.emulator.desk.lifecycle
        lifecycle.retick(venue.listings[1], 10)
        lifecycle.open(generate(8, [Draft("born-later", "Born later?", 0.5)]).all[0])
        lifecycle.resolve(venue.listings[0], HALVES)
        seen: dict[str, None] = {}
        with trio.move_on_after(0.01):
            while True:
                events, dropped = parse_events(json.loads(await socket.get_message()))
                assert dropped == 0
                seen |= dict.fromkeys(event.type for event in events)
        assert set(seen) == {
            *("book", "price_change", "last_trade_price", "best_bid_ask"),
            *("tick_size_change", "new_market", "market_resolved"),
        }


async def test_a_client_that_leaves_is_forgotten(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await curious(venue, venue.listings[0].market.yes)
        await frames_until_quiet(socket)
        await socket.aclose()
        channel: Any = venue.emulator.channels["/ws/market"]
        assert (channel.listeners, channel.curious) == ({}, {})
