"""Keys, balances, cancels, heartbeats and settlement, as one account sees them."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from actors.model.numbers import PUSD
from adapters.emulator import signatures
from tests.emulator.harness import START, Trader, Venue, open_venue


async def filled(venue: Venue) -> tuple[Trader, Trader]:
    """Bob's resting NO bid of 10 at 0.45 has been taken by Ann's YES buy."""
    ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
    await bob.place(listing, listing.market.no, "BUY", "0.45", "10")
    await ann.place(listing, listing.market.yes, "BUY", "0.55", "10")
    return ann, bob


async def test_a_key_is_made_once_and_derived_again(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        assert await ann.rest.call("POST", "/auth/api-key", headers=ann.login_headers()) == (
            400,
            {"error": "Could not create api key"},
        )
        assert await ann.rest.call("GET", "/auth/derive-api-key", headers=ann.login_headers()) == (200, ann.creds)
        assert await ann.call("GET", "/auth/api-keys") == (200, {"apiKeys": [ann.creds["apiKey"]]})
        _, other = await ann.rest.call("GET", "/auth/derive-api-key", headers=ann.login_headers(nonce=1))
        assert other == {"error": "Could not derive api key!"}


@pytest.mark.parametrize("skew", [-31, 31])
async def test_a_stale_clock_is_refused_at_both_levels(autojump_clock: MockClock, skew: int) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        headers = ann.login_headers(skew=skew)
        assert await ann.rest.call("GET", "/auth/derive-api-key", headers=headers) == (
            401,
            {"error": "Invalid L1 Request headers"},
        )
        headers = ann.headers("GET", "/data/orders", "", skew=skew)
        assert await ann.rest.call("GET", "/data/orders", headers=headers) == (
            401,
            {"error": "Unauthorized/Invalid api key"},
        )


@pytest.mark.parametrize(
    "name", ["POLY_ADDRESS", "POLY_SIGNATURE", "POLY_TIMESTAMP", "POLY_API_KEY", "POLY_PASSPHRASE"]
)
async def test_every_header_of_a_private_call_is_checked(autojump_clock: MockClock, name: str) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        headers = ann.headers("GET", "/data/orders", "")
        assert (await ann.rest.call("GET", "/data/orders", headers=headers))[0] == 200
        headers[name] = headers[name][:-2] + ("00" if not headers[name].endswith("00") else "11")
        assert (await ann.rest.call("GET", "/data/orders", headers=headers))[0] == 401
        del headers[name]
        assert (await ann.rest.call("GET", "/data/orders", headers=headers))[0] == 401


async def test_a_body_changed_after_signing_is_refused(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        headers = ann.headers("DELETE", "/orders", "[]")
        assert (await ann.rest.call("DELETE", "/orders", b"[ ]", headers))[0] == 401


async def test_a_trade_settles_mined_after_two_seconds_and_confirmed_three_later(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob = await filled(venue)
        yes, no = venue.listings[0].market.tokens

        async def status() -> str:
            _, page = await ann.call("GET", "/data/trades")
            return str(page["data"][0]["status"])

        assert (await status(), await ann.balance(), await ann.balance(yes)) == (
            "TRADE_STATUS_MATCHED",
            10_000 * PUSD,
            0,
        )
        await trio.sleep(2.01)
        assert (await status(), await ann.balance(yes), await bob.balance(no)) == ("TRADE_STATUS_MINED", 10**7, 10**7)
        assert await ann.balance() == 10_000 * PUSD - 5_500_000 - 99_000
        assert await bob.balance() == 10_000 * PUSD - 4_500_000
        await trio.sleep(3)
        assert await status() == "TRADE_STATUS_CONFIRMED"


async def test_money_is_conserved_between_accounts_fees_and_minted_pairs(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        accounts = venue.emulator.exchange.accounts
        funded = accounts.total
        ann, bob = await filled(venue)
        await trio.sleep(3)
        listing = venue.listings[0]
        await ann.place(listing, listing.market.yes, "SELL", "0.4", "7.77")
        await bob.place(listing, listing.market.no, "SELL", "0.6", "7.77")
        await trio.sleep(3)
        assert accounts.minted == 10_000_000 - 7_770_000
        assert accounts.fees > 0
        assert sum(a.cash for a in accounts.by_address.values()) + accounts.fees + accounts.minted == funded
        for token in listing.market.tokens:
            assert sum(a.shares[token] for a in accounts.by_address.values()) == accounts.minted


async def test_cancels_answer_per_id(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        _, mine = await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        _, theirs = await bob.place(listing, listing.market.yes, "BUY", "0.4", "10")
        unknown = "0x" + "ab" * 32
        _, answer = await ann.cancel(mine["orderID"], theirs["orderID"], unknown)
        assert answer["canceled"] == [mine["orderID"]]
        assert set(answer["not_canceled"]) == {theirs["orderID"], unknown}
        _, again = await ann.call("DELETE", "/order", {"orderID": mine["orderID"]})
        assert again == {"canceled": [], "not_canceled": {mine["orderID"]: "already canceled or matched"}}
        assert await ann.call("DELETE", "/order", {"orderID": "0x12"}) == (400, {"error": "Invalid orderID"})
        assert await bob.open_ids() == [theirs["orderID"]]


async def test_cancel_market_and_cancel_all_take_only_what_they_name(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, (first, second, *_) = await venue.trader(), venue.listings
        ids = [
            (await ann.place(listing, token, "BUY", "0.4", "10"))[1]["orderID"]
            for listing in (first, second)
            for token in listing.market.tokens
        ]
        _, by_token = await ann.call("DELETE", "/cancel-market-orders", {"asset_id": first.market.no})
        assert by_token["canceled"] == [ids[1]]
        _, by_market = await ann.call("DELETE", "/cancel-market-orders", {"market": second.market.condition_id})
        assert by_market["canceled"] == ids[2:]
        _, rest = await ann.call("DELETE", "/cancel-all")
        assert rest == {"canceled": [ids[0]], "not_canceled": {}}


async def test_a_gtd_order_leaves_sixty_seconds_before_its_expiration(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        _, placed = await ann.place(
            listing, listing.market.yes, "BUY", "0.4", "10", life="GTD", expiration=int(START) + 300
        )
        await trio.sleep(239)
        assert await ann.open_ids() == [placed["orderID"]]
        await trio.sleep(2)
        assert await ann.open_ids() == []
        _, order = await ann.call("GET", f"/data/order/{placed['orderID']}")
        assert order["status"] == "CANCELED_EXPIRED_ORDER"


async def beat(trader: Trader, heartbeat_id: str) -> tuple[int, dict[str, str]]:
    return await trader.call("POST", "/v1/heartbeats", {"heartbeat_id": heartbeat_id})


async def test_orders_die_ten_to_fifteen_seconds_after_the_last_heartbeat(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        await bob.place(listing, listing.market.yes, "BUY", "0.4", "10")
        await trio.sleep(30)
        assert len(await ann.open_ids()) == 1  # nobody armed the switch yet
        _, first = await beat(ann, "")
        await trio.sleep(5)
        assert (await beat(ann, first["heartbeat_id"]))[0] == 200
        await trio.sleep(9.9)
        assert len(await ann.open_ids()) == 1
        await trio.sleep(5.2)
        assert (len(await ann.open_ids()), len(await bob.open_ids())) == (0, 1)
        assert (await beat(ann, ""))[0] == 200  # the registration was dropped with the orders


async def test_a_wrong_heartbeat_id_is_told_the_right_one_and_does_not_count(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        _, first = await beat(ann, "")
        await trio.sleep(8)
        status, answer = await beat(ann, "wrong")
        assert (status, answer) == (400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": first["heartbeat_id"]})
        await trio.sleep(8)
        assert await ann.open_ids() == []


async def test_pages_follow_the_cursor_to_the_end(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        for _ in range(101):
            await ann.place(listing, listing.market.yes, "BUY", "0.1", "5")
        _, page = await ann.call("GET", "/data/orders", query="?next_cursor=MA==")
        assert (page["count"], page["limit"]) == (100, 100)
        _, rest = await ann.call("GET", "/data/orders", query=f"?next_cursor={page['next_cursor']}")
        assert (rest["count"], rest["next_cursor"]) == (1, "LTE=")
        assert len({order["id"] for order in page["data"] + rest["data"]}) == 101


async def test_trades_are_found_by_id_market_asset_maker_and_time(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob = await filled(venue)
        market = venue.listings[0].market
        _, page = await ann.call("GET", "/data/trades")
        trade = page["data"][0]
        at = int(trade["match_time"])
        hits = [
            f"id={trade['id']}",
            f"market={market.condition_id}",
            f"asset_id={market.no}",
            f"maker_address={bob.address}",
            f"after={at}&before={at}",
        ]
        misses = ["id=x", "market=0x", "asset_id=1", "maker_address=0x", f"after={at + 1}", f"before={at - 1}"]
        for query, expected in [*((hit, 1) for hit in hits), *((miss, 0) for miss in misses)]:
            _, page = await ann.call("GET", "/data/trades", query=f"?{query}")
            assert (query, page["count"]) == (query, expected)


async def test_an_unknown_wallet_gets_a_key_and_an_empty_account(autojump_clock: MockClock) -> None:
    from py_clob_client_v2.signer import Signer

    async with open_venue() as venue:
        stranger = Trader(venue, Signer("0x" + "11" * 32, 137), venue.rest())
        await stranger.login()
        assert await stranger.balance() == 0
        listing = venue.listings[0]
        status, answer = await stranger.place(listing, listing.market.yes, "BUY", "0.5", "10")
        assert (status, "balance: 0" in answer["error"]) == (400, True)


async def test_a_wallet_that_has_approved_nothing_is_refused_until_it_has(autojump_clock: MockClock) -> None:
    from py_clob_client_v2.signer import Signer

    async with open_venue() as venue:
        stranger = Trader(venue, Signer("0x" + "11" * 32, 137), venue.rest())
        await stranger.login()
        account, listing = venue.emulator.desk.exchange.accounts.open(stranger.address), venue.listings[0]
        account.cash = 100 * PUSD
        status, answer = await stranger.place(listing, listing.market.yes, "BUY", "0.5", "10")
        assert (status, answer["error"]) == (
            400,
            "not enough balance / allowance: the allowance is not enough -> "
            f"spender: {signatures.EXCHANGE}, allowance: 0, order amount: 5000000",
        )
        venue.emulator.desk.chain.approve(account, signatures.EXCHANGE)
        assert (await stranger.place(listing, listing.market.yes, "BUY", "0.5", "10"))[0] == 200
