"""Placing orders: what the exchange takes, what it answers, and every refusal with the venue's own text."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator import signatures
from tests.emulator.harness import Trader, Venue, open_venue


async def test_a_resting_order_is_live_and_its_id_is_its_hash(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        body = ann.order(listing, listing.market.yes, "BUY", "0.5", "10")
        status, answer = await ann.call("POST", "/order", body)
        assert status == 200
        assert answer == {
            "success": True,
            "errorMsg": "",
            "orderID": answer["orderID"],
            "status": "live",
            "makingAmount": "",
            "takingAmount": "",
            "tradeIDs": [],
            "transactionsHashes": [],
        }
        assert len(answer["orderID"]) == 66
        _, order = await ann.call("GET", f"/data/order/{answer['orderID']}")
        assert (order["status"], order["price"], order["original_size"], order["size_matched"]) == (
            "LIVE",
            "0.5",
            "10",
            "0",
        )
        assert await ann.open_ids() == [answer["orderID"]]


async def test_a_crossing_order_is_matched_at_the_makers_price_with_a_fee(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.45", "10")
        _, answer = await ann.place(listing, listing.market.yes, "BUY", "0.6", "10")
        assert (answer["status"], answer["makingAmount"], answer["takingAmount"]) == ("matched", "5.5", "10")
        _, page = await ann.call("GET", "/data/trades")
        (trade,) = page["data"]
        assert trade["id"] == answer["tradeIDs"][0]
        assert (trade["price"], trade["size"], trade["trader_side"]) == ("0.55", "10", "TAKER")
        (maker,) = trade["maker_orders"]
        assert (maker["price"], maker["side"], maker["asset_id"]) == ("0.45", "BUY", listing.market.no)
        _, page = await bob.call("GET", "/data/trades")
        assert page["data"][0]["trader_side"] == "MAKER"


async def test_a_sweep_of_two_levels_is_two_trades_of_exact_price(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        for price in ("0.45", "0.44"):
            await bob.place(listing, listing.market.no, "BUY", price, "10")
        _, answer = await ann.place(listing, listing.market.yes, "BUY", "0.6", "20")
        _, page = await ann.call("GET", "/data/trades")
        assert sorted((t["price"], t["size"], t["bucket_index"]) for t in page["data"]) == [
            ("0.55", "10", 0),
            ("0.56", "10", 1),
        ]
        assert len(answer["tradeIDs"]) == 2


async def test_a_market_buy_spends_its_amount_and_gets_more_shares_when_they_are_cheaper(
    autojump_clock: MockClock,
) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.6", "100")
        _, answer = await ann.place(
            listing, listing.market.yes, "BUY", "0.5", "20", life="FAK", amounts=(10_000_000, 20_000_000)
        )
        assert (answer["makingAmount"], answer["takingAmount"]) == ("10", "25")


async def test_a_partly_filled_fak_is_matched_and_its_rest_is_gone(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        _, answer = await ann.place(listing, listing.market.yes, "BUY", "0.5", "40", life="FAK")
        assert (answer["status"], answer["takingAmount"]) == ("matched", "10")
        assert await ann.open_ids() == []
        _, order = await ann.call("GET", f"/data/order/{answer['orderID']}")
        assert (order["status"], order["size_matched"]) == ("CANCELED", "10")


async def test_a_batch_answers_each_leg_on_its_own(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        good = ann.order(listing, listing.market.yes, "BUY", "0.5", "10")
        small = ann.order(listing, listing.market.yes, "BUY", "0.5", "1")
        status, legs = await ann.call("POST", "/orders", [good, small])
        assert status == 200
        assert [leg["status"] for leg in legs] == ["live", ""]
        assert (legs[1]["success"], legs[1]["orderID"]) == (True, "")
        assert "lower than the minimum: 5" in legs[1]["errorMsg"]


def fok(price: str = "0.5", size: str = "20") -> dict[str, Any]:
    return {"price": price, "size": size, "life": "FOK"}


REFUSALS: dict[str, tuple[dict[str, Any], int, str]] = {
    "off the grid": ({"price": "0.505"}, 400, "Price (0.505) breaks minimum tick size rule: 0.01"),
    "outside the grid": ({"amounts": (10_000_000, 10_000_000)}, 400, "Price (1) breaks minimum tick size rule: 0.01"),
    "a limit buy too fine": (
        {"size": "10.001", "amounts": (5_000_500, 10_001_000)},
        400,
        "invalid amounts, the limit buy orders taker amount supports a max accuracy of 2 decimals",
    ),
    "too small": ({"size": "4.99"}, 400, "Size (4.99) lower than the minimum: 5"),
    "GTC with expiration": ({"expiration": 2_000_000_000}, 400, "invalid expiration"),
    "GTD without": ({"life": "GTD"}, 400, "invalid expiration"),
    "GTD too soon": ({"life": "GTD", "expiration": 1_763_628_100}, 400, "invalid expiration"),
    "too dear": (
        {"size": "30000"},
        400,
        "not enough balance / allowance: the balance is not enough -> balance: 10000000000, order amount: 15000000000",
    ),
    "FOK with nothing there": (fok(), 400, "order couldn't be fully filled. FOK orders are fully filled or killed."),
    "FAK with nothing there": ({"life": "FAK"}, 400, "no orders found to match with FAK order."),
    "too fine for a market buy": (
        fok("0.57", "12.34"),
        400,
        "the market buy orders maker amount supports a max accuracy of 2 decimals",
    ),
    "small market buy": (fok("0.01", "50"), 400, "invalid amount for a marketable BUY order ($0.5), min size: $1"),
    "another market's contract": ({"contract": signatures.NEG_RISK_EXCHANGE}, 400, "invalid signature"),
    "version 1": ({"version": "1"}, 400, "order_version_mismatch"),
    "version 3": ({"version": "3", "contract": signatures.EXCHANGE_V3}, 400, "order_version_mismatch"),
    "post-only FOK": (fok() | {"post_only": True}, 400, "Invalid order payload"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_bad_order_is_refused_in_the_venues_words(autojump_clock: MockClock, case: str) -> None:
    changes, code, text = REFUSALS[case]
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        wanted = {"price": "0.5", "size": "10"} | changes
        status, answer = await ann.place(listing, listing.market.yes, "BUY", **wanted)
        assert status == code
        assert text in answer["error"]
        assert await ann.open_ids() == []


async def crossing(venue: Venue) -> Trader:
    bob, listing = await venue.trader(1), venue.listings[0]
    await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
    return await venue.trader(0)


async def test_a_post_only_order_that_would_take_is_refused_and_nothing_trades(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await crossing(venue), venue.listings[0]
        status, answer = await ann.place(listing, listing.market.yes, "BUY", "0.5", "10", post_only=True)
        assert (status, answer) == (400, {"error": "invalid post-only order: order crosses book"})
        _, page = await ann.call("GET", "/data/trades")
        assert page["data"] == []


async def test_the_same_signed_order_twice_is_duplicated(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        body = ann.order(listing, listing.market.yes, "BUY", "0.5", "10")
        _, first = await ann.call("POST", "/order", body)
        status, answer = await ann.call("POST", "/order", body)
        assert (status, answer["error"]) == (400, f"order {first['orderID']} is invalid. Duplicated.")
        await ann.cancel(first["orderID"])
        assert (await ann.call("POST", "/order", body))[0] == 400


async def test_open_orders_count_against_the_balance(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        assert (await ann.place(listing, listing.market.yes, "BUY", "0.5", "15000"))[0] == 200
        status, answer = await ann.place(listing, listing.market.yes, "BUY", "0.5", "6000")
        assert status == 400
        assert "sum of active orders: 7500000000, order amount: 3000000000" in answer["error"]


async def test_shares_bought_can_be_sold_only_after_they_are_mined(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await crossing(venue), venue.listings[0]
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        early, refused = await ann.place(listing, listing.market.yes, "SELL", "0.6", "10")
        assert (early, "balance: 0, order amount: 10000000" in refused["error"]) == (400, True)
        await trio.sleep(2.1)
        assert (await ann.place(listing, listing.market.yes, "SELL", "0.6", "10"))[0] == 200
        assert (await ann.place(listing, listing.market.yes, "SELL", "0.6", "5"))[0] == 400


async def test_an_order_of_somebody_elses_key_is_refused(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        theirs = bob.order(listing, listing.market.yes, "BUY", "0.5", "10")
        status, answer = await ann.call("POST", "/order", theirs)
        assert (status, answer["error"]) == (400, "the order owner has to be the owner of the API KEY")
        theirs["owner"] = ann.creds["apiKey"]
        status, answer = await ann.call("POST", "/order", theirs)
        assert answer["error"] == "the order signer address has to be the address of the API KEY"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body["order"].pop("salt"),
        lambda body: body["order"].update(salt="12"),
        lambda body: body["order"].update(makerAmount="-5"),
        lambda body: body["order"].update(makerAmount="9" * 100),
        lambda body: body["order"].update(takerAmount="0"),
        lambda body: body["order"].update(side="HOLD"),
        lambda body: body["order"].update(signature="0x12"),
        lambda body: body.update(orderType="IOC"),
        lambda body: body.update(deferExec=True),
        lambda body: body.update(order=[]),
        lambda body: body.pop("owner"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_an_invalid_payload(autojump_clock: MockClock, spoil: Any) -> None:  # noqa: ANN401
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        body = ann.order(listing, listing.market.yes, "BUY", "0.5", "10")
        spoil(body)
        assert await ann.call("POST", "/order", body) == (400, {"error": "Invalid order payload"})


async def test_a_v1_body_is_a_version_mismatch_and_sixteen_orders_are_too_many(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        body = ann.order(listing, listing.market.yes, "BUY", "0.5", "10")
        old = {**body["order"], "nonce": "0", "feeRateBps": "0"}
        del old["timestamp"]
        v1 = {"order": old, "owner": "", "orderType": "GTC"}
        assert await ann.call("POST", "/order", v1) == (400, {"error": "order_version_mismatch"})
        _, answer = await ann.call("POST", "/orders", [body] * 16)
        assert answer["error"] == "Too many orders in payload: 16, max allowed: 15"


async def test_an_own_order_in_the_way_is_cancelled_before_a_self_trade(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        _, first = await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        _, second = await ann.place(listing, listing.market.no, "BUY", "0.5", "10")
        assert (second["status"], await ann.open_ids()) == ("live", [second["orderID"]])
        _, order = await ann.call("GET", f"/data/order/{first['orderID']}")
        assert order["status"] == "CANCELED"


async def test_a_taker_needs_the_fee_on_top_of_the_cost(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await crossing(venue), venue.listings[0]
        account = venue.emulator.exchange.accounts.get(ann.address)
        assert account is not None
        account.cash = 5_000_000
        assert (await ann.place(listing, listing.market.yes, "BUY", "0.5", "10"))[0] == 400
        account.cash = 5_200_000
        assert (await ann.place(listing, listing.market.yes, "BUY", "0.5", "10"))[0] == 200


async def test_a_resting_kind_of_order_needs_a_dollar_too_where_it_would_take(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.9", "10")
        status, answer = await ann.place(listing, listing.market.yes, "BUY", "0.1", "9")
        assert (status, answer["error"]) == (400, "invalid amount for a marketable BUY order ($0.9), min size: $1")
        assert (await ann.place(listing, listing.market.yes, "BUY", "0.09", "9"))[0] == 200
        assert (await ann.place(listing, listing.market.yes, "BUY", "0.1", "10"))[1]["status"] == "matched"


async def test_a_closed_market_is_not_ready_for_orders(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        venue.emulator.desk.lifecycle.close(listing)
        assert await ann.place(listing, listing.market.yes, "BUY", "0.5", "10") == (
            400,
            {"error": "the market is not yet ready to process new orders"},
        )
