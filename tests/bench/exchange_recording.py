"""Recorded flow over the whole shared recording: the emulator's best prices against the recorded columns at every
change row, and the bot's book against the emulator's at every frame. Skipped, with a word, where the file is absent.

Run: python -m tests.bench exchange_recording
"""

from __future__ import annotations

import time

import trio

from tests.emulator.recordings import BotEar, Playback, opened, shared


async def measure() -> None:
    path = shared()
    if path is None:
        print("exchange_recording: skipped, the shared recording is not here (set POLYACTORS_FIXTURES)")
        return
    began = time.perf_counter()
    emulator, flow = opened(path, time.time)
    played = Playback(flow, BotEar(emulator)).run()
    columns, ear, spent = played.columns, played.ear, time.perf_counter() - began
    counts = columns.counts
    print(
        f"recording: {len(flow.steps):,} rows, {counts['rows']:,} of them changes, in {spent:.1f} s; {flow.summary()}"
    )
    known = columns.share("known_unaided", "known")
    print(f"  both best as recorded before any correction: {columns.share('unaided'):.3%} of rows", end="")
    print(f", {known:.3%} of the {counts['known']:,} whose best had occurred")
    print(
        f"  after it: {columns.share('equal'):.3%}, a level better than the recorded columns: {counts['better']} rows"
    )
    print(f"  printed shares that met nobody: {played.unmet:.1%}")
    print(f"  the bot's book equal to the emulator's: {ear.equal:,} of {ear.frames:,} frames", end="")
    print(f", resyncs {len(ear.troubles)}, refused {sum(ear.reader.oddities.values())}")


def main() -> None:
    trio.run(measure)


if __name__ == "__main__":
    main()
