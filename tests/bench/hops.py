"""What a message costs between two actors: state, fact and question, beside a bare trio memory channel, in one run.

Run: python -m tests.bench hops
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable
from math import inf

import trio
from attrs import frozen

from actors.kernel.ask import Ask, Desk
from actors.kernel.mailbox import Mailbox

ROUNDS, REPEATS = 2_000, 15


@frozen
class Ball:
    """A state like those of the bot: a frozen attrs value."""

    number: int


BALL = Ball(1)


async def state_hops(until: float = inf) -> None:
    """put → the parked reader wakes → reads; there and back."""
    here: Mailbox[object] = Mailbox("here")
    there: Mailbox[object] = Mailbox("there")

    async def answer() -> None:
        for _ in range(ROUNDS):
            await there.read(until)
            here.put(BALL)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        for _ in range(ROUNDS):
            there.put(BALL)
            await here.read(until)


async def timer_hops() -> None:
    """State hops to readers with a deadline, as of a quoter that renews its lease."""
    await state_hops(trio.current_time() + 3_600)


async def fact_hops() -> None:
    """tell → the parked reader wakes → reads; there and back."""
    here: Mailbox[object] = Mailbox("here")
    there: Mailbox[object] = Mailbox("there")

    async def answer() -> None:
        for _ in range(ROUNDS):
            await there.read()
            here.tell(BALL)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        for _ in range(ROUNDS):
            there.tell(BALL)
            await here.read()


async def channel_hops() -> None:
    """The same over two memory channels, with the cheaper of the two ways to send."""
    to_here, here = trio.open_memory_channel[Ball](1)
    to_there, there = trio.open_memory_channel[Ball](1)

    async def answer() -> None:
        for _ in range(ROUNDS):
            await there.receive()
            to_here.send_nowait(BALL)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        for _ in range(ROUNDS):
            to_there.send_nowait(BALL)
            await here.receive()


async def asks() -> None:
    """A question and its answer, with its deadline."""
    mailbox: Mailbox[object] = Mailbox("answerer")
    mailbox.renew()
    desk: Desk[Ball, Ball] = Desk("answerer", 0, mailbox)

    async def answer() -> None:
        while True:
            for letter in await mailbox.read():
                if isinstance(letter, Ask) and letter.open:
                    letter.reply(letter.question)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        for _ in range(ROUNDS):
            await desk.ask(BALL)
        nursery.cancel_scope.cancel()


async def timed(work: Callable[[], Awaitable[None]], steps: int) -> float:
    """Microseconds a step."""
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) / steps * 1e6


async def measure() -> tuple[list[float], float]:
    """Median microseconds of state hop, channel hop, timer hop, fact hop and ask; median ratio of the first two.

    Interleaved, so that a busy machine slows all of them; the ratio is taken within each round.
    """
    works = [(work, 2 * ROUNDS) for work in (state_hops, channel_hops, timer_hops, fact_hops)] + [(asks, ROUNDS)]
    rounds = [[await timed(work, steps) for work, steps in works] for _ in range(REPEATS)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    return medians, statistics.median(each[0] / each[1] for each in rounds)


def main() -> None:
    (state, channel, timer, fact, ask), ratio = trio.run(measure)
    print(f"state hop   ours {state:6.2f} us   trio memory channel {channel:6.2f} us")
    print(f"  {ratio:.2f}x a channel hop (wanted: at most 1.0x)")
    print(f"  with a deadline {timer:6.2f} us   fact hop {fact:6.2f} us   ask and answer {ask:6.2f} us")


if __name__ == "__main__":
    main()
