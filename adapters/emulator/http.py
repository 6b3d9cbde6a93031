"""HTTP/1.1 over any trio stream: bytes to requests, answers to bytes. Knows nothing of exchanges."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import trio
from attrs import frozen

_LARGEST_BODY = 4 * 2**20


@frozen
class Request:
    """`path` is without the query; header names are lower case; of a repeated query key the last value counts.

    `pairs` is the query as it came, for parameters that may be repeated.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    pairs: tuple[tuple[str, str], ...] = ()

    def every(self, key: str) -> list[str]:
        """All values of a parameter, repeated or separated by commas."""
        return [part for name, value in self.pairs if name == key for part in value.split(",") if part]

    def json(self) -> object:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as problem:
            raise ValueError("nested too deeply") from problem


@frozen
class Response:
    """`lasts` seconds pass while the body is sent byte by byte; with `cut` half of it is sent (faults)."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    lasts: float = 0.0
    cut: bool = False


def answer(value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A JSON answer, compact as the venue's."""
    return Response(json.dumps(value, separators=(",", ":")).encode() + b"\n", status, headers)


async def serve_connection(stream: trio.abc.Stream, handle: Callable[[Request], Awaitable[Response | None]]) -> None:
    """Answer requests until the peer leaves; a None answer closes the connection without a byte."""
    connection = h11.Connection(h11.SERVER)
    async with stream:
        try:
            while (request := await _read(connection, stream)) is not None:
                response = await handle(request)
                if response is None:
                    return
                await _write(connection, stream, response)
                if response.cut:
                    return
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.ProtocolError):
            return


async def _read(connection: h11.Connection, stream: trio.abc.Stream) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                await stream.send_all(_bytes(connection, h11.InformationalResponse(status_code=100, headers=[])))
            connection.receive_data(bytes(await stream.receive_some()))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _LARGEST_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, bytes(body))
        else:
            return None


async def _write(connection: h11.Connection, stream: trio.abc.Stream, response: Response) -> None:
    headers = [
        ("content-type", response.content_type),
        ("content-length", str(len(response.body))),
        *response.headers,
    ]
    head = _bytes(connection, h11.Response(status_code=response.status, headers=headers))
    body = _bytes(connection, h11.Data(data=response.body))
    if response.cut:
        await stream.send_all(head + body[: len(body) // 2])
    elif response.lasts:
        await stream.send_all(head)
        await _trickle(stream, body, response.lasts)
        await stream.send_all(_bytes(connection, h11.EndOfMessage()))
    else:
        await stream.send_all(head + body + _bytes(connection, h11.EndOfMessage()))


async def _trickle(stream: trio.abc.Stream, body: bytes, seconds: float) -> None:
    """At most a hundred pieces, evenly spread."""
    size = -(-len(body) // 100) or 1
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    for piece in pieces:
        await trio.sleep(seconds / len(pieces))
        await stream.send_all(piece)


def _bytes(
    connection: h11.Connection, event: h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage
) -> bytes:
    return connection.send(event) or b""


def _request(head: h11.Request, body: bytes) -> Request:
    try:
        target = urlsplit(head.target.decode("ascii", "replace"))
    except ValueError as problem:
        raise h11.RemoteProtocolError(str(problem)) from problem
    headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
    pairs = tuple(parse_qsl(target.query, keep_blank_values=True))
    return Request(head.method.decode(), unquote(target.path), dict(pairs), headers, body, pairs)
