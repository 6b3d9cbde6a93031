"""The audit trail of real bots, held against the exchange's own ledger; and the command that shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.process.bot import ROOT, Bot, environment, quoting
from tests.process.judge import is_fill, is_order
from tests.process.venue import exchange

pytestmark = pytest.mark.process


def rows(bot: Bot, *args: str) -> list[dict[str, Any]]:
    end = bot.command("audit", "--json", "--last", "0", *args)
    assert end.code == 0, end.err
    return [json.loads(line) for line in end.out.splitlines()]


def test_every_order_fill_and_cancel_of_the_ledger_has_its_rows(home: Path) -> None:
    bot = Bot.start(home, "--seed", "5", "--for", "10s", "--set", "venue.flow=busy")
    bot.until(quoting, 15, "every market quotes")
    assert bot.command("pause", "demo-cup").code == 0
    assert bot.end(60).code == 0
    trail, ledger = rows(bot), bot.ledger()
    events: dict[str, list[str]] = {}
    for row in trail:
        if row["kind"] == "order":
            events.setdefault(row.get("order", ""), []).append(row["event"])
    orders = [event.line["order"] for event in ledger if is_order(event)]
    assert len(orders) >= 10
    for order in orders:
        assert events[order][:3] == ["asked", "sent", "accepted"]
    cancelled = {order for row in trail if row["kind"] == "cancel" for order in row.get("orders", ())}
    gone = {e.line["order"] for e in ledger if e.kind == "cancel" and e.line["order"] in orders}
    assert gone <= cancelled
    filled = {row["trade"] for row in trail if row["kind"] == "fill"}
    assert len(filled) >= len([event for event in ledger if is_fill(event)]) > 0
    assert [row["args"] for row in trail if row["kind"] == "command"] == [{"market": "demo-cup"}]
    assert [(row["kind"], row["event"]) for row in (trail[0], trail[-1])] == [("run", "started"), ("run", "ended")]
    assert (bot.state / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_after_a_kill_every_order_of_the_ledger_has_a_row_once_the_next_run_has_started(home: Path) -> None:
    with exchange(home, seed=5) as venue:
        first = Bot.start(home, *venue.options)
        first.until(quoting, 15, "every market quotes")
        first.process.kill()
        first.end()
        second = Bot.start(home, *venue.options, "--for", "3s")
        assert second.end(60).code == 0
        placed = [event.line["order"] for event in venue.events() if is_order(event)]
        named = {row.get("order") for row in rows(second)}
        assert set(placed) <= named
        assert len(placed) >= 10
        assert [row["event"] for row in rows(second, "--kind", "run")] == ["started", "started", "ended"]


def test_new_rows_are_shown_as_they_come(bot: Bot) -> None:
    command = [sys.executable, "-m", "actors", "audit", "--last", "0", "--kind", "command", "--follow", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**environment(bot.home), "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    ) as watcher:
        assert watcher.stdout is not None
        for market in ("demo-cup", "demo-rates"):
            bot.command("pause", market)
            assert json.loads(watcher.stdout.readline())["args"] == {"market": market}
        watcher.kill()


def test_the_command_filters_and_reads_for_people(home: Path) -> None:
    bot = Bot.start(home, "--seed", "5", "--for", "4s")
    assert bot.end(40).code == 0
    assert {row["market"] for row in rows(bot, "--market", "demo-cup")} == {"demo-cup"}
    asked = next(row for row in rows(bot, "--kind", "order") if row["event"] == "asked")
    assert {row["event"] for row in rows(bot, "--order", asked["order"])} >= {"asked", "sent", "accepted"}
    lines = bot.command("audit", "--last", "2").out.splitlines()
    assert len(lines) == 2
    assert any("run ended" in line for line in lines)  # risk may have looked once more in that very second
    missing = bot.command("audit", "--file", str(home / "nowhere"))
    assert (missing.code, "--file" in missing.err) == (1, True)
