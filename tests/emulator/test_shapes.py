"""The emulator's messages have the keys of real ones (shared samples, read in place; skipped where absent)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.listings import Draft, generate
from tests.emulator.harness import Venue, frames_until_quiet, open_venue
from tests.emulator.test_sockets import market_socket, user_socket

SAMPLES = Path(__file__).parents[3] / "shared" / "fixtures" / "wire"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared wire samples are not on this machine")


def sample(name: str) -> Any:  # noqa: ANN401 - JSON
    """The first message of a sample file."""
    path = SAMPLES / name
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    return json.loads(text.splitlines()[0] if ".jsonl" in name else text)


def keys(message: dict[str, Any]) -> set[str]:
    return set(message)


async def traded(venue: Venue) -> tuple[list[Any], list[Any], Any, Any]:
    """Frames of both sockets around one trade, and its order and trade over REST, as the maker sees them."""
    ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
    market, user = await market_socket(venue, listing.market.yes), await user_socket(bob)
    await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
    await ann.place(listing, listing.market.yes, "BUY", "0.5", "6")
    _, orders = await bob.call("GET", "/data/orders")
    _, trades = await bob.call("GET", "/data/trades")
    return await frames_until_quiet(market), await frames_until_quiet(user), orders["data"][0], trades["data"][0]


async def test_market_frames_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        frames, *_ = await traded(venue)
        by_type = {frame["event_type"]: frame for frame in frames}
        change = sample("clob_ws_market/jg_price_change_202604.jsonl")
        assert keys(by_type["price_change"]) == keys(change)
        assert keys(by_type["price_change"]["price_changes"][0]) == keys(change["price_changes"][0])
        assert keys(by_type["last_trade_price"]) >= keys(sample("clob_ws_market/nt_ws_market_last_trade_msg.json"))
        (first, *_) = sample("clob_ws_market/mf_replay_20260519.jsonl")
        assert keys(first) <= keys(frames[0])
        assert keys(sample("clob_ws_market/nt_ws_market_book_msg.json")) <= keys(by_type["book"])


async def test_news_of_markets_has_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing, lifecycle = await venue.trader(0), venue.listings[0], venue.emulator.desk.lifecycle
        market = await market_socket(venue, listing.market.yes, custom_feature_enabled=True)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        lifecycle.retick(listing, 10)
        for fresh in generate(8, [Draft("born-later", "Born later?", 0.5)]).all:
            lifecycle.open(fresh)
        lifecycle.resolve(listing, YES_WINS)
        by_type = {frame["event_type"]: frame for frame in await frames_until_quiet(market)}
        assert keys(by_type["best_bid_ask"]) == keys(sample("clob_ws_market/nt_ws_market_best_bid_ask_msg.json"))
        assert keys(by_type["tick_size_change"]) == keys(sample("clob_ws_market/nt_ws_market_tick_size_msg.json"))
        born, real = by_type["new_market"], sample("clob_ws_market/jg_new_market_202604.jsonl")
        assert list(born) == list(real)
        assert keys(born["event_message"]) == keys(real["event_message"])
        assert keys(born["fee_schedule"]) == keys(real["fee_schedule"])
        resolved, real = by_type["market_resolved"], sample("clob_ws_market/rs_market_resolved.json")
        assert keys(resolved) == keys(real) | {"tags"}  # the sample is an example of the documentation, before tags
        assert keys(resolved["event_message"]) == keys(real["event_message"])


async def test_rest_books_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        _, book = await venue.rest().call("GET", f"/book?token_id={venue.listings[0].market.yes}")
        assert keys(book) == keys(sample("clob_rest/jg_book_202604.jsonl"))


async def test_user_frames_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        _, frames, *_ = await traded(venue)
        order = next(frame for frame in frames if frame["event_type"] == "order")
        trade = next(frame for frame in frames if frame["event_type"] == "trade")
        assert keys(order) == keys(sample("clob_ws_user/ntpy_order_placement.json"))
        assert keys(trade) == keys(sample("clob_ws_user/ntpy_user_trade3.json"))
        entry = sample("clob_ws_user/ntpy_user_trade3.json")["maker_orders"][0]
        assert keys(trade["maker_orders"][0]) == keys(entry) | {"outcome_index"}


async def test_rest_orders_trades_and_answers_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        _, _, order, trade = await traded(venue)
        await trio.sleep(3)
        ann, listing = await venue.trader(), venue.listings[0]
        ann.creds = (await ann.rest.call("GET", "/auth/derive-api-key", headers=ann.login_headers()))[1]
        _, answer = await ann.place(listing, listing.market.yes, "BUY", "0.1", "10")
        assert keys(order) == keys(sample("clob_rest/nt_http_open_order.json"))
        assert keys(trade) == keys(sample("clob_rest/nt_http_trade_report.json"))
        real = sample("clob_rest/td_poly_full_fill_real.json")["response"]["body_parsed"]
        assert keys(answer) == keys(real) | {"tradeIDs"}  # since 2026-07-24 trades are named, hashes are not
        _, cancelled = await ann.cancel(answer["orderID"])
        assert keys(cancelled) == keys(sample("clob_rest/nt_http_cancel_response_ok.json"))


async def test_market_objects_have_the_keys_of_real_ones(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        _, page = await venue.rest().call("GET", "/markets")
        assert keys(page["data"][0]) == keys(sample("clob_rest/nt_clob_market_closed_binary_accepting_true.json"))
