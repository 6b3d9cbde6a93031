"""The bot as its user runs it: real processes, real sockets, judged on the exchange's own ledger."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import trio

from actors.wiring.demo import DEMO_KEY
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from tests.emulator.ledger_reader import open_orders
from tests.process.bot import ADDRESS, ROOT, Bot, environment, quoting
from tests.process.stops import stop_once
from tests.process.venue import exchange

pytestmark = pytest.mark.process

PUSD = 1_000_000


def test_a_timed_run_quotes_trades_and_ends_flat_with_exit_0(home: Path) -> None:
    bot = Bot.start(home, "--seed", "5", "--for", "8s")
    end = bot.end(40)
    assert end.code == 0, end.out + end.err
    assert "orders open at the venue: 0 of ours" in end.out
    assert "exit 0" in end.out
    orders = [e for e in bot.ledger() if e.kind == "order" and e.line["address"].lower() == ADDRESS.lower()]
    assert len(orders) >= 10, "two orders in each of five markets"
    assert bot.left_open() == []
    assert bot.left_held() == {}
    assert bot.worst_exposure() <= 100 * PUSD


def test_the_venues_own_client_finds_no_order_left_after_a_run(home: Path) -> None:
    sdk = pytest.importorskip("py_clob_client_v2")
    with exchange(home, seed=5) as venue:
        assert Bot.start(home, *venue.options, "--for", "4s").end(60).code == 0
        client = sdk.ClobClient(venue.clob_url, chain_id=137, key=DEMO_KEY)
        client.set_api_creds(client.create_or_derive_api_key())
        assert client.get_open_orders() == []
        placed = [e for e in venue.events() if e.line.get("address", "").lower() == ADDRESS.lower()]
        assert len([e for e in placed if e.kind == "order"]) >= 10, "there was something to leave behind"


@pytest.mark.parametrize("seed", [1, 2, 3, 6])
def test_sigterm_at_any_moment_ends_flat_with_exit_0(seed: int) -> None:
    verdict = stop_once(seed)
    assert verdict.fault == "", f"SIGTERM at {verdict.moment:.2f} s: {verdict.fault}"


def test_an_order_that_the_venue_does_not_cancel_is_named_and_the_exit_code_is_3(home: Path) -> None:
    faults = home / "faults.json"
    faults.write_text('[{"kind": "refuse_cancel", "nth": 1}]')
    bot = Bot.start(home, "--seed", "8", "--market", "demo-cup", "--set", f"venue.faults={faults}")
    bot.until(quoting, 15, "the market quotes")
    bot.signal()
    end = bot.end(30)
    left = {order.id for order in bot.left_open()}
    assert end.code == 3, end.out + end.err
    assert len(left) == 1
    named = {line.strip() for line in end.out.splitlines() if line.strip().startswith("0x")}
    assert named == left


def test_after_a_crash_of_any_actor_its_market_quotes_again_within_a_second(bot: Bot) -> None:
    for actor in ("feed", "quoter", "tracker"):
        before = bot.market("demo-cup")["restarts"][actor]
        begun = time.monotonic()
        assert bot.command("drill", "crash", "demo-cup", actor).code == 0
        bot.until(
            lambda status, actor=actor, before=before: (  # type: ignore[misc]
                (market := next(m for m in status["markets"] if m["market"] == "demo-cup"))["restarts"][actor] > before
                and market["state"] == "quoting"
                and market["our_bid"] is not None
                and market["our_ask"] is not None
            ),
            3,
            f"back after a crash of the {actor}",
        )
        assert time.monotonic() - begun < 3
    back_at = (bot.status() or {})["uptime_s"]
    bot.until(lambda s: s["uptime_s"] > back_at + 4, 8, "longer than a lease")
    drilled = bot.market("demo-cup")
    assert drilled["state"] == "quoting", "an actor that only looks alive lets the lease lapse"
    assert drilled["feed_age_s"] < 3
    others = [m for m in (bot.status() or {})["markets"] if m["market"] != "demo-cup"]
    assert all(sum(m["restarts"].values()) == 0 for m in others), "a crash reached another market"
    assert bot.worst_exposure() <= 100 * PUSD


def test_a_poisoned_market_is_parked_without_orders_and_the_rest_goes_on(bot: Bot) -> None:
    bot.command("drill", "crash", "demo-oscar", "quoter", "--times", "1000")
    took = bot.until(lambda s: _market(s, "demo-oscar")["state"] == "parked", 15, "parked")
    assert took < 10
    bot.until(lambda s: _market(s, "demo-oscar")["open_orders"] == 0, 3, "its orders are cancelled")
    bot.until(lambda s: _market(s, "demo-rates")["state"] == "quoting", 3, "another market still quotes")
    bot.signal()
    end = bot.end()
    assert end.code == 0, end.out + end.err
    assert (bot.left_open(), bot.left_held()) == ([], {})


def test_pause_resume_flatten_and_kill_do_what_they_say(bot: Bot) -> None:
    assert "pause" in bot.command("pause", "demo-cup").out
    bot.until(lambda s: _market(s, "demo-cup")["reason"] == "paused", 3, "paused")
    bot.until(lambda s: _market(s, "demo-cup")["open_orders"] == 0, 3, "no orders while paused")
    bot.command("resume", "demo-cup")
    bot.until(quoting, 5, "quotes again")
    bot.command("flatten", "demo-rates")
    bot.until(lambda s: _market(s, "demo-rates")["state"] == "paused", 20, "flat, then paused")
    bot.command("kill", "a test")
    bot.until(lambda s: s["state"] == "safe" and s["open_orders"] == 0, 5, "everything cancelled")
    refused = bot.command("resume")
    assert (refused.code, "--ack-kill" in refused.err) == (1, True)
    bot.command("resume", "--ack-kill")
    bot.until(quoting, 5, "quotes again after the acknowledged kill")
    bot.command("stop")
    assert bot.end().code == 0


def test_applying_the_hint_of_explain_makes_the_market_quote(home: Path) -> None:
    tight = Bot.start(home, "--seed", "7", "--market", "demo-cup", "--set", "strategy.max_spread=0.001")
    tight.until(lambda s: _market(s, "demo-cup")["reason"] == "spread_too_wide", 15, "refuses for its spread")
    answer = json.loads(tight.command("explain", "demo-cup", "--json").out)
    tight.signal()
    assert tight.end().code == 0
    hint = answer["hint"]
    assert hint["key"] == "strategy.max_spread"
    looser = Bot.start(home, "--seed", "7", "--market", "demo-cup", "--set", f"{hint['key']}={hint['value']}")
    looser.until(quoting, 15, "quotes with the hint applied")
    looser.signal()
    assert looser.end().code == 0


def test_a_second_bot_of_the_same_instance_is_refused_with_the_fix(bot: Bot) -> None:
    end = Bot.start(bot.home, "--seed", "1").end()
    assert end.code == 2
    assert "already runs" in end.err
    assert "--instance" in end.err
    assert bot.process.poll() is None


def test_a_journal_with_orders_of_another_exchange_is_refused_with_the_fix(home: Path) -> None:
    first = Bot.start(home, "--seed", "3", "--market", "demo-cup")
    first.until(quoting, 15, "quotes")
    first.process.kill()
    first.process.communicate()
    with exchange(home, seed=4) as venue:
        end = Bot.start(home, *venue.options, "--market", "demo-cup").end()
    assert end.code == 5, end.out + end.err
    assert "holds" in end.err
    assert "--instance" in end.err
    assert "Traceback" not in end.err


def test_after_kill_9_the_orders_at_the_venue_are_adopted_and_the_end_is_flat(home: Path) -> None:
    with exchange(home, seed=4) as venue:
        first = Bot.start(home, *venue.options, "--market", "demo-cup")
        first.until(quoting, 15, "quotes")
        first.process.kill()
        first.process.communicate()
        second = Bot.start(home, *venue.options, "--market", "demo-cup")
        second.until(quoting, 15, "quotes again")
        status = second.status()
        assert status is not None
        assert status["foreign_orders"] == [], "its own orders are not foreign to it"
        assert status["open_orders"] == len(open_orders(venue.events(), ADDRESS))
        second.signal()
        assert second.end().code == 0
        assert open_orders(venue.events(), ADDRESS) == []


def test_a_bot_whose_exchange_dies_says_so_and_does_not_claim_to_be_flat(bot: Bot) -> None:
    (child,) = Path(f"/proc/{bot.process.pid}/task/{bot.process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    end = bot.end(45)
    assert end.code == 3, end.out + end.err
    assert "the practice exchange has died" in end.err
    assert "NOT PROVEN" in end.out


def test_no_file_that_a_configuration_names_is_ever_deleted(home: Path) -> None:
    precious = home / "precious.txt"
    precious.write_text("years of work")
    refused = Bot.start(home, "--set", f"control.socket={precious}", "--for", "1s").end()
    assert (refused.code, "no socket" in refused.err) == (2, True)
    assert Bot.start(home, "--set", f"journal.path={precious}", "--for", "1s").end().code == 0
    assert precious.read_text() == "years of work"


def test_a_reader_of_stdout_that_has_gone_does_not_change_the_exit_code(home: Path) -> None:
    nobody, stdout = os.pipe()
    os.close(nobody)
    command = [sys.executable, "-m", "actors", "run", "config.yaml", "--for", "1s"]
    done = subprocess.run(command, cwd=ROOT, env=environment(home), stdout=stdout, stderr=subprocess.PIPE, check=False)
    os.close(stdout)
    assert done.returncode == 0, done.stderr


def test_status_needs_no_library_of_the_bot(home: Path) -> None:
    code = "import sys; sys.argv = ['actors', 'status']\nfrom actors.commands.cli import cli\ntry: cli()\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=True
    )
    heavy = {"trio", "httpx", "cattrs", "coincurve", "trio_websocket", "py_clob_client_v2", "polymarket", "attrs"}
    assert not heavy & set(done.stdout.split())


def test_no_secret_of_the_account_is_in_any_output_or_file_of_the_bot(home: Path) -> None:
    with exchange(home, seed=4) as venue:
        bot = Bot.start(home, *venue.options, "--market", "demo-cup", "--set", "log.level=trace")
        bot.until(quoting, 15, "quotes")
        status = bot.command("status", "--json").out
        bot.signal()
        end = bot.end()
        secrets = trio.run(_secrets, venue.clob_url)
    assert end.code == 0
    files = [file.read_bytes().decode(errors="replace") for file in bot.state.iterdir() if file.is_file()]
    everything = "".join([status, end.out, end.err, *files])
    # The key's id is the `owner` that every signed order carries, so the journalled bodies hold it; the other two never.
    api_key, *hidden = secrets
    assert all(secret not in everything for secret in hidden)
    assert api_key not in status + end.out + end.err


async def _secrets(clob_url: str) -> tuple[str, ...]:
    """The venue derives the same credentials for the same key."""
    trading = await connect(clob_url, Key(DEMO_KEY), wall=time.time, salts=Random(1))
    await trading.close()
    return trading.secrets


def test_an_unknown_market_is_refused_with_suggestions(home: Path) -> None:
    end = Bot.start(home, "--market", "demo-cap").end()
    assert end.code == 2
    assert "did you mean demo-cup" in end.err
    assert "Traceback" not in end.err


def test_commands_without_a_bot_say_how_to_start_one(home: Path) -> None:
    bot = Bot(home, None, 0.0)  # type: ignore[arg-type]
    end = bot.command("status")
    assert (end.code, "python -m actors run" in end.err) == (1, True)


def _market(status: dict[str, object], name: str) -> dict[str, object]:
    markets = status["markets"]
    assert isinstance(markets, list)
    found: dict[str, object] = next(m for m in markets if m["market"] == name)
    return found
