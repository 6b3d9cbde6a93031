"""The venue's own stream client as a process of its own: it is asyncio, the emulator is trio. Prints what it heard.

Arguments: PolyBolt's URL, RTDS's URL, API key, secret, passphrase. One JSON line with the events by topic, or the error.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")  # the client marks its own RTDS classes as deprecated

from polymarket._internal.streams.realtime.manager import RealtimeStreamManager  # noqa: E402
from polymarket._internal.streams.rtds.manager import RtdsStreamManager  # noqa: E402
from polymarket.models.clob.api_key import ApiKeyCreds  # noqa: E402
from polymarket.streams import (  # noqa: E402
    CryptoPricesChainlinkTwapSpec,
    CryptoPriceSpec,
    CryptoPricesSpec,
    CryptoTwapPriceSpec,
    EquityPriceSpec,
    EquityPricesSpec,
)

BOLT = {  # with how many events to wait for: a snapshot and an update of each symbol
    CryptoPriceSpec(symbols=["btcusd", "ethusd"]): 4,
    CryptoTwapPriceSpec(symbols=["solusd"]): 2,
    EquityPriceSpec(symbol="AAPL"): 2,
}
RTDS = {
    CryptoPricesSpec(topic="prices.crypto.binance", symbols=["btcusdt"]): 1,
    CryptoPricesSpec(topic="prices.crypto.chainlink", symbols=["btc/usd"]): 1,
    CryptoPricesChainlinkTwapSpec(window_seconds=60, symbols=["sol/usd"]): 1,
    EquityPricesSpec(symbol="aapl"): 1,
}


async def collect(manager: Any, specs: dict[Any, int]) -> list[dict[str, Any]]:  # noqa: ANN401
    """The first events of each subscription."""
    handles = {await manager.subscribe(spec): enough for spec, enough in specs.items()}

    async def first(handle: Any, enough: int) -> list[dict[str, Any]]:  # noqa: ANN401
        heard: list[dict[str, Any]] = []
        while len(heard) < enough:
            heard.append((await anext(handle)).model_dump(mode="json"))
        return heard

    heard = await asyncio.gather(*(first(handle, enough) for handle, enough in handles.items()))
    await manager.close()
    return [event for events in heard for event in events]


async def main(bolt_url: str, rtds_url: str, key: str, secret: str, passphrase: str) -> None:
    credentials = ApiKeyCreds.model_validate({"apiKey": key, "secret": secret, "passphrase": passphrase})
    bolt = RealtimeStreamManager(url=bolt_url, credentials=credentials)
    rtds = RtdsStreamManager(url=rtds_url)
    try:
        heard = await asyncio.gather(collect(bolt, BOLT), collect(rtds, RTDS))
        print(json.dumps({"bolt": heard[0], "rtds": heard[1], "dropped": rtds.dropped_events}))
    except Exception as problem:  # noqa: BLE001 - whatever it is, the test wants to see it
        print(json.dumps({"error": f"{type(problem).__name__}: {problem}"}))
    finally:
        await bolt.close()
        await rtds.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
