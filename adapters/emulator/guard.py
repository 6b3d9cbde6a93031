"""What becomes of a bug of the exchange: a line in the ledger, one on stderr, and life goes on. Mends nothing.

Without it one request that nobody thought of would end the exchange for everybody. A guard hides no bug: the fuzz
tests fail on the first line of kind `bug`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from adapters.emulator.ledger import Ledger

_OURS = Path(__file__).parent
_DEEPEST = 200  # frames of a traceback that are looked at


@frozen
class Guard:
    ledger: Ledger

    @contextmanager
    def over(self, what: str) -> Iterator[None]:
        """Whatever breaks inside is noted and ends there; being cancelled is not breaking."""
        try:
            yield
        except* Exception as problems:  # noqa: BLE001 - one client's request never ends the exchange for the others
            self.note(problems, what)

    def note(self, problem: Exception, what: str) -> None:
        """One line for each exception: its type and place, never its text, which may hold what a client sent."""
        for one in _leaves(problem):
            kind, where = type(one).__name__, _place(one)
            self.ledger.write("bug", during=what, exception=kind, where=where)
            print(f"bug: {kind} at {where} during {what}; the exchange goes on", file=sys.stderr, flush=True)


def _leaves(problem: BaseException) -> Iterator[BaseException]:
    if isinstance(problem, BaseExceptionGroup):
        for one in problem.exceptions:
            yield from _leaves(one)
    else:
        yield problem


def _place(problem: BaseException) -> str:
    """`file.py:line` of the exchange's own innermost frame."""
    frames = traceback.extract_tb(problem.__traceback__, limit=-_DEEPEST)
    ours = [frame for frame in frames if Path(frame.filename).parent == _OURS and frame.filename != __file__]
    last = (ours or frames)[-1:]
    return f"{Path(last[0].filename).name}:{last[0].lineno}" if last else "nowhere"
