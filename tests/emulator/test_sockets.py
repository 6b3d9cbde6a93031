"""What the sockets say: books that a client can follow to the REST book, own orders and trades, and nobody waits."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import MockClock
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream

from adapters.emulator import sockets
from tests.emulator.harness import Trader, Venue, frames_until_quiet, open_venue


async def market_socket(venue: Venue, *tokens: str, **more: object) -> WebSocketConnection:
    socket = await venue.socket("/ws/market")
    await socket.send_message(json.dumps({"type": "market", "assets_ids": list(tokens), **more}))
    return socket


async def user_socket(trader: Trader, **more: object) -> WebSocketConnection:
    socket = await trader.venue.socket("/ws/user")
    await socket.send_message(json.dumps({"type": "user", "auth": trader.creds, **more}))
    return socket


class Follower:
    """A client's book of one token: snapshots replace it, changes set a level."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.sides: dict[str, dict[str, str]] = {"BUY": {}, "SELL": {}}

    def apply(self, frame: dict[str, Any]) -> None:
        if frame["event_type"] == "book" and frame["asset_id"] == self.token:
            self.sides = {side: {level["price"]: level["size"] for level in frame[key]} for side, key in KEYS.items()}
        elif frame["event_type"] == "price_change":
            for change in frame["price_changes"]:
                if change["asset_id"] == self.token:
                    self._set(change)

    def _set(self, change: dict[str, str]) -> None:
        levels = self.sides[change["side"]]
        levels[change["price"]] = change["size"]
        if change["size"] == "0":
            del levels[change["price"]]
        bids, asks = (sorted(map(float, self.sides[side])) for side in ("BUY", "SELL"))
        assert float(change["best_bid"]) == (bids[-1] if bids else 0)
        assert float(change["best_ask"]) == (asks[0] if asks else 1)


KEYS = {"BUY": "bids", "SELL": "asks"}


async def test_a_subscription_brings_one_array_of_books_equal_to_rest(autojump_clock: MockClock) -> None:
    async with open_venue(flow=True) as venue:
        tokens = [token for listing in venue.listings for token in listing.market.tokens]
        socket = await market_socket(venue, *tokens)
        first = json.loads(await socket.get_message())
        assert [frame["event_type"] for frame in first] == ["book"] * 10
        assert {frame["asset_id"] for frame in first} == set(tokens)
        _, rest = await venue.rest().call("GET", f"/book?token_id={tokens[3]}")
        assert rest == {key: value for key, value in first[3].items() if key != "event_type"}


async def test_following_the_frames_ends_at_the_rest_book(autojump_clock: MockClock) -> None:
    """Two minutes of flow, ten followers, and the best prices of every change agree on the way."""
    async with open_venue(flow=True, seed=3) as venue:
        followers = [Follower(token) for listing in venue.listings for token in listing.market.tokens]
        socket = await market_socket(venue, *(follower.token for follower in followers))
        kinds: dict[str, int] = {}
        with trio.move_on_after(120):
            while True:
                frame = json.loads(await socket.get_message())
                for each in frame if isinstance(frame, list) else [frame]:
                    kinds[each["event_type"]] = kinds.get(each["event_type"], 0) + 1
                    for follower in followers:
                        follower.apply(each)
        for each in await last_frames(socket):
            for follower in followers:
                follower.apply(each)
        assert min(kinds[kind] for kind in ("book", "price_change", "last_trade_price")) > 50
        for follower in followers:
            listing = venue.emulator.exchange.listings.by_token[follower.token]
            body = await book(venue, follower.token)
            assert body["market"] == listing.market.condition_id
            assert follower.sides == {side: {x["price"]: x["size"] for x in body[key]} for side, key in KEYS.items()}


async def last_frames(socket: WebSocketConnection) -> list[Any]:
    """What is already under way, without letting the clock move."""
    frames: list[Any] = []
    await trio.testing.wait_all_tasks_blocked()
    with trio.move_on_after(0):
        while True:
            frames.append(json.loads(await socket.get_message()))
    return frames


async def book(venue: Venue, token: str) -> dict[str, Any]:
    _, body = await venue.rest().call("GET", f"/book?token_id={token}")
    return dict(body)


