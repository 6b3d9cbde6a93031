"""The control socket keeps whoever uses it, and lets go of whoever does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import trio
from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.shared.control import Control
from actors.shared.risk import Heeded


@frozen
class Echo:
    """A console that answers with the command's name."""

    def obey(self, command: str, args: dict[str, str | bool | int | None]) -> Any:  # noqa: ANN401 - JSON
        return command

    def heeded(self, command: str, args: dict[str, str | bool | int | None]) -> Heeded:
        return Heeded()


@frozen
class Unasked:
    """Settings that nobody asks about."""

    async def obey(self, command: str, args: dict[str, str | bool | int | None]) -> Any:  # noqa: ANN401 - JSON
        raise AssertionError(command)


async def test_a_connection_that_is_used_stays_open_and_an_idle_one_is_closed(
    autojump_clock: object, tmp_path: Path
) -> None:
    path, listening = tmp_path / "s", trio.Event()
    nobody: Desk[Any, Any] = Desk("nobody", 0, Mailbox("nobody"), 1.0)  # asked by commands that change something only
    control = Control(path, Echo(), Unasked(), Mailbox("journal"), lambda: 0.0, nobody, nobody, nobody)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(control.run, listening.set)
        await listening.wait()
        async with await trio.open_unix_socket(str(path)) as watcher:
            for _ in range(5):  # over a minute and a half, more than any idle time
                await trio.sleep(20.0)
                await watcher.send_all(b'{"v": 1, "command": "status", "args": {}}\n')
                assert json.loads(await watcher.receive_some())["result"] == "status"
            last_word = trio.current_time()
            assert await watcher.receive_some() == b""
            assert 29.0 < trio.current_time() - last_word < 31.0
        nursery.cancel_scope.cancel()
