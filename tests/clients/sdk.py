"""polymarket-client pointed at the exchange of a banner: an environment, a client for each kind of wallet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from polymarket import AsyncSecureClient
from polymarket.auth import ApiKey, RelayerApiKey
from polymarket.environments import PRODUCTION, Environment, _create_environment

WALLETS = ("address", "proxy", "safe", "deposit_wallet")  # of a banner's account, in order of their signature types


def environment(banner: dict[str, Any]) -> Environment:
    """Production's contracts, the banner's addresses; polls five times a second."""
    config = replace(
        PRODUCTION._config,
        clob_url=banner["clob_url"],
        gamma_url=banner["gamma_url"],
        data_url=banner["data_url"],
        relayer_url=banner["relayer_url"],
        rpc_url=banner["rpc_url"],
        clob_market_ws_url=banner["market_ws_url"],
        clob_user_ws_url=banner["user_ws_url"],
        realtime_ws_url=banner["spot_ws_url"],
        rtds_ws_url=banner["rtds_ws_url"],
        relayer_poll_frequency_ms=200,
    )
    return _create_environment(name="practice", config=config)


@asynccontextmanager
async def client(
    banner: dict[str, Any], number: int, wallet: str | None, api_key: ApiKey | None = None
) -> AsyncIterator[AsyncSecureClient]:
    """A client of one of the banner's accounts; `wallet` None lets the client choose, as a new user would."""
    account = banner["accounts"][number]
    relayer = RelayerApiKey(key=account["relayer_api_key"], address=account["address"])
    made = await AsyncSecureClient.create(
        private_key=account["private_key"],
        wallet=account[wallet] if wallet else None,
        environment=environment(banner),
        api_key=api_key or relayer,
    )
    async with made:
        yield made
