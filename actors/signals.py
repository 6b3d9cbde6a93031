"""Signals that arrive before the program can act on them. Imports nothing but `signal`, so that it can come first."""

import signal

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
early: list[int] = []


def _note(number: int, _: object) -> None:
    early.append(number)


def catch() -> None:
    """Remember these instead of dying of them: from here on a stop is always an orderly one, a lost terminal included."""
    for number in STOPS:
        signal.signal(number, _note)


def ignore() -> None:
    """Everything is done and the exit code is settled: nothing may change it while the interpreter takes itself down."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
