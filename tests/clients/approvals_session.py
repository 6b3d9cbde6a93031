"""polymarket-client reads which approvals three wallets lack, once for each line of stdin. The banner is the only argument."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from tests.clients.sdk import WALLETS, client


async def main(banner: dict[str, Any]) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(banner, 0, wallet)) for wallet in WALLETS[1:]]
        while True:
            states = [await each.get_trading_approvals_state() for each in clients]
            missing = [[*state.missing.erc20, *state.missing.erc1155] for state in states]
            print(json.dumps([[_spender(one) for one in each] for each in missing]), flush=True)
            if not await asyncio.to_thread(sys.stdin.readline):
                return


def _spender(approval: Any) -> str:  # noqa: ANN401 - the client's own
    return str(getattr(approval, "spender", None) or approval.operator)


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
