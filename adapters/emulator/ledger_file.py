"""The ledger's file: begun anew when an exchange is ready, with the former one kept beside it. Writes no line itself."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from attrs import define, field

from adapters.emulator.ledger import Ledger


@define(eq=False)
class LedgerFile:
    """What `ledger` writes is noted in memory until `begin`: an exchange that never gets ready touches no file."""

    path: Path
    ledger: Ledger
    _noted: StringIO = field(factory=StringIO, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.ledger.file = self._noted

    def begin(self) -> None:
        """From here on the lines are in the file. What stood there moves to `FILE.1`, over an older one of that name.

        Pipes and devices are written to as they are. Raises OSError.
        """
        if self.path.is_file() and self.path.stat().st_size:
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        file = self.path.open("w", encoding="utf-8", buffering=1)
        file.write(self._noted.getvalue())
        self.ledger.file = file
