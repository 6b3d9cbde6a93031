"""Where log lines go: a bounded queue and one thread that writes it; never blocks the bot, never prints a secret.

The thread writes to the file descriptor itself, not to the Python stream: a blocked write then holds no lock that another
print, or the end of the interpreter, would wait for. Secrets are replaced by value in the final text, tracebacks included,
because editing the message leaves them in the exception, and patterns eat order hashes (reliability.md §7).
"""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO
from urllib.parse import quote

from attrs import define, field
from loguru import logger

from actors.model.settings import LogSettings

if TYPE_CHECKING:
    from loguru import Message, Record

MOST_LINES = 2_000
LONGEST_LINE = 16_384
CLOSE_WITHIN_S = 1.0
SHORTEST_SECRET = 6

_HIDDEN = "***"


@define
class Redactor:
    """Replaces known secrets in text, in the spellings that JSON, repr and addresses give them, in either case of letters,
    hex without its 0x and base64 without its padding."""

    _spellings: list[str] = field(factory=list)

    def add(self, secret: str) -> None:
        """Hide `secret` from now on. Anything shorter than 6 characters is no secret but would garble every line."""
        if len(secret) < SHORTEST_SECRET:
            return
        forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="", errors="surrogatepass")}
        forms |= {form.lower() for form in forms} | {form.upper() for form in forms}
        forms |= {form.removeprefix("0x").removeprefix("0X").rstrip("=") for form in forms}
        known = set(self._spellings) | {form for form in forms if len(form) >= SHORTEST_SECRET}
        self._spellings = sorted(known, key=len, reverse=True)  # the longest first: one may contain another

    def clean(self, text: str) -> str:
        for spelling in self._spellings:
            text = text.replace(spelling, _HIDDEN)
        return text


@define(eq=False)
class _Output:
    """The queue and its thread. When full, the oldest line makes room and is counted."""

    write: Callable[[str], None]
    tell_dropped: Callable[[int], str]
    _lines: deque[str] = field(factory=deque)
    _dropped: int = 0
    _closing: bool = False
    _changed: threading.Condition = field(factory=threading.Condition)
    _thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        with self._changed:
            if len(self._lines) >= MOST_LINES:
                self._lines.popleft()
                self._dropped += 1
            self._lines.append(line)
            self._changed.notify()

    def close(self) -> bool:
        """Write what is left, for a second at most; whether all of it was written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_WITHIN_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            try:
                self.write(batch[0])
            except (OSError, ValueError):  # closed or full; maybe not for ever, so the next line tries again
                with self._changed:
                    self._dropped += batch[1]

    def _next(self) -> tuple[str, int] | None:
        """All waiting lines as one text, after a word on those that were lost before them; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closing)
            if not self._lines:
                return None
            lost, self._dropped = self._dropped, 0
            lines = [self.tell_dropped(lost)] if lost else []
            count = lost + len(self._lines)
            lines += self._lines
            self._lines.clear()
            return "".join(lines), count


@define(eq=False)
class Logs:
    """Logging while it is on; a context manager."""

    redactor: Redactor
    _output: _Output
    _sink: int
    _release: Callable[[], None]
    _stdlib: logging.Handler
    _add: Callable[[str], int]

    def add_secret(self, secret: str) -> None:
        self.redactor.add(secret)

    def set_level(self, level: str) -> None:
        """Log from `level` on; no line falls between two sinks."""
        before, self._sink = self._sink, self._add(level)
        logger.remove(before)

    def close(self) -> None:
        """Stop logging; lines still queued get a second to be written."""
        with suppress(ValueError):  # somebody removed every sink
            logger.remove(self._sink)
        logging.getLogger().removeHandler(self._stdlib)
        if self._output.close():
            self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def start_logging(settings: LogSettings, secrets: Iterable[str] = (), stream: TextIO | None = None) -> Logs:
    """Send loguru's lines, and the warnings of libraries that use `logging`, to `stream` (default: stderr)."""
    stream = stream or sys.stderr
    human = settings.format == "human" or (settings.format == "auto" and _is_terminal(stream))
    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    write, release = _writer(stream)
    output = _Output(write, _human_dropped if human else _json_dropped)

    def sink(message: Message) -> None:
        line = redactor.clean(str(message) if human else _json_line(message, redactor.clean))
        output.put(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ... ({len(line)} characters)\n")

    def add(level: str) -> int:
        return logger.add(
            sink,
            level=level.upper(),
            format=_human_format if human else _exception_only,
            colorize=human and _is_terminal(stream),
            backtrace=False,
            diagnose=False,
        )

    logger.remove()
    number = add(settings.level)
    output.start()
    stdlib = _Forward(logging.WARNING)
    logging.getLogger().addHandler(stdlib)
    return Logs(redactor, output, number, release, stdlib, add)


class _Forward(logging.Handler):
    """Without it, warnings of libraries would reach stderr by logging's last resort: blocking, and with secrets in them."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in ("WARNING", "ERROR", "CRITICAL") else record.levelno
        logger.opt(exception=record.exc_info).log(level, "{}: {}", record.name, record.getMessage())


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _writer(stream: TextIO | None) -> tuple[Callable[[str], None], Callable[[], None]]:
    """How to write to `stream`, and how to let go of it: its own descriptor where it has one."""
    try:
        descriptor = os.dup(stream.fileno()) if stream else os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):  # in memory, or closed
        return (lambda text: _write_stream(stream, text)), _nothing
    return (lambda text: _write_all(descriptor, text)), (lambda: os.close(descriptor))


def _write_stream(stream: TextIO | None, text: str) -> None:
    """Raises ValueError when the stream is closed."""
    if stream is not None:
        stream.write(text)


def _nothing() -> None:
    """Nothing to let go of."""


def _write_all(descriptor: int, text: str) -> None:
    """Raises OSError. Waits for a reader, also when another program made the descriptor non-blocking."""
    rest = memoryview(text.encode("utf-8", "backslashreplace"))
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT)
            poll.poll()


def _human_format(record: Record) -> str:
    if not record["message"].isprintable():  # no forged lines or terminal commands from what the venue sent
        record["message"] = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in record["message"])
    extra = " <dim>{extra}</dim>" if record["extra"] else ""
    return f"<green>{{time:HH:mm:ss.SSS}}</green> <level>{{level: <7}}</level> {{message}}{extra}\n{{exception}}"


def _exception_only(_: Record) -> str:
    return "{exception}"


def _json_line(message: Message, clean: Callable[[str], str]) -> str:
    # cleaned here as well: in an exception a secret may be a repr, which JSON would escape a second time
    record = message.record
    row: dict[str, object] = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name.lower(),
        "where": record["name"],
        "message": clean(record["message"]),
    }
    if record["extra"]:
        row["extra"] = record["extra"]
    if text := str(message).strip():
        row["exception"] = clean(text)
    return json.dumps(row, default=str) + "\n"


def _human_dropped(count: int) -> str:
    return f"WARNING {count} earlier log lines were dropped: the output was blocked or closed\n"


def _json_dropped(count: int) -> str:
    return (
        json.dumps({"level": "warning", "message": "log lines dropped: output blocked or closed", "count": count})
        + "\n"
    )
