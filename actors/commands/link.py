"""A running bot's control socket, from the outside: one command, one answer. Standard library only, to start fast."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

_PROTOCOL = 1
_PATIENCE = 5.0


def socket_path(instance: str, path: str | None = None) -> Path:
    """Where the instance listens (XDG state directory), or the path given."""
    if path:
        return Path(path)
    base = os.environ.get("XDG_STATE_HOME") or str(Path(os.environ.get("HOME", "/tmp")) / ".local" / "state")
    return Path(base) / "polyactors" / instance / "control.sock"


class NoAnswer(Exception):
    """There is no bot, or it refuses; says which and what to do."""


def send(instance: str, command: str, path: str | None = None, **args: str | bool | int | None) -> Any:  # noqa: ANN401
    """The command's result. Exits 1 with a clear line if there is no bot, or it refuses."""
    try:
        return ask(instance, command, path, **args)
    except NoAnswer as problem:
        fail(str(problem))


def ask(instance: str, command: str, path: str | None = None, **args: str | bool | int | None) -> Any:  # noqa: ANN401
    """The command's result. Raises NoAnswer."""
    where = socket_path(instance, path)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(_PATIENCE)
            link.connect(str(where))
            link.sendall(json.dumps({"v": _PROTOCOL, "command": command, "args": args}).encode() + b"\n")
            with link.makefile("rb") as lines:
                answer = json.loads(lines.readline() or b"{}")
    except (OSError, ValueError) as problem:
        raise NoAnswer(_why_not(problem, instance, where)) from None
    if not answer.get("ok"):
        raise NoAnswer(answer.get("error") or "the bot ended the connection without an answer")
    return answer["result"]


def _why_not(problem: Exception, instance: str, where: Path) -> str:
    if isinstance(problem, FileNotFoundError):
        return f"no bot runs as instance {instance!r}: start one with `python -m actors run config.yaml`"
    if isinstance(problem, ConnectionRefusedError):
        left = f"is gone and left its socket behind ({where}): start it again, or delete the file"
        return f"the bot of instance {instance!r} {left}"
    if isinstance(problem, PermissionError):
        return f"the bot of instance {instance!r} belongs to another user: run this command as that user"
    return f"the bot of instance {instance!r} does not answer: {problem}"


def fail(text: str) -> NoReturn:
    """One line on stderr, exit 1."""
    print(f"polyactors: {text}", file=sys.stderr)
    raise SystemExit(1)
