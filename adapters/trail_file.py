"""The audit trail on disk: a file of JSON lines for its owner only, appended to and rotated. Implements `ports.TrailStore`.

The standard library's rotation renames whole files, so no line is ever split over two. A line that a crash or a full disk
has cut short is ended before the next one is written; whoever reads the file leaves it out.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from contextlib import suppress
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

import trio
from attrs import define, field

LARGEST, KEPT = 16 * 1024 * 1024, 8  # bytes a file may have, and full ones that are kept beside it


class _Rotating(RotatingFileHandler):
    """Files of mode 0600; a failure is raised, and the next record opens the file anew."""

    def _open(self) -> io.TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        os.fchmod(descriptor, 0o600)
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            os.write(descriptor, b"\n")
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: LogRecord) -> None:
        """Called by logging while it handles the failure; without a stream the next record opens one."""
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError):
                stream.close()
        raise


@define(eq=False)
class TrailFile:
    """One instance's trail. Written in a thread, so that a slow disk stops nothing; `inline` on virtual time."""

    path: Path
    inline: bool = False
    largest: int = LARGEST
    _file: _Rotating = field(init=False)
    _one_thread: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False)

    def __attrs_post_init__(self) -> None:
        self._file = _Rotating(self.path, maxBytes=self.largest, backupCount=KEPT, delay=True)

    async def append(self, lines: Sequence[str]) -> None:
        """Append whole lines. Raises OSError. Cancelled, the thread still ends its work, and the next one waits for it."""
        if self.inline:
            await trio.lowlevel.checkpoint()
            self._write(lines)
        else:
            await trio.to_thread.run_sync(self._write, lines, limiter=self._one_thread, abandon_on_cancel=True)

    def close(self) -> None:
        """Let go of the file; every line that was appended is in it."""
        self._file.close()

    def _write(self, lines: Sequence[str]) -> None:
        self._file.handle(makeLogRecord({"msg": "\n".join(lines)}))
