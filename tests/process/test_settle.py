"""Settlement as its user runs it: the commands, a stop with pairs in hand, judged on the exchange's own ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.bot import Bot

pytestmark = pytest.mark.process


@pytest.mark.parametrize("wallet", ["deposit", "safe"])
def test_a_wallet_splits_merges_and_is_flat_in_the_end_without_a_sale(wallet: str, home: Path) -> None:
    bot = Bot.start(home, *("--market", "demo-cup", "--set", f"venue.wallet={wallet}", "--set", "start_paused=true"))
    bot.until(lambda s: "settlement" in s["services"] and s["markets"][0]["feed_state"] == "live", 20, "it has started")
    assert bot.command("split", "demo-cup", "30").code == 0
    bot.until(lambda s: s["markets"][0]["holdings"] == {"yes": 30.0, "no": 30.0}, 10, "30 pairs are set aside")
    bot.until(lambda s: s["settlement"]["last"] == "split 30 pairs of demo-cup: -30 pUSD", 20, "30 pairs are split")
    refused = bot.command("merge", "demo-cup", "31")
    assert (refused.code, "30 of 30 pairs" in refused.err) == (1, True)
    assert bot.command("merge", "demo-cup", "12").code == 0
    bot.until(lambda s: s["settlement"]["last"] == "merge 12 pairs of demo-cup: 12 pUSD", 20, "12 pairs are merged")
    bot.signal()
    end = bot.end(40)
    assert end.code == 0, end.out + end.err
    assert "positions: flat" in end.out
    kinds = [(event.kind, event.line.get("cash")) for event in bot.ledger() if event.kind in ("split", "merge")]
    assert kinds == [("split", "-30"), ("merge", "12"), ("merge", "18")]


def test_a_plain_key_is_told_what_to_call(home: Path) -> None:
    bot = Bot.start(home, "--market", "demo-cup")
    bot.until(lambda s: s["markets"][0]["feed_state"] == "live" and not s["admission"], 20, "it has started")
    shown = bot.command("split", "demo-cup", "10")
    assert shown.code == 0, shown.err
    assert "to 0xadA2005600Dec949baf300f4C6120000bDB6eAab data 0x" in shown.out, "demo-cup is neg-risk"
    assert bot.command("split", "demo-cup").code == 2
    bot.signal()
    assert bot.end(40).code == 0
