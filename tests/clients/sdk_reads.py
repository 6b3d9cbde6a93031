"""Every read of polymarket-client that a CLOB bot uses, against the exchange of a banner (the only argument).

Each answer passes the client's own strict models, or the session fails and names it. The last line is a JSON report.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any

from polymarket import AsyncSecureClient
from polymarket.models.clob import PriceRequest

from tests.clients.sdk import client

Reads = Mapping[str, Awaitable[Any]]


async def main(banner: dict[str, Any]) -> dict[str, Any]:
    market = banner["markets"][0]
    async with client(banner, 0, "deposit_wallet") as trader:
        bid = await trader.place_limit_order(asset_id=market["token_ids"][0], price="0.02", size="20", side="BUY")
        assert bid.ok, bid
        await trader.create_builder_api_key()
        done: dict[str, str] = {}
        failed: dict[str, str] = {}
        for reads in (
            _public(trader, market),
            _found(trader, market),
            _own(trader, bid.order_id),
            _paid(trader, market),
        ):
            for name, read in reads.items():
                try:
                    done[name] = repr(await read)[:100]
                    print(name, done[name])
                except Exception as problem:  # noqa: BLE001 - whatever it is, it is reported by name
                    failed[name] = repr(problem)
        return {"read": sorted(done), "failed": failed}


def _public(trader: AsyncSecureClient, market: dict[str, Any]) -> Reads:
    yes, no = market["token_ids"]
    return {
        "midpoint": trader.get_midpoint(asset_id=yes),
        "midpoints": trader.get_midpoints(asset_ids=[yes, no]),
        "price": trader.get_price(asset_id=yes, side="BUY"),
        "prices": trader.get_prices(requests=[PriceRequest(asset_id=yes, side="SELL")]),
        "book": trader.get_order_book(asset_id=no),
        "books": trader.get_order_books(asset_ids=[yes, no]),
        "spread": trader.get_spread(asset_id=yes),
        "spreads": trader.get_spreads(asset_ids=[yes, no]),
        "last trade": trader.get_last_trade_price(asset_id=yes),
        "last trades": trader.get_last_trade_prices(asset_ids=[yes, no]),
        "estimate": trader.estimate_market_price(asset_id=yes, side="BUY", amount="5"),
    }


def _found(trader: AsyncSecureClient, market: dict[str, Any]) -> Reads:
    """Gamma and Data."""
    yes, condition = market["token_ids"][0], market["condition_id"]
    return {
        "market": trader.get_market(slug=market["slug"]),
        "markets": _all(trader.list_markets(closed=False)),
        "markets by condition": _all(trader.list_markets(condition_ids=[condition])),
        "markets by token": _all(trader.list_markets(clob_token_ids=[yes])),
        "event": trader.get_event(slug=market["slug"]),
        "events": _all(trader.list_events(closed=False)),
        "series": _all(trader.list_series()),
        "tags": _all(trader.list_tags()),
        "search": _all(trader.search(q="demo")),
        "positions": _all(trader.list_positions(filter_amount=0)),
        "public trades": _all(trader.list_trades(condition_id=condition)),
        "activity": _all(trader.list_activity()),
        "value": trader.get_portfolio_value(),
        "resolutions": trader.get_resolutions(condition_ids=[condition]),
        "approvals": trader.get_trading_approvals_state(),
    }


def _own(trader: AsyncSecureClient, order_id: str) -> Reads:
    return {
        "api keys": trader.fetch_api_keys(),
        "builder keys": trader.fetch_builder_api_keys(),
        "closed only": trader.get_closed_only_mode(),
        "open orders": _all(trader.list_open_orders()),
        "order": trader.get_order(order_id=order_id),
        "own trades": _all(trader.list_account_trades()),
        "notifications": trader.get_notifications(),
        "dropped": trader.drop_notifications(ids=["1"]),
        "cash": trader.get_balance_allowance(asset_type="COLLATERAL"),
        "heartbeat": trader.send_order_heartbeat(),
        "scoring": trader.get_order_scoring(order_id=order_id),
        "scorings": trader.get_orders_scoring(order_ids=[order_id]),
        "session keys": trader.fetch_session_keys(),
    }


def _paid(trader: AsyncSecureClient, market: dict[str, Any]) -> Reads:
    today, code = datetime.now(UTC).strftime("%Y-%m-%d"), f"0x{'0' * 24}{trader.signer[2:].lower()}"
    return {
        "reward markets": _all(trader.list_reward_markets()),
        "current rewards": _all(trader.list_current_rewards()),
        "market rewards": _all(trader.list_market_rewards(condition_id=market["condition_id"])),
        "earnings": _all(trader.list_user_earnings_for_day(date=today)),
        "total earnings": trader.get_total_earnings_for_user_for_day(date=today),
        "earnings and markets": _all(trader.list_user_earnings_and_markets_config(date=today)),
        "percentages": trader.get_reward_percentages(),
        "rebates": trader.get_current_rebates(date=today, maker_address=str(trader.wallet)),
        "builder trades": _all(trader.list_builder_trades(builder_code=code)),
        "builder fees": trader.get_builder_fee_rates(code),
    }


async def _all(pages: Any) -> list[Any]:  # noqa: ANN401 - a paginator of anything
    return [item async for page in pages for item in page.items]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
