"""Scenarios run with faults and without: what a client sees of each, and the proof that the fault was what bit."""

from __future__ import annotations

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import h11
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from adapters.emulator.faults import Faults, parse
from adapters.emulator.http import Response
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import Listing
from tests.emulator.harness import Rest, Trader, Venue, open_venue

T = TypeVar("T")
Scenario = Callable[[Venue], Awaitable[T]]
Entry = dict[str, object]


def faults(*entries: Entry) -> Faults:
    return Faults(parse(list(entries)))


async def with_and_without(scenario: Scenario[T], *entries: Entry, **options: Any) -> tuple[T, T]:  # noqa: ANN401
    """What the scenario sees with the faults and without. Every fault must have bitten, and the ledger must say so."""
    diary = io.StringIO()
    every = faults(*entries)
    async with open_venue(faults=every, ledger=Ledger(lambda: 0.0, diary), **options) as venue:
        seen = await scenario(venue)
        lines = [json.loads(line) for line in diary.getvalue().splitlines()]
    told = [line["effect"] for line in lines if line["kind"] == "fault"]
    assert {kind: told.count(kind) for kind in every.hits} == every.hits
    assert all(every.hits[str(entry["kind"])] for entry in entries), every.hits
    async with open_venue(**options) as venue:
        plain = await scenario(venue)
    return seen, plain


async def raw(
    rest: Rest, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Response:
    """A call whose answer need not be JSON. Raises EOFError when the connection closes before it is complete."""
    head = [("host", "venue"), ("content-length", str(len(body))), *(headers or {}).items()]
    for part in (h11.Request(method=method, target=target, headers=head), h11.Data(data=body), h11.EndOfMessage()):
        await rest.stream.send_all(rest.connection.send(part) or b"")
    status, text = 0, bytearray()
    fields: tuple[tuple[str, str], ...] = ()
    while True:
        try:
            event = rest.connection.next_event()
        except h11.RemoteProtocolError as problem:
            raise EOFError(bytes(text)) from problem
        if event is h11.NEED_DATA:
            rest.connection.receive_data(bytes(await rest.stream.receive_some()))
        elif isinstance(event, h11.Response):
            status = event.status_code
            fields = tuple((name.decode(), value.decode()) for name, value in event.headers)
        elif isinstance(event, h11.Data):
            text += event.data
        elif isinstance(event, h11.EndOfMessage):
            rest.connection.start_next_cycle()
            return Response(bytes(text), status, fields, dict(fields).get("content-type", ""))
        else:
            raise EOFError(bytes(text))


async def outcome(call: Callable[[], Awaitable[Any]], patience: float = 30.0) -> Any:  # noqa: ANN401 - JSON or a word
    """(status, body) of a call; a word when there is no answer, none that is JSON, or none in time."""
    try:
        with trio.move_on_after(patience):
            return await call()
    except (EOFError, trio.BrokenResourceError, h11.RemoteProtocolError):
        return "closed"
    except json.JSONDecodeError:
        return "garbled"
    return "timeout"


async def buy(trader: Trader, listing: Listing, price: str = "0.3", size: str = "10", **kwargs: Any) -> Any:  # noqa: ANN401
    """A placement's outcome; a connection that broke is replaced afterwards."""
    seen = await outcome(lambda: trader.place(listing, listing.market.yes, "BUY", price, size, **kwargs))
    if isinstance(seen, str):
        trader.rest = trader.venue.rest()
    return seen


async def batch(trader: Trader, *bodies: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return await trader.call("POST", "/orders", list(bodies))


async def market_socket(venue: Venue, *tokens: str) -> WebSocketConnection:
    socket = await venue.socket("/ws/market")
    await socket.send_message(json.dumps({"type": "market", "assets_ids": list(tokens)}))
    return socket


async def user_socket(trader: Trader) -> WebSocketConnection:
    socket = await trader.venue.socket("/ws/user")
    auth = {name: trader.creds[name] for name in ("apiKey", "secret", "passphrase")}
    await socket.send_message(json.dumps({"type": "user", "auth": auth}))
    await trio.testing.wait_all_tasks_blocked()
    return socket


async def heard(socket: WebSocketConnection, patience: float = 5.0) -> list[Any]:
    """Every frame until `patience` seconds are silent: parsed, or as text; a number is the code of the end."""
    frames: list[Any] = []
    while True:
        with trio.move_on_after(patience):
            try:
                text = await socket.get_message()
            except ConnectionClosed as end:
                return [*frames, end.reason.code if end.reason else 1006]
            try:
                frames.append(json.loads(text))
            except ValueError:
                frames.append(text)
            continue
        return frames


def kinds(frames: list[Any]) -> list[str]:
    """The event types of frames, arrays in brackets."""
    return [
        f"[{','.join(kinds(frame))}]"
        if isinstance(frame, list)
        else str(frame.get("event_type") if isinstance(frame, dict) else frame)
        for frame in frames
    ]


def open_ids(venue: Venue, trader: Trader) -> list[str]:
    """What the exchange itself has open for the trader."""
    account = venue.emulator.exchange.accounts.open(trader.address)
    return [ticket.order.id for ticket in venue.emulator.exchange.tickets.open_of(account)]
