"""Recorded flow over the whole shared recording: the emulator's best prices against the recorded columns at every
change row, and the bot's book against the emulator's at every frame. Skipped, with a word, where the file is absent.

Run: python -m tests.bench exchange_recording
"""

from __future__ import annotations

import time

import trio

from tests.emulator.recordings import BotEar, Columns, opened, shared


async def measure() -> None:
    path = shared()
    if path is None:
        print("exchange_recording: skipped, the shared recording is not here (set POLYACTORS_FIXTURES)")
        return
    began = time.perf_counter()
    emulator, flow = opened(path, time.time)
    ear, columns = BotEar(emulator), Columns()
    ear.listen()
    for row in flow.steps:
        columns.play(flow, row)
    counts, spent = columns.counts, time.perf_counter() - began
    print(
        f"recording: {len(flow.steps):,} rows, {counts['rows']:,} of them changes, in {spent:.1f} s; {flow.summary()}"
    )
    print(f"  a level better than the recorded columns: {counts['better']} rows")
    print(f"  both best as recorded: {columns.share('agreed'):.3%} before seeding, {columns.share('equal'):.3%} after")
    known = columns.share("known_agreed", "known")
    print(f"  both best as recorded, of {counts['known']:,} rows whose best had occurred: {known:.4%} before seeding")
    print(f"  the bot's book equal to the emulator's: {ear.equal:,} of {ear.frames:,} frames", end="")
    print(f", resyncs {len(ear.troubles)}, refused {sum(ear.reader.oddities.values())}")


def main() -> None:
    trio.run(measure)


if __name__ == "__main__":
    main()
