"""Private REST beside orders: who may call, keys of every kind, wallets, allowances, notifications, delayed orders."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from attrs import evolve
from polymarket._internal.actions import account as sdk_account
from polymarket._internal.actions import auth as sdk_auth
from polymarket._internal.actions import builders as sdk_builders
from polymarket._internal.hmac import build_hmac_signature
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
from py_clob_client_v2.order_utils.model.side import Side as SdkSide
from py_clob_client_v2.order_utils.model.signature_type_v2 import SignatureTypeV2
from trio.testing import MockClock

from actors.model.numbers import PUSD
from adapters.emulator import signatures, wallets
from adapters.emulator.accounts import EXCHANGES
from adapters.emulator.builders import code_of
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.routes_account import PRIVATE
from adapters.emulator.settlement import Fate
from tests.emulator.harness import Trader, Venue, frames_until_quiet, open_venue
from tests.emulator.test_sockets import user_socket

NOBODY = "0x" + "ee" * 32


async def get(trader: Trader, path: str, query: str = "", status: int = 200) -> Any:  # noqa: ANN401 - JSON
    got, body = await trader.call("GET", path, query=query)
    assert got == status, body
    return body


@pytest.mark.parametrize(("method", "path"), PRIVATE, ids=lambda part: str(part).replace("/", "."))
async def test_no_private_call_works_without_the_right_key(method: str, path: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        place = path.replace("*", NOBODY)
        refused = (401, {"error": "Unauthorized/Invalid api key"})
        assert await ann.rest.call(method, place) == refused
        stale = ann.headers(method, place, "", skew=-31)
        assert await ann.rest.call(method, place, headers=stale) == refused
        for header in ("POLY_SIGNATURE", "POLY_PASSPHRASE", "POLY_API_KEY", "POLY_ADDRESS"):
            wrong = {**ann.headers(method, place, ""), header: "wrong"}
            assert await ann.rest.call(method, place, headers=wrong) == refused


async def test_a_deleted_key_is_gone_and_can_be_made_again(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        _, second = await ann.rest.call("POST", "/auth/api-key", headers=ann.login_headers(nonce=1))
        keys = sdk_auth.parse_api_keys_response(await get(ann, "/auth/api-keys"))
        assert keys == (ann.creds["apiKey"], second["apiKey"])
        assert await ann.call("DELETE", "/auth/api-key") == (200, "OK")
        await get(ann, "/auth/api-keys", status=401)
        assert (await ann.rest.call("GET", "/auth/derive-api-key", headers=ann.login_headers()))[0] == 400
        await ann.login()
        assert set(sdk_auth.parse_api_keys_response(await get(ann, "/auth/api-keys"))) == set(keys)


async def test_readonly_keys_belong_to_who_made_them(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob = await venue.trader(0), await venue.trader(1)
        _, made = await ann.call("POST", "/auth/readonly-api-key")
        assert await get(ann, "/auth/readonly-api-keys") == [made["apiKey"]]
        assert await get(bob, "/auth/readonly-api-keys") == []
        assert await bob.call("DELETE", "/auth/readonly-api-key", {"key": made["apiKey"]}) == (200, False)
        assert await ann.call("DELETE", "/auth/readonly-api-key", {"key": made["apiKey"]}) == (200, True)
        assert await get(ann, "/auth/readonly-api-keys") == []
        assert (await ann.call("DELETE", "/auth/readonly-api-key", {}))[0] == 400


async def test_a_readonly_key_reads_what_is_its_owners_and_writes_nothing(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        _, placed = await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        _, made = await ann.call("POST", "/auth/readonly-api-key")
        headers = {"POLY_READONLY_API_KEY": made["apiKey"], "POLY_ADDRESS": ann.address}
        refused = (401, {"error": "Unauthorized/Invalid api key"})
        rest = venue.rest()
        for method, path in PRIVATE:
            status, _ = await rest.call(method, path.replace("*", NOBODY), headers=headers)
            assert (status == 401) is (method != "GET"), (method, path)
        status, page = await rest.call("GET", "/data/orders", headers=headers)
        assert (status, [order["id"] for order in page["data"]]) == (200, [placed["orderID"]])
        for wrong in ({"POLY_ADDRESS": bob.address}, {"POLY_ADDRESS": ""}, {"POLY_READONLY_API_KEY": NOBODY}):
            assert await rest.call("GET", "/data/orders", headers=headers | wrong) == refused
        assert await ann.open_ids() == [placed["orderID"]]
        await ann.call("DELETE", "/auth/readonly-api-key", {"key": made["apiKey"]})
        assert await rest.call("GET", "/data/orders", headers=headers) == refused


def signed_by_builder(venue: Venue, key: Any, method: str, path: str) -> dict[str, str]:  # noqa: ANN401 - SDK
    stamp = int(venue.wall())
    return {
        "POLY_BUILDER_API_KEY": key.key,
        "POLY_BUILDER_PASSPHRASE": key.passphrase,
        "POLY_BUILDER_SIGNATURE": build_hmac_signature(secret=key.secret, timestamp=stamp, method=method, path=path),
        "POLY_BUILDER_TIMESTAMP": str(stamp),
    }


async def test_a_builder_key_ends_itself_and_the_account_ends_the_rest(autojump_clock: MockClock) -> None:
    place = "/auth/builder-api-key"
    async with open_venue() as venue:
        ann = await venue.trader()
        code = code_of(ann.address)
        assert (await ann.rest.call("GET", f"/fees/builder-fees/{code}"))[0] == 404
        keys = [sdk_auth.parse_builder_api_key_creds((await ann.call("POST", place))[1]) for _ in range(3)]
        assert (await ann.rest.call("GET", f"/fees/builder-fees/{code}"))[0] == 200
        headers = signed_by_builder(venue, keys[1], "DELETE", place)
        wrong = {**headers, "POLY_BUILDER_SIGNATURE": "wrong"}
        assert (await ann.rest.call("DELETE", place, headers=wrong))[0] == 401
        assert await ann.rest.call("DELETE", place, headers=headers) == (200, "OK")
        assert (await ann.rest.call("DELETE", place, headers=headers))[0] == 401
        listed = sdk_auth.parse_builder_api_keys_response(await get(ann, place))
        assert [(one.key, one.revoked_at is None) for one in listed] == [
            (key.key, number != 1) for number, key in enumerate(keys)
        ]
        assert await ann.call("DELETE", place) == (200, "OK")
        listed = sdk_auth.parse_builder_api_keys_response(await get(ann, place))
        assert all(one.revoked_at is not None for one in listed)


async def test_trades_are_told_to_the_builder_whose_code_they_carry(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        code = code_of(bob.address)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        await as_wallet(ann, ann.address, 0, listing.market.yes, builder=code)
        page = await venue.rest().call("GET", f"/builder/trades?builder_code={code}")
        (trade,) = sdk_builders.parse_builder_trades_page(page[1]).items
        assert (trade.trade_type, trade.builder, trade.owner, float(trade.size_usdc)) == (
            *("TAKER", code),
            *(ann.creds["apiKey"], 5.0),
        )
        assert float(trade.fee_usdc) == listing.market.fees.taker_fee(5_000, 10**7) / PUSD
        other = await venue.rest().call("GET", f"/builder/trades?builder_code={code_of(ann.address)}")
        assert other[1]["data"] == []
        assert (await venue.rest().call("GET", f"/builder/trades?builder_code=0x{'0' * 64}"))[0] == 400


async def as_wallet(trader: Trader, wallet: str, kind: int, token: str, *, builder: str = "") -> Any:  # noqa: ANN401
    """Buy 10 at 0.5 as one of the key's wallets; signed by the official library."""
    salt = next(trader.salts)
    factory = ExchangeOrderBuilderV2(signatures.EXCHANGE, 137, trader.signer, lambda: str(salt), "2")
    signed = factory.build_signed_order(
        OrderDataV2(
            maker=wallet,
            signer=trader.address,
            tokenId=token,
            makerAmount="5000000",
            takerAmount="10000000",
            side=SdkSide.BUY,
            timestamp=str(int(trader.venue.wall() * 1000)),
            signatureType=SignatureTypeV2(kind),
            **({"builder": builder} if builder else {}),
        )
    )
    status, answer = await trader.call("POST", "/order", order_to_json_v2(signed, trader.creds["apiKey"], "GTC", False))
    assert status == 200, answer
    return answer


