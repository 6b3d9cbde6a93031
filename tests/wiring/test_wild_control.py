"""Whatever is written to the control socket of a running bot: a line of JSON comes back, nothing crashes, no secret shows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import trio
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from actors.model.conversion import Kind
from actors.shared.control import Control
from actors.wiring.reload import Reload
from adapters.logs import Redactor
from tests.adapters.polymarket.wild import NUMBERS, RAW, anything
from tests.depth import seeded
from tests.venue import wall
from tests.wiring.lives import console
from tests.wiring.sources import unheard, unread
from tests.wiring.world import ALPHA, BETA, World, bot, virtually, world

SECRET = "0x7c6a3b9e5f204d1188aa0be1f35d97c2461fe0ab59d3c8e7f10d2b4a69538c17"
VERBS = (
    *("status", "explain", "pause", "resume", "flatten", "cancel-all", "kill", "approvals", "approve", "reject"),
    *("config", "reload", "set", "drill", "version", "", "nonsense", SECRET, *(kind.value for kind in Kind)),
)
KEYS = ("market", "reason", "ack_kill", "cancel_only", "number", "amount", "keys", "confirm", "actor", "what", "times")
WORDS = (
    *("alpha", "beta", "demo", "shared", "tracker", "crash", "", "5", "1e9", "-1", "nan", "é", "\ud800", "a" * 3000),
    *(SECRET, SECRET[2:], "budget.total=5", "log.level=debug", f"mode={SECRET}", "x", "=", "\n", "0x" + "ab" * 32),
)
_LINES = 40
_PART = 16  # characters in a row of a secret that are too many; values that do not fit are shown cut after 12


def line(rng: Random) -> bytes:
    """A command, mostly one that could be meant; of drills only those that nobody can carry out."""
    if rng.random() < 0.15:
        return (rng.choice(RAW) + rng.randbytes(rng.randrange(8))).replace(b"\n", b"")
    verb = rng.choice(VERBS)
    args: Any = {rng.choice(KEYS): argument(rng) for _ in range(rng.randrange(4))}
    if verb == "drill":
        args["what"] = "nothing"
    told: Any = {"v": 1 if rng.random() < 0.95 else anything(rng), "command": verb, "args": args}
    if rng.random() < 0.1:
        told[rng.choice(list(told))] = anything(rng)
    return json.dumps(told, ensure_ascii=rng.random() < 0.5).encode(errors="replace")


def argument(rng: Random) -> Any:  # noqa: ANN401 - JSON
    return rng.choice((rng.choice(WORDS), rng.choice(NUMBERS), None, True, False, anything(rng)))


@define(eq=False)
class Client:
    """Sends lines and reads answers; connects anew where it was let go."""

    path: Path
    stream: trio.SocketStream | None = None
    waiting: bytes = b""
    told: list[Any] = field(factory=list)

    async def say(self, text: bytes) -> None:
        if self.stream is None:
            self.stream = await trio.open_unix_socket(str(self.path))
        await self.stream.send_all(text + b"\n")
        while b"\n" not in self.waiting:
            chunk = await self.stream.receive_some()
            if not chunk:
                return await self.leave()
            self.waiting += chunk
        answer, _, self.waiting = self.waiting.partition(b"\n")
        assert not leaked(answer.decode()), (text, answer)
        self.told.append(json.loads(answer))

    async def leave(self) -> None:
        if self.stream is not None:
            await self.stream.aclose()
        self.stream, self.waiting = None, b""


def leaked(text: str) -> list[str]:
    return [part for at in range(2, len(SECRET) - _PART + 1) if (part := SECRET[at : at + _PART]) in text]


def control(of: World, path: Path) -> Control:
    """As the root makes it."""
    spine, redactor = of.spine, Redactor()
    redactor.add(SECRET)
    reload = Reload(unread(of.settings), spine.tuning, spine.markets, unheard, spine.mailboxes["journal"], wall)
    box, desks = spine.mailboxes["journal"], (spine.risk, spine.journal, spine.universe)
    return Control(path, console(of), reload, box, wall, *desks, redactor.clean)


@seeded(60)
@given(st.integers(0, 2**32 - 1))
def test_every_line_is_answered_by_one_that_holds_no_secret_and_the_bot_goes_on(seed: int) -> None:
    rng = Random(seed)

    async def main() -> None:
        with tempfile.TemporaryDirectory(prefix="pa") as folder:
            async with bot(world(ALPHA, BETA)) as of, trio.open_nursery() as nursery:
                listening, path = trio.Event(), Path(folder) / "s"
                nursery.start_soon(control(of, path).run, listening.set)
                await listening.wait()
                client, sent = Client(path), 0
                for _ in range(_LINES):
                    await client.say(line(rng))
                    sent += 1
                    await trio.sleep(rng.choice((0.0, 0.0, 0.3)))
                assert len(client.told) == sent
                assert all(
                    isinstance(answer["ok"], bool) and (answer["ok"] or answer["error"]) for answer in client.told
                )
                assert not any("Traceback" in str(answer) for answer in client.told)
                await client.say(b'{"v": 1, "command": "status"}')
                shown = client.told[-1]["result"]
                assert not [name for name, one in shown["services"].items() if one["restarts"]]
                assert not [market for market in shown["markets"] if any(market["restarts"].values())]
                await client.leave()
                nursery.cancel_scope.cancel()

    virtually(main)
