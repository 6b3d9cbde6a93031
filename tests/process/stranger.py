"""A stranger with a funded Safe: a folder, a configuration that says live, and commands as they would be typed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from adapters.emulator import wallets
from adapters.polymarket.contracts import PUSD_TOKEN, Approval, Call
from adapters.polymarket.keys import Key
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.signing import Account
from tests.adapters.polymarket.samples import ADDRESS, SECRET
from tests.process.bot import ROOT, Bot, environment
from tests.process.venue import Exchange

FUNDER = wallets.of(ADDRESS).safe
_URLS = ("clob_url", "gamma_url", "data_url", "market_ws_url", "user_ws_url", "spot_ws_url", "relayer_url")

Rows = dict[str, tuple[bool, str]]  # by what was looked at: whether it is fine, and what is said


@frozen
class Stranger:
    """A folder with a configuration that says live, at one exchange."""

    home: Path
    venue: Exchange

    @property
    def config(self) -> Path:
        return self.home / "live.yaml"

    def write(self, **edits: str) -> None:
        """The configuration as it is delivered, but live and for this exchange; `edits` are new values of whole keys."""
        text = (ROOT / "config.yaml").read_text().replace("mode: demo", "mode: live")
        for key, value in edits.items():
            lines = [f"  {key}: {value}" if line.startswith(f"  {key}: ") else line for line in text.splitlines()]
            text = "\n".join(lines)
        urls = "".join(f"  {name}: {self.venue.banner[name]}\n" for name in _URLS)
        self.config.write_text(f"{text}\nvenue:\n{urls}")

    @property
    def relayer_key(self) -> str:
        return str(self.venue.banner["accounts"][0]["relayer_api_key"])

    def doctor(self, *words: str, **secrets: str) -> Rows:
        """Every row by its name."""
        return self.told(self.start("doctor", str(self.config), "--json", *words, **secrets))

    def told(self, doctor: subprocess.Popen[str]) -> Rows:
        """What it has said at its end, with an exit code that fits, and no secret."""
        out, err = doctor.communicate(timeout=60)
        told: list[dict[str, Any]] = json.loads(out)
        assert doctor.returncode == (0 if all(row["fine"] for row in told) else 5), err
        assert not any(secret in out + err for secret in (SECRET[2:], self.relayer_key))
        return {row["what"]: (row["fine"], row["said"]) for row in told}

    def bot(self, **secrets: str) -> Bot:
        return Bot(self.home, self.start("run", str(self.config), "--live", **secrets), time.monotonic())

    def start(self, *words: str, **secrets: str) -> subprocess.Popen[str]:
        """A command of ours, in the stranger's folder."""
        env, pipe = (
            {**environment(self.home), "PYTHONPATH": str(ROOT), "PRIVATE_KEY": SECRET, **secrets},
            subprocess.PIPE,
        )
        command = [sys.executable, "-m", "actors", *words]
        return subprocess.Popen(command, cwd=self.home, env=env, stdout=pipe, stderr=pipe, text=True)

    def revoke(self, contract: str) -> None:
        """The wallet takes back what it allowed an exchange contract, as its owner could on any block explorer."""
        given = Approval(PUSD_TOKEN, contract).call
        account = Account.of(Key(SECRET), FUNDER, 2)

        async def send() -> None:
            url = str(self.venue.banner["relayer_url"])
            relay = RestRelayer.open(url, account, self.relayer_key, time.time)
            await relay.call([Call(given.to, given.data[:-32] + bytes(32))], "revoked by hand")
            await relay.close()

        trio.run(send)

    def sizes(self) -> list[str]:
        """Of every order that the account has sent, in their order."""
        return [e.line["size"] for e in self.venue.events() if e.kind == "order" and e.line["address"] == FUNDER]