async def test_the_signature_type_selects_the_wallet_and_a_key_sees_all_of_them(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        proxy = wallets.of(ann.address).proxy
        account = venue.emulator.exchange.accounts.open(proxy)
        account.cash = 777 * PUSD
        account.approve_exchanges()
        socket = await user_socket(ann)
        for kind, cash in ((0, 10_000), (1, 777)):
            query = f"?asset_type=COLLATERAL&signature_type={kind}"
            balance = sdk_account.parse_balance_allowance(await get(ann, "/balance-allowance", query))
            assert balance.balance == cash * PUSD
        await get(ann, "/balance-allowance", "?asset_type=COLLATERAL&signature_type=4", 400)
        placed = await as_wallet(ann, proxy, 1, listing.market.yes)
        await trio.sleep(1)
        own = (await ann.place(listing, listing.market.yes, "BUY", "0.4", "10"))[1]
        page = sdk_account.parse_open_orders_page(await get(ann, "/data/orders"))
        assert [order.maker_address for order in page.items] == [proxy, ann.address]
        assert (await get(ann, f"/data/order/{placed['orderID']}"))["status"] == "LIVE"
        heard = await frames_until_quiet(socket)
        assert [frame["maker_address"] for frame in heard] == [proxy, ann.address]
        _, swept = await ann.call("DELETE", "/cancel-all")
        assert swept["canceled"] == [placed["orderID"], own["orderID"]]


async def test_a_trade_between_wallets_of_one_key_is_told_once(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        safe = wallets.of(ann.address).safe
        account = venue.emulator.exchange.accounts.open(safe)
        account.cash = 100 * PUSD
        account.approve_exchanges()
        await ann.place(listing, listing.market.no, "BUY", "0.5", "10")
        socket = await user_socket(ann)
        await as_wallet(ann, safe, 2, listing.market.yes)
        trades = [frame for frame in await frames_until_quiet(socket) if frame["event_type"] == "trade"]
        assert [(trade["trader_side"], trade["maker_address"]) for trade in trades] == [("TAKER", safe)]
        (told,) = sdk_account.parse_account_trades_page(await get(ann, "/data/trades")).items
        assert (told.trader_side, told.maker_address) == ("TAKER", safe)


async def test_heartbeats_guard_the_orders_of_every_wallet(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        proxy = wallets.of(ann.address).proxy
        account = venue.emulator.exchange.accounts.open(proxy)
        account.cash = 100 * PUSD
        account.approve_exchanges()
        await as_wallet(ann, proxy, 1, listing.market.yes)
        await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        await trio.sleep(16)
        assert await ann.open_ids() == []


async def test_allowances_are_per_contract_and_read_from_the_chain(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        account = venue.emulator.exchange.accounts.open(ann.address)
        account.allowances = {EXCHANGES[0].lower(): 5 * PUSD}
        account.operators = {EXCHANGES[2].lower()}
        cash = await get(ann, "/balance-allowance", "?asset_type=COLLATERAL")
        assert cash["allowances"] == {EXCHANGES[0]: "5000000", EXCHANGES[1]: "0", EXCHANGES[2]: "0"}
        query = f"?asset_type=CONDITIONAL&token_id={listing.market.yes}"
        shares = await get(ann, "/balance-allowance", query)
        assert [int(most) > 0 for most in shares["allowances"].values()] == [False, False, True]
        await get(ann, "/balance-allowance", "?asset_type=CONDITIONAL", 400)
        await get(ann, "/balance-allowance", "?asset_type=GOLD", 400)


async def test_an_update_makes_the_venue_look_again(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        account, query = venue.emulator.exchange.accounts.open(ann.address), "?asset_type=COLLATERAL"
        account.freeze()
        account.cash += PUSD
        assert (await get(ann, "/balance-allowance", query))["balance"] == str(10_000 * PUSD)
        await get(ann, "/balance-allowance/update", query)
        assert (await get(ann, "/balance-allowance", query))["balance"] == str(10_001 * PUSD)


async def test_the_sdk_reads_every_notification_and_drops_go_to_the_owner_only(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        fates = iter((Fate(), Fate(fails=True)))
        venue.emulator.exchange.settlement.fate = lambda trade: next(fates)
        _, resting = await bob.place(listing, listing.market.no, "BUY", "0.5", "30")
        for _ in range(2):
            await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        await bob.cancel(resting["orderID"])
        await trio.sleep(6)
        venue.emulator.desk.lifecycle.resolve(listing, YES_WINS)
        rows = await get(bob, "/notifications", "?signature_type=0")
        assert [row["type"] for row in rows] == [4, 8, 1, 2, 2]
        told = sdk_account.parse_notifications(rows)
        assert [one.id for one in told] == [row["id"] for row in rows]
        assert await get(bob, "/notifications", "?signature_type=3") == []
        ids = ",".join(str(one.id) for one in told[:2])
        assert await ann.call("DELETE", "/notifications", query=f"?ids={ids}") == (200, "OK")
        assert len(await get(bob, "/notifications")) == 5
        assert await bob.call("DELETE", "/notifications", query=f"?ids={ids}&ids={told[2].id}") == (200, "OK")
        assert [row["type"] for row in await get(bob, "/notifications")] == [2, 2]
        assert (await bob.call("DELETE", "/notifications", query="?ids=x"))[0] == 400


async def test_a_delayed_order_says_so_and_cannot_be_cancelled(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        listing.terms = evolve(listing.terms, delay=3.0)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        _, held = await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        assert (held["success"], held["status"], held["tradeIDs"], held["makingAmount"]) == (True, "delayed", [], "")
        assert (await get(ann, f"/data/order/{held['orderID']}"))["status"] == "DELAYED"
        _, refused = await ann.cancel(held["orderID"])
        assert refused == {
            "canceled": [],
            "not_canceled": {held["orderID"]: "order is delayed and cannot be canceled"},
        }
        await trio.sleep(3.1)
        assert (await get(ann, f"/data/order/{held['orderID']}"))["status"] == "MATCHED"


async def test_what_nobody_has_here_is_answered_empty(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        empty = {"limit": 100, "count": 0, "next_cursor": "LTE=", "data": []}
        assert await get(ann, "/data/pre-migration-orders") == empty
        assert sdk_account.parse_closed_only_mode(await get(ann, "/auth/ban-status/closed-only")) is False
        signers = await get(ann, "/v1/user/session-signers")
        assert signers == {"signers": [], "wallet": wallets.of(ann.address).deposit}
        for path in ("/v1/session-signers/authorizations", "/v1/session-signers/revocations"):
            assert (await ann.call("POST", path, {}))[0] == 400
