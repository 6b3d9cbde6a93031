"""`reload`, `set` and `config show --running` on a real bot, as its user gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.process.bot import Bot, quoting

pytestmark = pytest.mark.process

TEXT = "markets: [demo-cup, demo-rates]\nstrategy: {name: simple, half_spread: 0.02, size: 20}\n"


def shown(bot: Bot) -> dict[str, Any]:
    end = bot.command("config", "show", "--running", "--json")
    assert end.code == 0, end.err
    answer: dict[str, Any] = json.loads(end.out)
    return answer


def sizes(bot: Bot) -> set[str]:
    """Of all orders that were asked for."""
    lines = bot.command("audit", "--json", "--last", "0", "--kind", "order").out.splitlines()
    return {json.loads(line).get("size", "") for line in lines}


def test_a_running_bot_takes_what_it_may_and_says_what_it_may_not(home: Path) -> None:
    config = home / "config.yaml"
    config.write_text(TEXT)
    bot = Bot.start(home, "--seed", "5", config=str(config))
    bot.until(quoting, 15, "both markets quote")

    config.write_text(TEXT.replace("size: 20", "size: 12") + "feed: {silent: 20}\n")
    done = bot.command("reload")
    assert done.code == 0, done.err
    assert "strategy.size: 20 → 12: applied now" in done.out
    assert "feed.silent: 30 → 20: needs a restart" in done.out
    bot.until(lambda _: "12" in sizes(bot), 10, "smaller quotes")

    config.write_text("budget: {total: 1e3}\n" + TEXT)
    refused = bot.command("reload")
    assert refused.code == 1
    assert "nothing was changed" in refused.err
    assert f"{config}:1:17 budget.total" in refused.err
    assert "Traceback" not in refused.err
    config.write_text(TEXT.replace("size: 20", "size: 12"))
    assert bot.command("reload").code == 0

    assert bot.command("set", "budget.total=60", "log.level=debug").code == 0
    answer = shown(bot)
    total = next(row for row in answer["rows"] if row["key"] == "budget.total")
    assert (total["value"], total["origin"], answer["restart"]) == ("60", "--set budget.total", [])
    assert (bot.status() or {})["budget"] == 60

    bot.signal()
    end = bot.end(40)
    assert end.code == 0, end.out + end.err
    assert "debug" in end.err, "the level counts from `set` on"
    noted = bot.command("audit", "--json", "--kind", "settings").out.splitlines()
    assert ["budget.total: 400 → 60" in json.loads(line)["text"] for line in noted] == [False, True]
