"""polymarket-client splits, merges and redeems in one wallet, and reads its own and a second wallet's balances.

The banner, the market's number, its own wallet and the second one's name are the arguments. It says `ready` with what both wallets hold after its merge, reads
one line from stdin (the market has resolved by then), redeems, waits for another line, and reports again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from typing import Any

from polymarket import AsyncSecureClient

from tests.clients.sdk import client

SPLIT, MERGE = 30_000_000, 12_345_678


async def main(banner: dict[str, Any], number: int, own: str, ours: str) -> None:
    market = banner["markets"][number]
    condition = market["condition_id"]
    async with client(banner, 0, own) as theirs, client(banner, 0, ours) as reader:
        await (await theirs.split_position(condition_id=condition, amount=SPLIT)).wait()
        await (await theirs.merge_positions(condition_id=condition, amount=MERGE)).wait()
        await _report(theirs, reader, market)
        await (await theirs.redeem_positions(condition_id=condition)).wait()
        await _report(theirs, reader, market)


async def _report(theirs: AsyncSecureClient, reader: AsyncSecureClient, market: dict[str, Any]) -> None:
    """Wait until our side is as far, then say what both hold."""
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps([await _holds(theirs, market), await _holds(reader, market)]), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _holds(trader: AsyncSecureClient, market: dict[str, Any]) -> list[int]:
    """(pUSD, YES, NO) by the chain."""
    from polymarket._internal.actions.relayer import calls

    config, wallet = trader._ctx.environment_config, trader.wallet
    tokens: Any = config.conditional_tokens
    held: Any = partial(calls.erc1155_balance_of_call, token_address=tokens, owner=wallet)
    cash: Any = "0x70a08231" + str(wallet)[2:].lower().rjust(64, "0")
    asked = [(cash, config.collateral_token)]
    asked += [(held(token_id=token).data, tokens) for token in market["token_ids"]]
    return [int(await trader._ctx.rpc.eth_call(to=to, data=data), 16) for data, to in asked]


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
