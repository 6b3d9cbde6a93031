"""A bot's control socket, kept open: starting a command's process for every look would slow the bot that is looked at."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from attrs import frozen

from tests.process.bot import Bot

_POLL, _START_WITHIN, _ANSWER_WITHIN = 0.02, 20.0, 10.0


@frozen
class Control:
    """One connection."""

    link: socket.socket

    @classmethod
    def of(cls, bot: Bot) -> Control:
        """Connect as soon as the bot listens. Raises TimeoutError, also for a bot that has ended."""
        while True:
            link = socket.socket(socket.AF_UNIX)
            try:
                link.connect(str(bot.state / "control.sock"))
            except OSError:
                link.close()
                if bot.age > _START_WITHIN or bot.process.poll() is not None:
                    raise TimeoutError("the bot does not listen") from None
                time.sleep(_POLL)
            else:
                link.settimeout(_ANSWER_WITHIN)
                return cls(link)

    def ask(self, command: str, **args: str) -> dict[str, Any]:
        """The command's result. Raises ConnectionError once the bot is gone."""
        self.link.sendall(json.dumps({"v": 1, "command": command, "args": args}).encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            chunk = self.link.recv(65536)
            if not chunk:
                raise ConnectionError("the bot has closed its control socket")
            line += chunk
        answer = json.loads(line)
        assert answer["ok"], answer
        result: dict[str, Any] = answer["result"]
        return result

    def until(self, true: Callable[[dict[str, Any]], bool], within: float) -> float:
        """Seconds until `status` shows something, `within` if it does not."""
        begun = time.monotonic()
        while not true(self.ask("status")) and time.monotonic() - begun < within:
            time.sleep(_POLL)
        return min(within, time.monotonic() - begun)

    def close(self) -> None:
        self.link.close()
