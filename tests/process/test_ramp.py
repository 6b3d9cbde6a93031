"""`kill -9` on the way up: the next start waits for a person, and places nothing before."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.process.bot import ADDRESS, Bot, quoting
from tests.process.venue import Exchange, exchange

pytestmark = pytest.mark.process


def orders(venue: Exchange) -> int:
    return sum(event.kind == "order" and event.line["address"] == ADDRESS for event in venue.events())


def test_a_bot_that_is_killed_on_the_way_up_comes_back_paused(home: Path) -> None:
    with exchange(home, seed=7) as venue:
        bot = Bot.start(home, "--market", "demo-cup", *venue.options)
        bot.until(quoting, 15, "the market quotes")
        refused = bot.command("resume", "--ramp", "50%,10%,100%", "--every", "30m")
        assert (refused.code, "parts must rise and end with 100%" in refused.err) == (1, True)
        assert bot.command("resume", "--ramp", "50%").code == 2
        assert bot.command("resume", "--ramp", "50%,100%", "--every", "30m").code == 0
        bot.until(lambda s: (s["ramp"] or {}).get("part") == 50, 5, "half of the limits count")
        bot.signal(signal.SIGKILL)
        bot.end()
        placed = orders(venue)
        again = Bot.start(home, "--market", "demo-cup", *venue.options)
        again.until(lambda s: s["state"] == "paused" and not s["admission"], 20, "it is back, and paused")
        shown = again.command("status").out
        said = "halted at 50 % of the limits (the run in which it went up has ended): the next `resume` begins it anew"
        assert said in shown
        assert orders(venue) == placed
        assert again.command("resume").code == 0
        again.until(lambda s: quoting(s) and s["ramp"]["part"] == 50 and not s["ramp"]["halted"], 10, "it goes up anew")
        again.signal()
        assert again.end(40).code == 0
