"""What the control socket answers: an order to trading only once it is on the disk, or with a warning that it is not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from actors.model.trading import ALL, Order, Trading
from actors.records import Note
from actors.shared.control import Control
from actors.shared.risk import Command
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.reload import Reload
from tests.venue import wall
from tests.wiring.sources import unheard, unread
from tests.wiring.world import ALPHA, World, quoting


@asynccontextmanager
async def served(of: World, path: Path) -> AsyncIterator[trio.SocketStream]:
    """A client of the bot's control socket."""
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    journal = of.shared("journal")
    reload = Reload(unread(of.settings), of.spine.tuning, {}, unheard, journal, wall)
    control = Control(path, console, reload, journal, wall, of.spine.risk, of.spine.journal, of.spine.universe)
    async with trio.open_nursery() as nursery:
        bound = trio.Event()
        nursery.start_soon(control.run, bound.set)
        await bound.wait()
        async with await trio.open_unix_socket(str(path)) as stream:
            yield stream
        nursery.cancel_scope.cancel()


async def told(stream: trio.SocketStream, command: str, **args: str | bool) -> Any:  # noqa: ANN401 - JSON
    await stream.send_all(json.dumps({"v": 1, "command": command, "args": args}).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        answer += await stream.receive_some()
    return json.loads(answer)["result"]


async def test_a_kill_is_on_the_disk_before_it_is_answered(autojump_clock: object, tmp_path: Path) -> None:
    async with quoting(ALPHA) as running, served(running, tmp_path / "s") as stream:
        running.journal.latency = 0.5
        answer = await told(stream, "kill", reason="looks wrong")
        rows = list(running.journal.rows)
        assert "warning" not in answer
    running.journal.rows = rows
    standings = (await running.journal.memory()).standings
    assert {standings[name].trading for name in (ALL, "alpha")} == {Trading.SAFE}
    assert any(isinstance(row, Note) and row.kind == "command" and "kill" in row.body for row in rows)


@pytest.mark.parametrize("ill", ["fail", "hang"])
async def test_an_order_that_the_journal_cannot_take_counts_at_once_and_warns(
    ill: str, autojump_clock: object, tmp_path: Path
) -> None:
    async with quoting(ALPHA) as running, served(running, tmp_path / "s") as stream:
        running.journal.ill = ill
        began = trio.current_time()
        answer = await told(stream, "pause")
        assert "a restart may forget it" in answer["warning"]
        assert trio.current_time() - began < 5.0, "before the client gives up"
        assert running.live() == []


async def test_an_order_while_risk_is_down_is_answered_once_its_next_life_has_obeyed(
    autojump_clock: object, tmp_path: Path
) -> None:
    async with quoting(ALPHA) as running, served(running, tmp_path / "s") as stream:
        running.shared("risk").crash("drill")
        await trio.sleep(0.001)
        assert "warning" not in await told(stream, "kill")
        assert (await running.journal.memory()).standings["alpha"].trading is Trading.SAFE


@pytest.mark.parametrize(
    ("command", "args", "standing"),
    [
        ("kill", {}, Trading.SAFE),
        ("pause", {"market": "alpha"}, Trading.PAUSED),
        ("cancel-all", {}, Trading.PAUSED),
        ("flatten", {}, Trading.PAUSED),
        ("flatten", {"cancel_only": True}, Trading.PAUSED),
    ],
)
async def test_an_order_to_stop_that_dies_with_its_reader_is_brought_again(
    command: str, args: dict[str, str | bool], standing: Trading, autojump_clock: object, tmp_path: Path
) -> None:
    async with quoting(ALPHA) as running, served(running, tmp_path / "s") as stream:
        running.shared("risk").crash("drill")
        await trio.sleep(0.001)
        running.shared("risk").tell(Command(Order.PAUSE, "poison"))  # no such market: its reader dies with the batch
        assert "warning" not in await told(stream, command, **args)
        await trio.sleep(1.0)  # with nothing held, a flatten ends in a pause
        assert (await running.journal.memory()).standings["alpha"].trading is standing
        assert running.live() == []


async def test_status_and_drills_wait_for_nobody(autojump_clock: object, tmp_path: Path) -> None:
    async with quoting(ALPHA) as running, served(running, tmp_path / "s") as stream:
        running.journal.ill = "hang"
        began = trio.current_time()
        assert (await told(stream, "status"))["state"] == "running"
        assert "warning" not in await told(stream, "drill", market="shared", actor="journal")
        assert trio.current_time() - began < 0.01
