"""polymarket-client through a resolution: every kind of wallet redeems. The banner is the only argument.

It says `ready` once its wallets hold shares and reads one line from stdin: by then the first market has resolved and
shows on Gamma. The exchange is the test's own, because no client can resolve a market. The last line is a JSON report.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from polymarket import AsyncSecureClient
from polymarket.errors import UserInputError
from polymarket.streams import MarketSpec

from tests.clients.sdk import WALLETS, client

SPLIT = 30_000_000


async def main(banner: dict[str, Any]) -> dict[str, Any]:
    market = banner["markets"][0]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(banner, 0, wallet)) for wallet in WALLETS]
        stream = await clients[0].subscribe(MarketSpec(asset_ids=market["token_ids"], custom_feature_enabled=True))
        before = [await _cash(each) for each in clients]
        await asyncio.gather(*(_split(each, market["condition_id"]) for each in clients))
        early = await _refused(clients[1], market["condition_id"])
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        heard = [event.type async for event in _until_resolved(stream)]
        await asyncio.gather(*(_redeem(each, market["condition_id"]) for each in clients))
        return {
            "before": before,
            "after": [await _cash(each) for each in clients],
            "heard": heard[-1],
            "early": early,
            "twice": await _twice(clients[2], market["condition_id"]),
        }


async def _split(trader: AsyncSecureClient, condition: str) -> None:
    await (await trader.split_position(condition_id=condition, amount=SPLIT)).wait()


async def _redeem(trader: AsyncSecureClient, condition: str) -> None:
    await (await trader.redeem_positions(condition_id=condition)).wait()


async def _refused(trader: AsyncSecureClient, condition: str) -> str:
    """An open market is not among Gamma's closed ones, where the client looks."""
    try:
        await trader.redeem_positions(condition_id=condition)
    except UserInputError as problem:
        return str(problem)
    return ""


async def _twice(trader: AsyncSecureClient, condition: str) -> int:
    """What a second redemption brings."""
    before = await _cash(trader)
    await _redeem(trader, condition)
    return await _cash(trader) - before


async def _until_resolved(stream: Any) -> Any:  # noqa: ANN401 - events of the client
    async for event in stream:
        yield event
        if event.type == "market_resolved":
            return


async def _cash(trader: AsyncSecureClient) -> int:
    """By the chain: the venue's own API wants a fresh clock, and the test has moved it."""
    from eth_abi.abi import encode
    from polymarket._internal.actions.relayer.calls import decode_erc20_allowance_result

    data = "0x70a08231" + encode(["address"], [str(trader.wallet)]).hex()
    token = trader._ctx.environment_config.collateral_token
    return decode_erc20_allowance_result(await trader._ctx.rpc.eth_call(to=token, data=data))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))))
