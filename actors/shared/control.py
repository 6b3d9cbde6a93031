"""The control actor: a Unix socket that takes one JSON command a line and answers in one. It can never block trading.

Private by three locks: a 0700 directory, a 0600 socket, and the peer's user id (reliability.md §7).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec
import trio
from attrs import frozen
from loguru import logger

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.naming import name_of
from actors.ports import WallClock
from actors.records import Note
from actors.shared.journal import Answer as Recorded
from actors.shared.journal import Question, Settle
from actors.shared.risk import Heeded
from actors.shared.switching import Switch, Switched

PROTOCOL = 1
_LONGEST_LINE = 65_536
_IDLE = 30.0  # s without a byte from a client, or without one taken by it, after which it is let go
_READS = ("status", "explain", "version", "config", "approvals")
_SETTINGS = ("config", "reload", "set")
_MARKETS = "markets"
_ORDERS = ("pause", "resume", "flatten", "cancel-all", "kill")  # what a restart is to remember
_REMEMBERED_WITHIN = 3.0  # s: longer than a restart of risk or of the journal, shorter than the client's patience
_NOT_YET = "done, but a restart may forget it, for the journal has not confirmed it: {}; `status` shows when it is back"


Args = dict[str, str | bool | int | None]


class CommandRefused(Exception):
    """The command cannot be carried out; says what to do instead."""


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """One line from a client: `{"v": 1, "command": "pause", "args": {"market": "demo-cup"}}`."""

    v: int
    command: str
    args: Args = {}


class Answer(msgspec.Struct):
    """One line to a client."""

    ok: bool
    result: Any = None
    error: str = ""


class Console(Protocol):
    """What commands do. Never waits for an actor."""

    def obey(self, command: str, args: Args) -> Any:  # noqa: ANN401 - JSON
        """Carry out a command and return its JSON result. Raises CommandRefused."""
        ...

    def heeded(self, command: str, args: Args) -> Heeded:
        """What risk is to be asked after a command that was carried out."""
        ...


class Reload(Protocol):
    """What commands about the settings do. Waits for the file alone."""

    async def obey(self, command: str, args: Args) -> Any:  # noqa: ANN401 - JSON
        """Carry out one of `config`, `reload` and `set`. Raises CommandRefused."""
        ...


@frozen
class Control:
    """Serves the socket at `path`; every command that changes something is journalled.

    An order to trading takes effect at once and is answered once it is durable, or with a warning that it is not.
    """

    path: Path
    console: Console
    reload: Reload
    journal: Mailbox[object]
    wall: WallClock
    risk: Desk[Heeded, None]
    record: Desk[Question, Recorded]
    universe: Desk[Switch, Switched]
    clean: Callable[[str], str] = str  # takes secrets out of an answer

    async def run(self, ready: Ready) -> None:
        """Serve until cancelled. A client that misbehaves loses its connection and nothing else."""
        listener = self._listen()
        try:
            async with trio.open_nursery() as nursery:
                ready()
                while True:
                    stream = trio.SocketStream((await listener.accept())[0])
                    nursery.start_soon(self._client, stream, name="control client")
        finally:
            listener.close()
            self.path.unlink(missing_ok=True)

    def _listen(self) -> trio.socket.SocketType:
        """Bind anew: the instance lock is ours, so a socket file that is there is a dead bot's."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.is_socket():
            self.path.unlink()
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            raw.bind(str(self.path))
        finally:
            os.umask(before)
        raw.listen(16)
        return trio.socket.from_stdlib_socket(raw)

    async def _client(self, stream: trio.SocketStream) -> None:
        async with stream:
            if not _same_user(stream):
                logger.warning("control: a connection of another user was refused")
                return
            try:
                with trio.move_on_after(_IDLE) as idle:
                    await self._converse(stream, idle)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    async def _converse(self, stream: trio.SocketStream, idle: trio.CancelScope) -> None:
        """Answer line after line; every byte puts off the end by `idle`."""
        waiting = b""
        while True:
            line, separator, rest = waiting.partition(b"\n")
            if separator:
                waiting = rest
                answer = msgspec.to_builtins(await self._answer(line))
                await stream.send_all(msgspec.json.encode(cleaned(answer, self.clean)) + b"\n")
                continue
            if len(waiting) > _LONGEST_LINE:
                return
            chunk = await stream.receive_some(4096)
            if not chunk:
                return
            waiting += chunk
            idle.deadline = trio.current_time() + _IDLE

    async def _answer(self, line: bytes) -> Answer:
        try:
            command = msgspec.json.decode(line, type=Command)
            if command.v != PROTOCOL:
                raise CommandRefused(
                    f"this bot speaks control protocol {PROTOCOL}, the command {command.v}: use its version"
                )
            result = await self._obey(command.command, command.args)
        except msgspec.MsgspecError as problem:
            return Answer(ok=False, error=f"not a command: {problem}")
        except CommandRefused as refusal:
            return Answer(ok=False, error=str(refusal))
        if command.command not in _READS:
            body = msgspec.json.encode({"command": command.command, "args": command.args}).decode()
            self.journal.tell(Note("command", "", body, self.wall()))
        if command.command in (*_ORDERS, _MARKETS) and (why := await self._forgettable(command)):
            result = {**result, "warning": _NOT_YET.format(why)}
        return Answer(ok=True, result=result)

    async def _obey(self, command: str, args: Args) -> Any:  # noqa: ANN401 - JSON
        if command in _SETTINGS:
            return await self.reload.obey(command, args)
        if command == _MARKETS:
            return await self._switch(str(args.get("market") or ""), on=bool(args.get("on")))
        return self.console.obey(command, args)

    async def _switch(self, name: str, *, on: bool) -> dict[str, str]:
        """The universe answers; what a name means it may have to ask the venue."""
        try:
            name_of(name)
            answer = await self.universe.ask(Switch(name, on))
        except ValueError as problem:
            raise CommandRefused(f"market {name!r} {problem}") from None
        except Unanswered as silence:
            raise CommandRefused(f"not known whether that was done, look at `status`: {silence}") from None
        if answer.refused:
            raise CommandRefused(answer.refused)
        return {"done": answer.done}

    async def _forgettable(self, command: Command) -> str:
        """Wait until what was ordered is obeyed and on the disk; why it is not, if that takes too long.

        An order that has been heeded is not brought again: somebody else may have given another since.
        """
        heeded, why = self.console.heeded(command.command, command.args), "it does not answer"
        steps: list[Callable[[], Awaitable[object]]] = [
            lambda: self.risk.ask(heeded),
            lambda: self.record.ask(Settle()),
        ]
        with trio.move_on_after(_REMEMBERED_WITHIN):
            while steps:
                try:
                    await steps[0]()
                    del steps[0]
                except Unanswered as silence:
                    why = str(silence)
                    await trio.sleep(0.1)
        return why if steps else ""


def cleaned(answer: Any, clean: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """Every text in a JSON value cleaned on its own: what is to go may be part of a number, too."""
    if isinstance(answer, str):
        return clean(answer)
    if isinstance(answer, Mapping):
        return {key: cleaned(value, clean) for key, value in answer.items()}
    return [cleaned(item, clean) for item in answer] if isinstance(answer, list | tuple) else answer


def _same_user(stream: trio.SocketStream) -> bool:
    """Whether the peer runs under our user id (SO_PEERCRED)."""
    credentials = stream.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", credentials)[1] == os.getuid())
