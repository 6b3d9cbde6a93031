"""Where one instance keeps its socket, journal, audit trail and lock: the XDG state directory, private to the user."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen

from actors.model.settings import Settings

_LONGEST_SOCKET_PATH = 100  # the kernel's limit for a Unix socket path is 107 bytes


class PlaceError(Exception):
    """The instance cannot have its directory, socket or lock; says what to change."""


@frozen
class Places:
    """Paths of one instance."""

    root: Path
    socket: Path
    journal: Path
    ledger: Path
    exchange_log: Path
    trail: Path

    @property
    def lock(self) -> Path:
        return self.root / "instance.lock"

    def account_lock(self, name: str) -> Path:
        """Held by whoever trades one account at one venue, under whatever instance (reliability.md F31)."""
        return self.root.parent / "locks" / f"{name}.lock"

    def of_account(self, settings: Settings, name: str) -> Places:
        """With a journal of its own for one account at one venue, unless the settings name a file."""
        return self if settings.journal.path else evolve(self, journal=self.root / f"journal-{name}.db")


def state_home(environ: Mapping[str, str]) -> Path:
    """The directory that holds every instance."""
    base = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME", "/tmp")) / ".local" / "state")
    return Path(base) / "polyactors"


def places(settings: Settings, environ: Mapping[str, str]) -> Places:
    """The paths of this instance; nothing is created. Raises PlaceError for a socket path the kernel refuses."""
    root = state_home(environ) / settings.instance
    path = Path(settings.control.socket or root / "control.sock")
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        raise PlaceError(f"the control socket path is too long ({path}): set control.socket to a shorter one")
    return Places(
        root=root,
        socket=path,
        journal=_journal(settings, root),
        ledger=root / "exchange.ledger.jsonl",
        exchange_log=root / "exchange.log",
        trail=Path(settings.audit.path or root / "audit.jsonl"),
    )


def _journal(settings: Settings, root: Path) -> Path:
    """Where the journal is. With an exchange of its own the demo starts a new one each time, so never a file of others."""
    own_exchange = settings.mode == "demo" and settings.venue.clob_url is None
    return root / "journal.db" if own_exchange or settings.journal.path is None else Path(settings.journal.path)


def check_socket(path: Path) -> None:
    """Raise PlaceError unless the control socket may be made at `path`: nothing there, or a dead bot's socket."""
    if not path.exists():
        return
    if not path.is_socket():
        raise PlaceError(f"control.socket: {path} is there and is no socket: name another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise PlaceError(f"control.socket: another bot listens on {path}: stop it, or name another path")


def holder(path: Path) -> str:
    """The process id of whoever holds a lock file; "" if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(descriptor)
    finally:
        os.close(descriptor)
    return ""


@contextmanager
def held(path: Path, taken: str) -> Iterator[None]:
    """Hold a lock file while the block runs; its content is our process id. Raises PlaceError(taken) if it is held.

    `{pid}` in `taken` is replaced by the holder's process id.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlaceError(taken.replace("{pid}", _pid(descriptor))) from None
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _pid(descriptor: int) -> str:
    return os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
