"""price_change frame → decoded → applied → best, ours against json.loads with dicts of floats, side by side in one run.

Run: python -m tests.bench.frames
"""

from __future__ import annotations

import json
import random
import timeit
from typing import cast

from actors.messages import LevelChange
from actors.model.ladder import Ladder
from adapters.polymarket.frames import FrameReader

FRAMES, REPEATS = 10_000, 7
YES, NO = "9" * 77, "8" * 77
Dicts = dict[str, tuple[dict[float, float], dict[float, float]]]


def made(rng: random.Random, count: int = FRAMES) -> list[str]:
    """Two-asset price_change frames as the venue sends them, with prices near the touch and sizes of two decimals."""
    frames = []
    for i in range(count):
        bid = rng.random() < 0.5
        price = rng.randint(10, 49) if bid else rng.randint(51, 90)
        size = rng.choice(["0", str(rng.randint(5, 500)), f"{rng.uniform(5, 5000):.2f}"])
        sides = ("BUY", "SELL") if bid else ("SELL", "BUY")
        frames.append(
            f'{{"market":"0x{7:064x}","price_changes":[{_part(YES, price, size, sides[0])},'
            f'{_part(NO, 100 - price, size, sides[1])}],"timestamp":"{1_763_628_000_000 + i}","event_type":"price_change"}}'
        )
    return frames


def _part(token: str, cents: int, size: str, side: str) -> str:
    return (
        f'{{"asset_id":"{token}","price":"{cents / 100:g}","size":"{size}","side":"{side}","hash":"{"1c" * 20}",'
        '"best_bid":"0.49","best_ask":"0.51"}'
    )


def ladders() -> dict[str, Ladder]:
    """Both books, forty levels a side, as the bot keeps them."""
    books = {}
    for token in (YES, NO):
        ladder = books[token] = Ladder(100)
        ladder.snapshot([(p * 100, 10**8) for p in range(10, 50)], [(p * 100, 10**8) for p in range(51, 91)])
    return books


def dicts() -> Dicts:
    """The same books as price → size dicts of floats."""
    return {
        token: ({p / 100: 100.0 for p in range(10, 50)}, {p / 100: 100.0 for p in range(51, 91)}) for token in (YES, NO)
    }


def run_ours(frames: list[str], books: dict[str, Ladder], reader: FrameReader) -> int:
    """Best prices after every frame; a sum, so that both sides can be compared and nothing is skipped."""
    total = 0
    for frame in frames:
        for event in cast("list[LevelChange]", reader.read(frame)):
            ladder = books[event.token]
            ladder.change(event.bid, event.price, event.size)
            total += (ladder.best_bid or 0) + (ladder.best_ask or 0)
    return total


def run_dicts(frames: list[str], books: Dicts) -> int:
    """The straightforward way."""
    total = 0.0
    for frame in frames:
        message = json.loads(frame)
        if message["event_type"] != "price_change":
            continue
        for change in message["price_changes"]:
            bids, asks = books[change["asset_id"]]
            side = bids if change["side"] == "BUY" else asks
            price, size = float(change["price"]), float(change["size"])
            if size:
                side[price] = size
            else:
                side.pop(price, None)
            total += (max(bids) if bids else 0) + (min(asks) if asks else 0)
    return round(total * 10_000)


def measure() -> tuple[float, float]:
    """Microseconds a frame: ours, dicts."""
    frames = made(random.Random(7))
    assert run_ours(frames, ladders(), FrameReader()) == run_dicts(frames, dicts())
    ours, theirs = [], []
    for _ in range(REPEATS):  # interleaved, so that a busy machine slows both
        books, reader, plain = ladders(), FrameReader(), dicts()
        ours.append(timeit.timeit(lambda b=books, r=reader: run_ours(frames, b, r), number=1))  # type: ignore[misc]
        theirs.append(timeit.timeit(lambda p=plain: run_dicts(frames, p), number=1))  # type: ignore[misc]
    return min(ours) / FRAMES * 1e6, min(theirs) / FRAMES * 1e6


def main() -> None:
    ours, theirs = measure()
    print(f"price_change frame → book → best   ours {ours:6.2f} us   json + dict {theirs:6.2f} us")
    print(f"  {theirs / ours:.2f}x (wanted: at least 2.5x)")


if __name__ == "__main__":
    main()
