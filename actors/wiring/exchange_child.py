"""The practice exchange of demo mode: a child process in its own group, stopped last, with a ledger of everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

_BANNER_WITHIN = 20.0
_COMPLAINT = "exchange: "
_SECRETS = (
    "PRIVATE_KEY",
    "CLOB_API_KEY",
    "CLOB_API_SECRET",
    "CLOB_API_PASSPHRASE",
    "RELAYER_API_KEY",
    "KEYSTORE_PASSWORD",
)


class ExchangeFailed(Exception):
    """The practice exchange did not start; says why."""


@frozen
class ExchangeChild:
    """A running exchange; started early, while the bot still imports."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(
        cls, *, seed: int, ledger: Path, log: Path, faults: str | None, flow: str | None, environ: Mapping[str, str]
    ) -> ExchangeChild:
        """Start it. It ends when our end of its stdin closes, so that a killed bot leaves no orphan."""
        ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = [sys.executable, "-m", "actors", "exchange", "--json", "--die-with-stdin"]
        command += ["--seed", str(seed), "--ledger", str(ledger)]
        command += ["--faults", faults] if faults else []
        command += ["--flow", flow] if flow else []
        clean = {name: value for name, value in environ.items() if name not in _SECRETS}
        with log.open("wb") as errors:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=clean,
                start_new_session=True,
            )
        return cls(process, log)

    async def banner(self) -> dict[str, Any]:
        """The first line of its output: where it listens and what it lists. Raises ExchangeFailed."""
        assert self.process.stdout is not None
        stream = trio.lowlevel.FdStream(os.dup(self.process.stdout.fileno()))
        text = b""
        with trio.move_on_after(_BANNER_WITHIN):
            while not text.endswith(b"\n"):
                chunk = await stream.receive_some(65536)
                if not chunk:
                    break
                text += chunk
        try:
            banner: dict[str, Any] = json.loads(text)
        except ValueError:
            raise ExchangeFailed(f"the practice exchange did not start: {self._last_words()}") from None
        return banner

    async def ended(self) -> None:
        """Return once it has closed its output, as only its end does."""
        assert self.process.stdout is not None
        async with trio.lowlevel.FdStream(os.dup(self.process.stdout.fileno())) as stream:
            while await stream.receive_some(4096):
                pass

    def stop(self) -> None:
        """End it: close its stdin, give it two seconds, then kill its group."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _last_words(self) -> str:
        """What it had to say for itself: every complaint, else its last line."""
        words = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        complaints = [line.removeprefix(_COMPLAINT) for line in words if line.startswith(_COMPLAINT)]
        return "\n".join(complaints or words[-1:]) or f"it said nothing (see {self.log})"
