"""A five-minute market of the real bot rolls to its next window, over sockets: `python -m tests.process.series`.

Windows follow the wall clock, so this waits for one to end: five minutes and a half at most. Ends with 1 if anything of it
did not hold.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from tests.process.bot import Bot

_BEFORE = 25.0  # s before the end of a window at which the bot starts
_KEYS = ("venue.flow=crypto", "series.skip_first=2", "series.skip_last=8", "series.warm=12")
_WIDE = ("strategy.max_spread=0.9", "strategy.min_price=0.01", "strategy.max_price=0.99")


def roll(home: Path) -> None:
    """Raises AssertionError where a sentence does not hold."""
    boundary = (time.time() + 15) // 300 * 300 + 300
    old, new = (f"btc-updown-5m-{int(boundary) + start}" for start in (-300, 0))
    time.sleep(max(0.0, boundary - _BEFORE - time.time()))
    words = [word for pair in (*_KEYS, *_WIDE) for word in ("--set", pair)]
    bot = Bot.start(home, "--market", "btc-up-or-down-5m", *words)
    try:
        _watch(bot, old, new)
        assert time.time() >= boundary + 2, "a window is not quoted in its first seconds"
    finally:
        bot.signal()
        end = bot.end(40)
    assert end.code == 0, f"exit {end.code}\n{end.out}"
    assert bot.left_open() == []


def _watch(bot: Bot, old: str, new: str) -> None:
    def rolled(now: dict[str, Any]) -> bool:
        return [(m["market"], m["state"]) for m in now["markets"] if not m["leaving"]] == [(new, "quoting")]

    bot.until(lambda now: [m["market"] for m in now["markets"]][:1] == [old], 10, "the window that runs is there")
    print(f"{old} is there", flush=True)
    bot.until(lambda now: new in [m["market"] for m in now["markets"]], 30, "the next window is being warmed")
    assert bot.market(new)["reason"] in ("outside_hours", "starting", "no_book")
    print(f"{new} is being warmed", flush=True)
    bot.until(rolled, 40, "the next window is quoted")
    print(f"{new} is quoted", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="pa") as home:
        roll(Path(home))
    print("every sentence held")


if __name__ == "__main__":
    main()
