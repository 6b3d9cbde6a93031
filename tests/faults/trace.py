"""What happened in a run, as one hash to compare runs by and, if wanted, as lines to read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import trio
from attrs import define, field


@define(eq=False)
class Trace:
    """Every event with its virtual time. `lines` are kept with `keep` alone: a long run has millions."""

    keep: bool = False
    clock: Callable[[], float] = trio.current_time
    lines: list[str] = field(factory=list)
    events: int = 0
    _hash: "hashlib._Hash" = field(factory=lambda: hashlib.blake2b(digest_size=16))

    def note(self, kind: str, text: str) -> None:
        line = f"{self.clock():.6f} {kind} {text}"
        self.events += 1
        self._hash.update(line.encode())
        if self.keep:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
