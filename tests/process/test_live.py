"""Live mode as its user runs it, against an exchange that is a process of its own: secrets, arming, trading, leaving."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from eth_account import Account

from adapters.emulator import wallets
from adapters.emulator.accounts import EXCHANGES
from adapters.emulator.addresses import PUSD_TOKEN
from tests.adapters.polymarket.samples import ADDRESS, OTHER, SECRET
from tests.emulator.ledger_reader import open_orders, positions
from tests.process.bot import MARKETS, MIN_SIZE, ROOT, Bot, End, environment, quoting
from tests.process.venue import Exchange, exchange

pytestmark = pytest.mark.process

OWNED = wallets.of(ADDRESS)
_MACHINE = ("python", "signer", "config", "state", "disk")
_URLS = ("clob_url", "gamma_url", "data_url", "market_ws_url", "user_ws_url", "spot_ws_url")


@frozen
class Desk:
    """An exchange, and a user's folder with a configuration that says live."""

    venue: Exchange
    home: Path

    @property
    def config(self) -> str:
        text = (ROOT / "config.yaml").read_text().replace("mode: demo", "mode: live")
        urls = "".join(f"  {name}: {self.venue.banner[name]}\n" for name in _URLS)
        path = self.home / "live.yaml"
        path.write_text(f"{text}\nvenue:\n{urls}")
        return str(path)

    def bot(self, **secrets: str) -> Bot:
        """Started from the user's folder, so that a `.env` there counts."""
        command = [sys.executable, "-m", "actors", "run", self.config, "--live"]
        process = subprocess.Popen(
            command,
            cwd=self.home,
            env={**environment(self.home), "PYTHONPATH": str(ROOT), **secrets},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Bot(self.home, process, 0.0)

    def doctor(self, **secrets: str) -> list[dict[str, Any]]:
        """What it found, with an exit code that fits."""
        command = [sys.executable, "-m", "actors", "doctor", self.config, "--json"]
        env = {**environment(self.home), "PYTHONPATH": str(ROOT), **secrets}
        done = subprocess.run(command, cwd=self.home, env=env, capture_output=True, text=True, timeout=30, check=False)
        told: list[dict[str, Any]] = json.loads(done.stdout)
        assert done.returncode == (0 if all(row["fine"] for row in told) else 5), done.stderr
        return told


@contextmanager
def desk(home: Path, **options: Any) -> Iterator[Desk]:  # noqa: ANN401 - as `exchange`
    with exchange(home, seed=7, **options) as venue:
        yield Desk(venue, home)


def orders_of(venue: Exchange, funder: str) -> int:
    return sum(event.kind == "order" and event.line["address"] == funder for event in venue.events())


def revoke(venue: Exchange, contract: str) -> None:
    """The key takes back what it allowed an exchange contract, by a transaction of its own."""
    data = "0x095ea7b3" + contract[2:].rjust(64, "0") + "0" * 64
    terms = {"gas": 250_000, "gasPrice": 30 * 10**9, "chainId": 137, "value": 0, "nonce": 0}
    signed = Account.from_key(SECRET).sign_transaction({"to": PUSD_TOKEN, "data": data, **terms})
    raw = "0x" + bytes(signed.raw_transaction).hex()
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw]}
    assert "result" in httpx.post(venue.banner["rpc_url"], json=body).json()


def leaks(bot: Bot, end: End, status: object) -> list[str]:
    """Where the key, or the part of the API credentials that proves who we are, can be read; the cache is its place."""
    (cache,) = bot.state.glob("api-key-*.json")
    kept = json.loads(cache.read_text())
    secrets = [SECRET[2:], kept["secret"], kept["passphrase"]]
    texts = {"stdout": end.out, "stderr": end.err, "status": json.dumps(status)}
    texts |= {path.name: path.read_bytes().decode("latin-1") for path in bot.state.iterdir() if path != cache}
    return [name for name, text in texts.items() if any(secret in text for secret in secrets)]


