"""The user channel's whole frames, its subscriptions, and several clients of one key (polymarket.md §7)."""

from __future__ import annotations

import json

import pytest
import trio
from polymarket.models.clob.user_events import parse_user_event
from trio.testing import MockClock
from trio_websocket import ConnectionClosed

from tests.emulator.harness import START, frames_until_quiet, open_venue
from tests.emulator.test_sockets import user_socket


async def test_an_order_frame_says_everything(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await user_socket(ann)
        expiration = int(START) + 3_600
        _, placed = await ann.place(
            listing, listing.market.no, "BUY", "0.48", "12.5", life="GTD", expiration=expiration, post_only=True
        )
        (frame,) = await frames_until_quiet(socket)
        timestamp = frame.pop("timestamp")
        assert int(START * 1000) <= int(timestamp) < int(START * 1000) + 1000
        assert frame == {
            "event_type": "order",
            "type": "PLACEMENT",
            "id": placed["orderID"],
            "status": "LIVE",
            "owner": ann.creds["apiKey"],
            "order_owner": ann.creds["apiKey"],
            "market": listing.market.condition_id,
            "asset_id": listing.market.no,
            "side": "BUY",
            "price": "0.48",
            "original_size": "12.5",
            "size_matched": "0",
            "outcome": "No",
            "order_type": "GTD",
            "associate_trades": [],
            "maker_address": ann.address,
            "created_at": str(int(START)),
            "expiration": str(expiration),
        }


async def test_a_trade_frame_says_everything_from_the_makers_side(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        socket = await user_socket(bob)
        _, maker = await bob.place(listing, listing.market.no, "BUY", "0.48", "10")
        _, taker = await ann.place(listing, listing.market.yes, "BUY", "0.52", "10", life="FOK")
        (frame,) = [frame for frame in await frames_until_quiet(socket) if frame["event_type"] == "trade"]
        timestamp = frame.pop("timestamp")
        assert int(timestamp) // 1000 == int(START)
        assert frame == {
            "event_type": "trade",
            "type": "TRADE",
            "id": taker["tradeIDs"][0],
            "taker_order_id": taker["orderID"],
            "market": listing.market.condition_id,
            "asset_id": listing.market.yes,
            "side": "BUY",
            "size": "10",
            "price": "0.52",
            "fee_rate_bps": "0",
            "status": "MATCHED",
            "match_time": str(int(START)),
            "last_update": str(int(START)),
            "outcome": "Yes",
            "owner": ann.creds["apiKey"],
            "trade_owner": ann.creds["apiKey"],
            "maker_address": ann.address,
            "transaction_hash": "",
            "bucket_index": 0,
            "trader_side": "MAKER",
            "maker_orders": [
                {
                    "order_id": maker["orderID"],
                    "owner": bob.creds["apiKey"],
                    "maker_address": bob.address,
                    "matched_amount": "10",
                    "price": "0.48",
                    "fee_rate_bps": "0",
                    "asset_id": listing.market.no,
                    "outcome": "No",
                    "outcome_index": 1,
                    "side": "BUY",
                }
            ],
        }


async def test_the_sdk_reads_every_frame(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        sockets = [await user_socket(ann), await user_socket(bob)]
        _, resting = await bob.place(listing, listing.market.no, "BUY", "0.5", "30")
        for life in ("GTC", "FAK", "FOK"):
            await ann.place(listing, listing.market.yes, "BUY", "0.5", "8", life=life)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "80", life="FOK")
        await bob.cancel(resting["orderID"])
        await trio.sleep(6)
        kinds = set()
        for socket in sockets:
            for frame in await frames_until_quiet(socket):
                kinds.add((frame["event_type"], frame["type"], frame["status"]))
                parse_user_event(frame)
        assert {kind[:2] for kind in kinds} == {
            ("order", "PLACEMENT"),
            ("order", "UPDATE"),
            ("order", "CANCELLATION"),
            ("trade", "TRADE"),
        }
        assert {status for kind, _, status in kinds if kind == "trade"} == {"MATCHED", "MINED", "CONFIRMED"}


async def test_every_client_of_a_key_hears_and_one_leaving_silences_nobody(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        first, second = await user_socket(ann), await user_socket(ann)
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        heard = [await frames_until_quiet(socket) for socket in (first, second)]
        assert [len(frames) for frames in heard] == [1, 1]
        assert heard[0] == heard[1]
        await first.aclose()
        await ann.place(listing, listing.market.yes, "BUY", "0.41", "10")
        assert len(await frames_until_quiet(second)) == 1


async def test_a_second_key_of_the_wallet_hears_the_same(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        _, other = await ann.rest.call("POST", "/auth/api-key", headers=ann.login_headers(nonce=1))
        socket = await venue.socket("/ws/user")
        await socket.send_message(json.dumps({"type": "user", "auth": other}))
        await frames_until_quiet(socket)
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        (frame,) = await frames_until_quiet(socket)
        assert frame["owner"] == ann.creds["apiKey"]


async def test_a_deleted_keys_sockets_end_and_another_keys_do_not(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        _, other = await ann.rest.call("POST", "/auth/api-key", headers=ann.login_headers(nonce=1))
        first, second, bobs = await user_socket(ann), await user_socket(ann), await user_socket(bob)
        kept = await venue.socket("/ws/user")
        await kept.send_message(json.dumps({"type": "user", "auth": other}))
        await frames_until_quiet(kept)
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        assert await ann.call("DELETE", "/auth/api-key") == (200, "OK")
        await bob.place(listing, listing.market.no, "BUY", "0.6", "10")
        for socket in (first, second):
            frame = json.loads(await socket.get_message())
            assert (frame["event_type"], frame["type"]) == ("order", "PLACEMENT")
            with pytest.raises(ConnectionClosed) as ended:
                await socket.get_message()
            assert ended.value.reason is not None
            assert ended.value.reason.code == 1000
        assert [frame["event_type"] for frame in await frames_until_quiet(kept)] == ["order", "order", "trade"]
        assert await frames_until_quiet(bobs)
        before, again = ann.creds, await user_socket(ann)
        with pytest.raises(ConnectionClosed):
            await again.get_message()
        await ann.login()
        assert ann.creds == before  # the same address and nonce always derive the same key


async def test_subscriptions_to_markets_come_and_go(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (first, second, *_) = await venue.trader(), venue.listings
        socket = await user_socket(ann, markets=[first.market.condition_id])

        async def heard(number: int) -> list[str]:
            await frames_until_quiet(socket)
            for listing in (first, second):
                await ann.place(listing, listing.market.yes, "BUY", f"0.1{number}", "10")
            return [frame["market"] for frame in await frames_until_quiet(socket)]

        async def change(operation: str, *markets: str) -> None:
            await socket.send_message(json.dumps({"operation": operation, "markets": markets}))

        assert await heard(1) == [first.market.condition_id]
        await change("subscribe", second.market.condition_id)
        assert await heard(2) == [first.market.condition_id, second.market.condition_id]
        await change("unsubscribe", first.market.condition_id)
        assert await heard(3) == [second.market.condition_id]
        await change("unsubscribe", second.market.condition_id)
        assert await heard(4) == []


async def test_nothing_is_told_before_the_login_and_ping_is_answered(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await venue.socket("/ws/user")
        await socket.send_message("PING")
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        assert await frames_until_quiet(socket) == ["PONG"]
        await socket.send_message("[1]")
        assert await socket.get_message() == "INVALID OPERATION"


@pytest.mark.parametrize("frame", [{"type": "user"}, {"type": "user", "auth": "me"}, {"operation": "subscribe"}])
async def test_a_first_frame_without_credentials_closes_the_socket(
    frame: dict[str, object], autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        socket = await venue.socket("/ws/user")
        await socket.send_message(json.dumps(frame))
        with pytest.raises(ConnectionClosed):
            await socket.get_message()
