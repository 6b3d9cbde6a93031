"""What a command prints, without the secrets that lie around it: whoever pastes one into the wrong place sees `***`.

The one place for all commands, usage errors and tracebacks included. Logs of `run` have their own (`adapters.logs`).
Standard library only while there is no secret, to start fast.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

from actors.config_secrets import PUBLIC, SECRETS

_DOTENV = Path(".env")
_LARGEST = 64 * 1024
_PASSWORD_FILE = "KEYSTORE_PASSWORD_FILE"


class _Discreet:
    """A text stream that takes secrets out of what is written to it, and what no terminal can show.

    It has no `buffer`: nothing goes past it.
    """

    def __init__(self, inner: TextIO, clean: Callable[[str], str]) -> None:
        self.inner, self.clean = inner, clean

    @property
    def encoding(self) -> str:
        return self.inner.encoding

    @property
    def errors(self) -> str | None:
        return self.inner.errors

    def write(self, text: str) -> int:
        """Raises TypeError for bytes, by which click tells a stream of text."""
        if not isinstance(text, str):
            raise TypeError(f"text is written here, not {type(text).__name__}")
        encoding = self.encoding or "utf-8"
        self.inner.write(self.clean(text).encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def flush(self) -> None:
        self.inner.flush()

    def fileno(self) -> int:
        return self.inner.fileno()

    def isatty(self) -> bool:
        return self.inner.isatty()


@contextmanager
def discreet(*, results: bool) -> Iterator[None]:
    """Print nothing secret to stderr within, nor with `results` to stdout."""
    known, out, err = _known(), sys.stdout, sys.stderr
    in_results = [secret for secret in known if results and not secret.isdigit()]  # which could be part of a number
    with (  # a stream that is closed is None, and stays so
        redirect_stdout(out and _Discreet(out, _cleaner(in_results))),
        redirect_stderr(err and _Discreet(err, _cleaner(known))),
    ):
        yield


def _cleaner(secrets: Sequence[str]) -> Callable[[str], str]:
    """What takes the secrets out of a text; it costs nothing where there are none."""
    if not secrets:
        return _as_it_is
    from adapters.logs import Redactor

    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    return redactor.clean


def _as_it_is(text: str) -> str:
    return text


def _known() -> list[str]:
    """The secrets of the environment, of `.env`, and of the password's file if either names one."""
    given = {name: value for source in (_of_file(), os.environ) for name in SECRETS if (value := source.get(name, ""))}
    found = [text for name, value in given.items() if name not in PUBLIC for text in (value, value.strip())]
    return found + ([_content(Path(given[_PASSWORD_FILE])).strip()] if _PASSWORD_FILE in given else [])


def _of_file() -> Mapping[str, str]:
    if not (text := _content(_DOTENV)):
        return {}
    from io import StringIO

    from dotenv import dotenv_values

    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()}


def _content(path: Path) -> str:
    """A small text file, "" if it cannot be read. A pipe is left to whoever needs what is in it."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_LARGEST).decode(errors="replace")
    except (OSError, ValueError):
        return ""
