"""The API key of an account, kept between runs in a file of its own (0600), so that a start asks the venue for none.

Only a convenience: what cannot be read, or what others can read, counts as not there and is derived from the wallet again.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from attrs import frozen
from loguru import logger

from adapters.polymarket.auth import Credentials

_PARTS = ("api_key", "secret", "passphrase")


@frozen
class Keyring:
    """One file, for one key at one venue."""

    path: Path

    def read(self) -> Credentials | None:
        try:
            with self.path.open("rb") as file:
                private = not stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077
                kept = json.loads(file.read())
            return Credentials(*(str(kept[name]) for name in _PARTS)) if private else None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, credentials: Credentials) -> None:
        """Replace the file as a whole; a disk that refuses costs the next start a request, no more."""
        draft = self.path.with_suffix(".new")
        kept = {name: getattr(credentials, name) for name in _PARTS}
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(kept, file)
            draft.replace(self.path)
        except OSError as problem:
            logger.warning("the API key could not be kept for the next run: {}", problem.strerror)
