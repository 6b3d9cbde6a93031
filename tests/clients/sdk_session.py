"""polymarket-client as each kind of wallet, unchanged, against the exchange of a banner (the only argument).

From key creation over a split, orders, fills and cancels, heard on both streams, to a merge through the relayer (or,
for a plain EOA, by its own transactions). Prints what it does; the last line is a JSON report.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

from eth_account import Account
from polymarket import AsyncSecureClient
from polymarket.environments import PRODUCTION
from polymarket.streams import MarketSpec, UserSpec

from tests.clients.sdk import WALLETS, client, environment

Report = dict[str, Any]
SPLIT, MERGED = 80_000_000, 40_000_000  # base units


async def main(banner: dict[str, Any]) -> Report:
    """The maker is the second account's default wallet; every wallet of the first trades with it in a market."""
    async with client(banner, 1, None) as maker:
        print("maker", maker.wallet_type, maker.wallet, "may trade:", await _approved(maker))
        markets = banner["markets"][: len(WALLETS)]
        newcomer = asyncio.create_task(_newcomer(banner, maker))
        sessions = [_session(banner, wallet, market, maker) for wallet, market in zip(WALLETS, markets, strict=True)]
        reports = await asyncio.gather(*sessions)
        return {
            "maker": {"type": maker.wallet_type, "wallet": str(maker.wallet), "cash": await _cash(maker)},
            "newcomer": await newcomer,
            "wallets": dict(zip(WALLETS, reports, strict=True)),
        }


async def _session(banner: dict[str, Any], wallet: str, market: dict[str, Any], maker: AsyncSecureClient) -> Report:
    async with client(banner, 0, wallet) as trader:
        yes, no = market["token_ids"]
        heard: list[Any] = []
        before = await _cash(trader)
        async with (
            await trader.subscribe(UserSpec(markets=[market["condition_id"]])) as own,
            await trader.subscribe(MarketSpec(asset_ids=[yes, no], custom_feature_enabled=True)) as public,
        ):
            listeners = [asyncio.create_task(_hear(stream, heard)) for stream in (own, public)]
            report = await _split(trader, market)
            report |= await _trade(trader, maker, market)
            await asyncio.sleep(0.2)
            for listener in listeners:
                listener.cancel()
        report |= {
            "type": trader.wallet_type,
            "wallet": str(trader.wallet),
            "paid": before - await _cash(trader),
            "shares": [await _shares(trader, token) for token in (yes, no)],
            "heard": dict(Counter(f"{event.topic} {event.type}" for event in heard)),
            **await _read(trader, market),
        }
        print(wallet, json.dumps(report))
        return report


async def _newcomer(banner: dict[str, Any], rich: AsyncSecureClient) -> Report:
    """A key that nobody knows: a builder key, a deposit wallet, somebody's pUSD, all approvals, then an order."""
    key = "0x" + "5a" * 32
    practice = environment(banner)
    signer = str(Account.from_key(key).address)
    async with await AsyncSecureClient.create(private_key=key, wallet=signer, environment=practice) as plain:
        builder = await plain.create_builder_api_key()
    async with await AsyncSecureClient.create(private_key=key, environment=practice, api_key=builder) as trader:
        before = await trader.get_trading_approvals_state()
        token = PRODUCTION._config.collateral_token
        gift = await rich.transfer_erc20(token_address=token, recipient_address=trader.wallet, amount=25_000_000)
        await asyncio.gather(gift.wait(), trader.setup_trading_approvals())
        market = banner["markets"][4]
        order = await trader.place_limit_order(asset_id=market["token_ids"][0], price="0.25", size="40", side="BUY")
        assert order.ok, order
        missing = len(before.missing.erc20) + len(before.missing.erc1155)
        return {
            "type": trader.wallet_type,
            "missing": missing,
            "approved": await _approved(trader),
            "cash": await _cash(trader),
            "order": order.status,
            "gone": len((await trader.cancel_all()).canceled),
        }


