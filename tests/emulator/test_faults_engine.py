"""The engine's bad times, as a client sees them: restarts, post-only, cancel-only, disabled (F6, F7, F8)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.faulty import Entry, batch, heard, kinds, open_ids, raw, user_socket, with_and_without
from tests.emulator.harness import START, Trader, Venue

POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"


async def tries(ann: Trader) -> dict[str, int]:
    """The status of one call of each sort; what was placed is cancelled again."""
    listing, seen = ann.venue.listings[0], {}
    yes = listing.market.yes
    seen["post"], placed = await ann.place(listing, yes, "BUY", "0.3", "10")
    seen["post_only"], _ = await ann.place(listing, yes, "BUY", "0.3", "10", post_only=True)
    seen["cancel"], _ = await ann.cancel(str(placed.get("orderID", "0x" + "0" * 64)))
    seen["cancel_all"], _ = await ann.call("DELETE", "/cancel-all")
    seen["beat"], _ = await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
    seen["read"], _ = await ann.call("GET", "/data/orders")
    return seen


FINE = dict.fromkeys(("post", "post_only", "cancel", "cancel_all", "read"), 200)
AWAY = {**dict.fromkeys(("post", "post_only", "cancel", "cancel_all"), 425), "read": 200}


@pytest.mark.parametrize(("heartbeats", "beats"), [(True, [425, 200, 200]), (False, [200, 200, 200])])
async def test_a_restart_is_a_spell_of_425_and_then_one_of_post_only(
    heartbeats: bool, beats: list[int], autojump_clock: MockClock
) -> None:
    async def scenario(venue: Venue) -> list[dict[str, int]]:
        ann, seen = await venue.trader(), []
        for until in (50.0, 150.0, 230.0):
            await trio.sleep(until - venue.wall() + START)
            seen.append(await tries(ann))
        return seen

    entry: Entry = {"kind": "restart", "at": 10, "heartbeats": heartbeats}
    seen, plain = await with_and_without(scenario, entry)
    assert [{k: v for k, v in part.items() if k != "beat"} for part in seen] == [AWAY, {**FINE, "post": 400}, FINE]
    assert [part["beat"] for part in seen] == beats
    assert all({k: v for k, v in part.items() if k != "beat"} == FINE for part in plain)


async def test_post_only_mode_has_the_venues_text_and_code(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> Any:  # noqa: ANN401 - JSON
        ann = await venue.trader()
        return await ann.place(venue.listings[0], venue.listings[0].market.yes, "BUY", "0.3", "10")

    (status, body), plain = await with_and_without(scenario, {"kind": "post_only", "for": 60})
    assert (status, body["error"], body["code"]) == (400, POST_ONLY, "post_only_mode")
    assert plain[0] == 200


async def test_post_only_mode_may_also_be_a_503_with_retry_after(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, str | None]:
        ann, listing = await venue.trader(), venue.listings[0]

        body = json.dumps(ann.order(listing, listing.market.yes, "BUY", "0.3", "10"))
        seen = await raw(venue.rest(), "POST", "/order", body.encode(), ann.headers("POST", "/order", body))
        return seen.status, dict(seen.headers).get("retry-after")

    seen, plain = await with_and_without(scenario, {"kind": "post_only", "code": 503})
    assert seen == (503, "60")
    assert plain == (200, None)


async def test_in_post_only_mode_a_batch_loses_its_takers_alone(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann, listing = await venue.trader(), venue.listings[0]
        maker, taker, other = (
            ann.order(listing, listing.market.yes, "BUY", price, "10", post_only=only)
            for price, only in (("0.3", True), ("0.31", False), ("0.32", True))
        )
        _, legs = await batch(ann, taker, maker, other)
        assert {leg["orderID"] for leg in legs if leg["orderID"]} == set(open_ids(venue, ann))
        return [leg["errorMsg"] for leg in legs]

    seen, plain = await with_and_without(scenario, {"kind": "post_only"})
    assert seen == [POST_ONLY, "", ""]
    assert plain == ["", "", ""]


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        ("cancel_only", {**FINE, "post": 503, "post_only": 503}),
        ("disabled", {**FINE, "post": 503, "post_only": 503, "cancel": 503, "cancel_all": 503}),
    ],
)
async def test_trading_may_be_switched_off_with_cancels_or_without(
    kind: str, statuses: dict[str, int], autojump_clock: MockClock
) -> None:
    async def scenario(venue: Venue) -> tuple[dict[str, int], dict[str, int]]:
        ann = await venue.trader()
        seen = await tries(ann)
        await trio.sleep(61)
        after = await tries(ann)
        return {**seen, "beat": 200}, {**after, "beat": 200}

    (seen, after), plain = await with_and_without(scenario, {"kind": kind, "for": 60})
    assert seen == {**statuses, "beat": 200}
    assert after == {**FINE, "beat": 200}
    assert plain == (after, after)


async def test_disabled_trading_says_so(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> Any:  # noqa: ANN401 - JSON
        return await (await venue.trader()).call("DELETE", "/cancel-all")

    seen, plain = await with_and_without(scenario, {"kind": "disabled"})
    assert seen == (503, {"error": "trading is disabled"})
    assert plain[0] == 200


@pytest.mark.parametrize("restart", [True, False])
async def test_orders_may_be_gone_after_a_restart_and_nobody_says_so(restart: bool, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, list[str], list[str]]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket = await user_socket(ann)
        _, placed = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
        events = kinds(await heard(socket, 20))
        _, page = await ann.call("GET", "/data/orders")
        _, order = await ann.call("GET", f"/data/order/{placed['orderID']}")
        return len(page["data"]), events, [order and order["status"]]

    entry: Entry = {"kind": "restart", "lose_orders": True} if restart else {"kind": "lose_orders"}
    seen, plain = await with_and_without(scenario, {**entry, "at": 10})
    assert seen == (0, ["order"], ["CANCELED"])
    assert plain == (1, ["order"], ["LIVE"])


async def test_a_lost_order_may_leave_no_trace(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> Any:  # noqa: ANN401 - JSON
        ann, listing = await venue.trader(), venue.listings[0]
        _, placed = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
        await trio.sleep(1)
        _, order = await ann.call("GET", f"/data/order/{placed['orderID']}")
        return order and order["status"]

    seen, plain = await with_and_without(scenario, {"kind": "lose_orders", "forget": True, "on": "order", "after": 0.5})
    assert (seen, plain) == (None, "LIVE")
