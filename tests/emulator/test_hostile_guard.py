"""A bug costs its caller a 500 or a connection, and leaves a line; nobody else notices."""

from __future__ import annotations

from io import StringIO

import pytest
import trio
from attrs import evolve
from trio.testing import MockClock

from adapters.emulator.desk import Desk
from adapters.emulator.guard import Guard
from adapters.emulator.http import Request
from adapters.emulator.ledger import Ledger
from adapters.emulator.sockets import Outlet, Session
from tests.emulator.harness import START, Venue, open_venue
from tests.emulator.hostile import bugs
from tests.emulator.test_sockets import market_socket

OK = Request("GET", "/ok", {}, {})


def broken(desk: Desk, request: Request) -> object:
    raise RuntimeError("what a client sent")


class BrokenChannel:
    def open(self, outlet: Outlet) -> Session:
        return self

    def received(self, text: str) -> None:
        raise RuntimeError(text)

    def closed(self) -> None: ...


def break_ok(venue: Venue) -> None:
    services = venue.emulator.services
    services["clob"] = evolve(services["clob"], open={**services["clob"].open, ("GET", "/ok"): broken})


async def test_a_bug_in_a_route_is_a_500_and_two_lines_without_what_the_client_sent(
    autojump_clock: MockClock, capsys: pytest.CaptureFixture[str]
) -> None:
    diary = StringIO()
    async with open_venue(ledger=Ledger(lambda: START, diary)) as venue:
        break_ok(venue)
        client = venue.rest()
        assert await client.call("GET", "/ok") == (500, {"error": "Internal server error"})
        assert (await client.call("GET", "/time"))[0] == 200  # the same connection goes on
        (line,) = bugs(diary)
        said, written = capsys.readouterr().err, diary.getvalue()
    assert (line["during"], line["exception"]) == ("clob", "RuntimeError")
    assert line["where"].startswith("rest.py:")  # the exchange's own innermost frame
    assert said == f"bug: RuntimeError at {line['where']} during clob; the exchange goes on\n"
    assert "what a client sent" not in written + said


async def test_an_act_that_a_fault_calls_later_is_guarded_by_itself(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        break_ok(venue)
        act = venue.emulator.services["clob"].receive(OK, OK)
        assert act().status == 500


async def test_a_bug_in_a_channel_ends_one_socket(autojump_clock: MockClock) -> None:
    diary = StringIO()
    async with open_venue(ledger=Ledger(lambda: START, diary)) as venue:
        other = await market_socket(venue, venue.listings[0].market.yes)
        venue.emulator.channels["/ws/user"] = BrokenChannel()
        await (await venue.socket("/ws/user")).send_message("{}")
        await trio.sleep(1)
        assert [line["exception"] for line in bugs(diary)] == ["RuntimeError"]
        await other.send_message("PING")
        while await other.get_message() != "PONG":
            pass


async def test_a_bug_below_the_requests_ends_one_connection(autojump_clock: MockClock) -> None:
    diary = StringIO()
    async with open_venue(ledger=Ledger(lambda: START, diary)) as venue:
        _, theirs = trio.testing.memory_stream_pair()
        theirs.receive_stream.receive_some = _broken_read  # type: ignore[method-assign]
        await venue.emulator.serve_rest(theirs)
        assert [line["during"] for line in bugs(diary)] == ["clob connection"]
        assert await venue.rest().call("GET", "/ok") == (200, "OK")


async def _broken_read(max_bytes: int | None = None) -> bytearray:
    raise RuntimeError


async def test_being_cancelled_is_no_bug(autojump_clock: MockClock) -> None:
    diary = StringIO()
    with trio.move_on_after(1) as scope, Guard(Ledger(lambda: START, diary)).over("waiting"):
        await trio.sleep_forever()
    assert scope.cancelled_caught
    assert bugs(diary) == []