def test_a_live_run_starts_paused_trades_when_armed_leaves_flat_and_tells_no_secret(home: Path) -> None:
    funder = OWNED.safe
    with desk(home, flow="busy") as at:
        (home / ".env").write_text(f"FUNDER_ADDRESS={funder}\n")
        (home / ".env").chmod(0o600)
        bot = at.bot(PRIVATE_KEY=SECRET)
        try:
            bot.until(lambda s: len(s["markets"]) == 5, 20, "the bot answers")
            assert SECRET[2:] not in Path(f"/proc/{bot.process.pid}/environ").read_text()
            status = bot.status()
            assert status is not None
            assert status["details"]["account"] == funder
            assert {m["state"] for m in status["markets"]} == {"paused"}
            assert orders_of(at.venue, funder) == 0
            assert "they would cost real money" in bot.command("drill", "crash", "shared", "gateway").err
            assert bot.command("resume").code == 0
            bot.until(quoting, 15, "every market quotes")
            bot.until(lambda s: any(m["position"] for m in s["markets"]), 20, "something was traded")
            status = bot.status()
            bot.signal()
            end = bot.end(100)
        finally:
            bot.process.kill()
        assert end.code == 0, end.out + end.err
        assert "positions: flat" in end.out
        assert f"account {funder} (Safe, signature type 2), signed for by {ADDRESS}" in end.err
        assert orders_of(at.venue, funder) > 0
        assert open_orders(at.venue.events(), funder) == []
        held = positions(at.venue.events(), funder)
        assert {token: size for token, size in held.items() if size >= MIN_SIZE} == {}
        assert leaks(bot, end, status) == []
        with sqlite3.connect(next(bot.state.glob("journal-*.db"))) as journal:
            assert journal.execute("SELECT count(*) FROM intents").fetchone()[0] > 0


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no key": ({}, "no private key: put PRIVATE_KEY into .env"),
    "wrong funder": ({"PRIVATE_KEY": SECRET, "FUNDER_ADDRESS": OTHER}, "belongs to another key than"),
    "wrong type": (
        {"PRIVATE_KEY": SECRET, "FUNDER_ADDRESS": OWNED.safe, "SIGNATURE_TYPE": "1"},
        "is this key's Safe: set SIGNATURE_TYPE=2, not 1",
    ),
    "missing allowance": ({"PRIVATE_KEY": SECRET}, f"approve({EXCHANGES[0]}, AMOUNT) on the pUSD contract"),
    "no money": ({"PRIVATE_KEY": "1" * 64}, "has no pUSD: deposit some on polymarket.com"),
}


def test_an_account_that_cannot_trade_ends_with_5_and_the_fix(home: Path) -> None:
    with desk(home) as at:
        revoke(at.venue, EXCHANGES[0])
        for name, (secrets, says) in REFUSED.items():
            end = at.bot(**secrets).end()
            assert end.code == 5, (name, end.out, end.err)
            assert says in end.err, (name, end.err)
            assert "Traceback" not in end.err
            assert not any(value[2:] in end.out + end.err for key, value in secrets.items() if key == "PRIVATE_KEY")
        assert orders_of(at.venue, ADDRESS) == 0


def test_doctor_looks_at_the_account_of_a_live_configuration(home: Path) -> None:
    with desk(home) as at:
        told = at.doctor(PRIVATE_KEY=SECRET, FUNDER_ADDRESS=OWNED.deposit)
        slugs = [f"market {slug}" for slug in MARKETS]
        rows = [
            "account",
            "lock",
            "network",
            "clock",
            "markets",
            *slugs,
            "login",
            "funds",
            "orders",
            "positions",
            "data",
            "settle",
        ]
        assert [row["what"] for row in told] == [*_MACHINE, *rows]
        assert all(row["fine"] for row in told), told
        assert SECRET[2:] not in str(told)
        told = at.doctor(PRIVATE_KEY=SECRET, FUNDER_ADDRESS=OWNED.deposit, SIGNATURE_TYPE="2")
        assert [row["what"] for row in told] == [*_MACHINE, "account"]
        assert "is this key's deposit wallet: set SIGNATURE_TYPE=3, not 2" in told[-1]["said"]
