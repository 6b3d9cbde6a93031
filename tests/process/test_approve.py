"""Manual approval on a real bot: what a person sees, and that the exchange gets what the person approved and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.bot import ROOT, Bot, environment
from tests.process.judge import is_order

pytestmark = pytest.mark.process


def talk(bot: Bot, words: str) -> str:
    """What `approve` prints to somebody who types this."""
    command = [sys.executable, "-m", "actors", "approve", "--instance", bot.instance]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(bot.home), input=words, capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_exchange_gets_what_was_approved_and_nothing_else(home: Path) -> None:
    bot = Bot.start(home, "--seed", "5", "--market", "demo-cup", "--set", "approval=all")
    bot.until(lambda s: s["proposals"] == 2, 20, "both quotes are proposed")
    assert [event for event in bot.ledger() if is_order(event)] == []
    out = talk(bot, "n\n?\nq\n")
    assert "y = approve, n = reject" in out
    assert "demo-cup: BUY 20 " in out
    assert "spent 0.00 of 100 there, 0.00 of 400 in all" in out
    assert "rejected: demo-cup: BUY 20 " in out
    bot.until(lambda s: s["proposals"] > 0, 10, "something is proposed")
    assert ": demo-cup: BUY 20 " in talk(bot, "y\nq\n")
    bot.until(lambda _: any(map(is_order, bot.ledger())), 10, "what was approved is placed")
    bot.signal()
    end = bot.end(40)
    assert end.code == 0, end.out + end.err
    asked = [json.loads(line) for line in bot.command("audit", "--json", "--last", "0").out.splitlines()]
    approved = sum(row["kind"] == "approval" and row["text"].endswith(": approved") for row in asked)
    placed = [event for event in bot.ledger() if is_order(event) and event.line["side"] == "BUY"]
    assert 1 <= len(placed) <= approved