async def test_an_order_moves_both_tokens_in_one_message(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        yes, no = listing.market.tokens
        socket = await market_socket(venue, yes, initial_dump=False)
        await ann.place(listing, yes, "BUY", "0.49", "70")
        (frame,) = await frames_until_quiet(socket)
        changes = [{k: v for k, v in c.items() if k != "hash"} for c in frame["price_changes"]]
        assert changes == [
            {"asset_id": yes, "price": "0.49", "size": "70", "side": "BUY", "best_bid": "0.49", "best_ask": "1"},
            {"asset_id": no, "price": "0.51", "size": "70", "side": "SELL", "best_bid": "0", "best_ask": "0.51"},
        ]


async def test_a_trade_brings_a_print_and_fresh_books(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        socket = await market_socket(venue, *listing.market.tokens, initial_dump=False)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "6")
        frames = await frames_until_quiet(socket)
        assert [frame["event_type"] for frame in frames] == ["last_trade_price", "book", "book"]
        assert (frames[0]["price"], frames[0]["size"], frames[0]["side"]) == ("0.5", "6", "BUY")
        assert frames[1]["asks"] == [{"price": "0.5", "size": "4"}]


async def test_subscriptions_change_while_the_socket_lives(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (first, second, *_) = await venue.trader(), venue.listings
        socket = await market_socket(venue, first.market.yes, "123")
        assert [frame["asset_id"] for frame in await frames_until_quiet(socket)] == [first.market.yes]
        await socket.send_message(json.dumps({"operation": "subscribe", "assets_ids": [second.market.yes]}))
        assert [frame["asset_id"] for frame in await frames_until_quiet(socket)] == [second.market.yes]
        await socket.send_message(json.dumps({"operation": "unsubscribe", "assets_ids": [first.market.yes]}))
        await ann.place(first, first.market.yes, "BUY", "0.4", "10")
        await ann.place(second, second.market.yes, "BUY", "0.4", "10")
        (frame,) = await frames_until_quiet(socket)
        assert frame["market"] == second.market.condition_id


async def test_unknown_assets_bring_silence_and_nonsense_a_word(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        socket = await market_socket(venue, "123456")
        assert await frames_until_quiet(socket) == []
        for nonsense in ("hello", "[]", '{"type":"market"}', "[" * 10_000):
            await socket.send_message(nonsense)
            assert await socket.get_message() == "INVALID OPERATION"
        await socket.send_message("PING")
        assert await socket.get_message() == "PONG"


async def test_an_account_hears_its_orders_and_both_sides_of_a_trade_hear_it(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        ours, theirs = await user_socket(ann), await user_socket(bob)
        _, maker = await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        _, taker = await ann.place(listing, listing.market.yes, "BUY", "0.5", "6")
        await bob.cancel(maker["orderID"])
        heard = await frames_until_quiet(theirs)
        assert [(f["event_type"], f["type"], f.get("size_matched")) for f in heard] == [
            ("order", "PLACEMENT", "0"),
            ("order", "UPDATE", "6"),
            ("trade", "TRADE", None),
            ("order", "CANCELLATION", "6"),
        ]
        assert (heard[2]["trader_side"], heard[2]["taker_order_id"]) == ("MAKER", taker["orderID"])
        (entry,) = heard[2]["maker_orders"]
        assert (entry["order_id"], entry["owner"], entry["matched_amount"]) == (
            maker["orderID"],
            bob.creds["apiKey"],
            "6",
        )
        trades = [f for f in await frames_until_quiet(ours) if f["event_type"] == "trade"]
        assert [(f["trader_side"], f["status"]) for f in trades] == [("TAKER", "MATCHED")]


async def test_every_status_of_a_trade_is_told(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        socket = await user_socket(ann)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        await trio.sleep(6)
        trades = [f for f in await frames_until_quiet(socket) if f["event_type"] == "trade"]
        assert [f["status"] for f in trades] == ["MATCHED", "MINED", "CONFIRMED"]
        assert trades[0]["transaction_hash"] == ""
        assert len(trades[2]["transaction_hash"]) == 66


async def test_a_killed_fok_is_only_a_cancellation(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await user_socket(ann)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "10", life="FOK")
        (frame,) = await frames_until_quiet(socket)
        assert (frame["type"], frame["size_matched"]) == ("CANCELLATION", "0")
        assert frame["status"].startswith("CANCELED_order couldn't be fully filled")


async def test_a_market_filter_narrows_the_user_channel(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (first, second, *_) = await venue.trader(), venue.listings
        socket = await user_socket(ann, markets=[first.market.condition_id])
        await ann.place(second, second.market.yes, "BUY", "0.4", "10")
        await ann.place(first, first.market.yes, "BUY", "0.4", "10")
        assert [f["market"] for f in await frames_until_quiet(socket)] == [first.market.condition_id]
        await socket.send_message(json.dumps({"operation": "subscribe", "markets": [second.market.condition_id]}))
        await ann.place(second, second.market.yes, "BUY", "0.4", "10")
        assert [f["market"] for f in await frames_until_quiet(socket)] == [second.market.condition_id]


@pytest.mark.parametrize("part", ["apiKey", "secret", "passphrase"])
async def test_wrong_credentials_close_the_user_socket(part: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        socket = await venue.socket("/ws/user")
        await socket.send_message(json.dumps({"type": "user", "auth": ann.creds | {part: "wrong"}}))
        with pytest.raises(ConnectionClosed):
            await socket.get_message()


async def test_a_client_that_does_not_read_loses_its_socket_and_delays_nobody(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    monkeypatch.setattr(sockets, "MOST_WAITING", 16)
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        ours, theirs = trio.testing.lockstep_stream_pair()  # a write waits until it is read
        venue.nursery.start_soon(venue.emulator.serve_socket, theirs)
        async with trio.open_nursery() as nursery:
            lazy = await wrap_client_stream(nursery, ours, "venue", "/ws/market")  # type: ignore[arg-type]
            await lazy.send_message(json.dumps({"type": "market", "assets_ids": [listing.market.yes]}))
            nursery.cancel_scope.cancel()  # from now on nobody reads
        before = trio.current_time()
        for _ in range(20):
            await ann.place(listing, listing.market.yes, "BUY", "0.4", "5")
        assert trio.current_time() == before
        assert await ann.open_ids()
        channel = venue.emulator.channels["/ws/market"]
        assert channel.listeners == {}  # type: ignore[attr-defined]