async def _hear(stream: Any, heard: list[Any]) -> None:  # noqa: ANN401 - an async iterator of events
    async for event in stream:
        heard.append(event)


async def _split(trader: AsyncSecureClient, market: dict[str, Any]) -> Report:
    handle = await trader.split_position(condition_id=market["condition_id"], amount=SPLIT)
    outcome = await handle.wait()
    yes, no = market["token_ids"]
    return {
        "split": outcome.transaction_hash[:2],
        "relayed": outcome.transaction_id is not None,
        "after_split": [await _shares(trader, token) for token in (yes, no)],
    }


async def _trade(trader: AsyncSecureClient, maker: AsyncSecureClient, market: dict[str, Any]) -> Report:
    """A resting sell of which the maker takes half, a market sell into the maker's bid, one order cancelled."""
    yes, _ = market["token_ids"]
    resting = await trader.place_limit_order(asset_id=yes, price="0.6", size="20", side="SELL", post_only=True)
    taken = await maker.place_limit_order(asset_id=yes, price="0.6", size="10", side="BUY")
    bid = await maker.place_limit_order(asset_id=yes, price="0.5", size="10", side="BUY")
    sold = await trader.place_market_order(asset_id=yes, side="SELL", shares="10", min_price="0.5", order_type="FOK")
    assert resting.ok, resting
    assert taken.ok, taken
    assert bid.ok, bid
    assert sold.ok, sold
    hashes, merged = await asyncio.gather(trader.wait_for_order_fill_settlement(sold), _merge(trader, market))
    opened = [one.id for one in await _all(trader.list_open_orders(market=market["condition_id"]))]
    cancelled = await trader.cancel_order(order_id=resting.order_id)
    again = await trader.place_limit_order(asset_id=yes, price="0.7", size="20", side="SELL", post_only=True)
    assert again.ok, again
    return {
        "statuses": [resting.status, taken.status, bid.status, sold.status],
        "sold_for": str(sold.taking_amount),
        "settled": len(hashes),
        "merged": merged,
        "open": opened == [resting.order_id],
        "cancelled": list(cancelled.canceled) == [resting.order_id],
        "swept": list((await trader.cancel_market_orders(market=market["condition_id"])).canceled) == [again.order_id],
    }


async def _merge(trader: AsyncSecureClient, market: dict[str, Any]) -> str:
    """While the sales settle: what they have promised away cannot be merged."""
    handle = await trader.merge_positions(condition_id=market["condition_id"], amount=MERGED)
    return str((await handle.wait()).transaction_hash)


async def _read(trader: AsyncSecureClient, market: dict[str, Any]) -> Report:
    """Gamma and Data through the client's own models."""
    listed = await trader.get_market(slug=market["slug"])
    trades = await _all(trader.list_account_trades(market=market["condition_id"]))
    positions = await _all(trader.list_positions(condition_id=market["condition_id"], filter_amount=0))
    public = await _all(trader.list_trades(condition_id=market["condition_id"]))
    value = await trader.get_portfolio_value()
    return {
        "gamma": str(listed.condition_id),
        "trades": sorted((str(one.price), str(one.size), one.status) for one in trades),
        "positions": sorted((one.outcome_index, str(one.current_size)) for one in positions),
        "public_trades": len(public),
        "value": value.value > Decimal(0),
        "approved": await _approved(trader),
    }


async def _all(pages: Any) -> list[Any]:  # noqa: ANN401 - a paginator of anything
    return [item async for page in pages for item in page.items]


async def _approved(trader: AsyncSecureClient) -> bool:
    await trader.setup_trading_approvals()
    return bool((await trader.get_trading_approvals_state()).is_fully_approved)


async def _cash(trader: AsyncSecureClient) -> int:
    return int((await trader.get_balance_allowance(asset_type="COLLATERAL")).balance)


async def _shares(trader: AsyncSecureClient, token: str) -> int:
    return int((await trader.get_balance_allowance(asset_type="CONDITIONAL", asset_id=token)).balance)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
