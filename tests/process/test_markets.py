"""`markets` beside a practice exchange, as a user would look around before trading."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process.bot import ROOT, STEADY, Bot, End, environment, quoting

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def banner() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "actors", "exchange", "--flow", "busy", "--json", "--die-with-stdin"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.terminate()


def markets(home: Path, *words: str) -> End:
    done = subprocess.run(
        [sys.executable, "-m", "actors", "markets", *words],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return End(done.returncode, done.stdout, done.stderr)


def test_what_is_listed_and_found_is_shown_to_people_and_programs(tmp_path: Path, banner: dict[str, Any]) -> None:
    rows = json.loads(markets(tmp_path, "list", "--url", banner["gamma_url"], "--limit", "7", "--json").out)
    assert len(rows) == 7
    assert {row["market"] for row in rows} <= {market["slug"] for market in banner["markets"]}
    found = markets(tmp_path, "search", "home", "side", "--url", banner["gamma_url"])
    assert (found.code, found.out.split()[:2], found.out.count("\n")) == (0, ["market", "bid/ask"], 2)
    assert "demo-cup" in found.out


def test_the_ranking_follows_the_settings_and_says_why_others_are_left_out(
    tmp_path: Path, banner: dict[str, Any]
) -> None:
    at = ("--url", banner["gamma_url"], "--clob-url", banner["clob_url"])
    loose = [word for key in ("min_volume", "min_spread") for word in ("--set", f"discover.{key}=0")]
    ranked = markets(tmp_path, "rank", *at, *loose, "--json", "--limit", "3")
    assert json.loads(ranked.out)[0]["market"] == "demo-election"
    assert "markets are worth trading" in ranked.err
    assert "24 h volume below discover.min_volume" in markets(tmp_path, "rank", *at).err


def test_a_bot_can_find_its_markets(home: Path, banner: dict[str, Any]) -> None:
    at = [f"venue.{key}={banner[key]}" for key in ("clob_url", "gamma_url", "market_ws_url", "user_ws_url")]
    loose = [
        "markets=[]",
        "discover.max_markets=2",
        "discover.min_volume=0",
        "discover.min_spread=0.01",
        "on_shutdown=cancel",
    ]
    bot = Bot.start(home, *STEADY, *(word for pair in [*loose, *at] for word in ("--set", pair)))
    try:
        bot.until(quoting, 15, "both markets quote")
        shown = bot.status()
        assert shown is not None
        found = [market["market"] for market in shown["markets"] if market["origin"] == "discovered"]
        assert [market["market"] for market in shown["markets"]] == found
        assert found[0] == "demo-election"
        assert len(found) == 2
        assert f"discovered: {', '.join(found)}\n" in bot.command("status").out
        assert bot.command("markets", "on", "nobody").err == "polyactors: the venue lists no market 'nobody'\n"
        assert bot.command("markets", "on", "demo-oscar").out == "on: demo-oscar\n"
        bot.until(lambda now: quoting(now) and len(now["markets"]) == 3, 15, "three markets quote")
        assert bot.command("markets", "off", found[0]).out.startswith(f"off: {found[0]}; what rests is cancelled")
        bot.until(lambda now: found[0] not in [m["market"] for m in now["markets"]], 30, "it is left")
        assert "market leaving" in (told := bot.command("audit", "--market", found[0], "--kind", "market").out), told
    finally:
        bot.signal()
        end = bot.end(40)
    assert end.code == 0
    assert "markets are worth trading" in end.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list"], "polyactors: no Gamma address known: start the demo, give --url, or set venue.gamma_url\n"),
        (["rank", "--url", "http://127.0.0.1:1"], "polyactors: ranking reads order books: give their address"),
        (["list", "--url", "http://127.0.0.1:1"], "polyactors: http://127.0.0.1:1: ConnectError"),
        (["list", "--url", "nonsense"], "polyactors: 'nonsense' is no address: write it like https://host/path\n"),
    ],
)
def test_where_nobody_can_be_asked_a_line_says_so(tmp_path: Path, words: list[str], told: str) -> None:
    end = markets(tmp_path, *words)
    assert (end.code, end.out) == (1, "")
    assert end.err.startswith(told)


def test_sets_of_an_event_that_may_get_further_outcomes_are_refused(tmp_path: Path, banner: dict[str, Any]) -> None:
    told = markets(tmp_path, "sets", "busy-league", "--url", banner["gamma_url"], "--clob-url", banner["clob_url"])
    assert (told.code, told.out) == (1, "")
    assert "busy-league: further outcomes may join it (augmented), so no set of it is whole" in told.err
