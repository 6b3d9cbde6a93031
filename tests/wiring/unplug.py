"""`python -m tests.wiring.unplug`: unplug each key that limits, one by one, and see its run fail.

Every run is also made with nothing unplugged, for a run that always fails would catch anything. The exit code is 1 if
a key was unplugged unnoticed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from tests.wiring.at_exchange import a_kill_ends_the_run, fires
from tests.wiring.firing import FIRES
from tests.wiring.test_every_limit_fires import PARAMETERS
from tests.wiring.unplugging import UNPLUGGED
from tests.wiring.waiting import WAITS, waited

_WITHIN = 300.0  # virtual s: a run that waits for what never comes


def fails(key: str, *, unplugged: bool = True) -> str:
    """How the key's run fails; "" if it does not."""
    with pytest.MonkeyPatch.context() as patch:
        if unplugged:
            UNPLUGGED[key](patch)
        try:
            trio.run(_within, _run_of(key), clock=MockClock(autojump_threshold=0))
        except BaseException as problem:  # noqa: BLE001 - whatever it is, it shows that something is missing
            return _first(problem)
    return ""


def _run_of(key: str) -> Callable[[], Awaitable[None]]:
    """At the exchange; in memory for those that only say how another one counts."""
    if key == "risk.on_kill":
        return _at_home(a_kill_ends_the_run)
    if key in WAITS:
        return partial(waited, key, WAITS[key])
    return _at_home(partial(fires, FIRES[key])) if key in FIRES else PARAMETERS[key]


def _at_home(run: Callable[[Path], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def main() -> None:
        with tempfile.TemporaryDirectory(prefix="pa") as home:
            await run(Path(home))

    return main


async def _within(run: Callable[[], Awaitable[None]]) -> None:
    with trio.fail_after(_WITHIN):
        await run()


def _first(problem: BaseException) -> str:
    """The innermost words of a group's first exception."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return f"{type(problem).__name__}: {problem}"[:100]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.wiring.unplug", description=__doc__)
    parser.add_argument("keys", nargs="*", help="only these")
    keys, began, unnoticed = parser.parse_args().keys or list(UNPLUGGED), time.monotonic(), 0
    for key in keys:
        sound, how = fails(key, unplugged=False), fails(key)
        unnoticed += bool(sound) or not how
        print(f"{key}: {f'fails by itself: {sound}' if sound else how or 'NOT NOTICED'}", flush=True)
    print(f"{len(keys) - unnoticed} of {len(keys)} unplugged keys noticed, after {time.monotonic() - began:.0f} s")
    sys.exit(unnoticed > 0)


if __name__ == "__main__":
    main()
