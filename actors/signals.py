"""Signals that arrive before the program can act on them. Imports nothing but `signal`, so that it can come first."""

import signal

early: list[int] = []


def _note(number: int, _: object) -> None:
    early.append(number)


def catch() -> None:
    """Remember SIGTERM and SIGINT instead of dying of them: from here on a stop is always an orderly one."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _note)
