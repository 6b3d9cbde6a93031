"""HTTP/1.1 over any trio stream: bytes to requests, answers to bytes. Knows nothing of exchanges."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import h11
import trio
from attrs import frozen

from adapters.emulator.compact import compact

_LARGEST_BODY = 4 * 2**20
_DEEPEST = 64  # levels of a JSON body: no request of a client has more than a few
_REQUEST_WITHIN = 60.0  # seconds from the first byte of a request to its last
_IDLE = 4 * 3600.0  # seconds a connection may be silent between requests: bots that poll seldom keep theirs


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
            value = json.loads(self.body, parse_constant=_no_number)
        except RecursionError as problem:
            raise ValueError("nested too deeply") from problem
        if self.body.count(b"[") + self.body.count(b"{") > _DEEPEST and not _shallow(value):
            raise ValueError("nested too deeply")
        return value


@frozen
class Response:
    """`lasts` seconds pass while the body is sent byte by byte; with `cut` half of it is sent (faults)."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    lasts: float = 0.0
    cut: bool = False


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not JSON")


def _shallow(value: object) -> bool:
    """Deeper values would break whoever copies or prints them later, on a stack that is longer than the parser's."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [child for one in level for child in _children(one)]
        if not level:
            return True
    return False


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def answer(value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """A JSON answer, compact as the venue's."""
    return Response(compact(value) + b"\n", status, headers)


async def serve_connection(stream: trio.abc.Stream, handle: Callable[[Request], Awaitable[Response | None]]) -> None:
    """Answer requests until the peer leaves, is silent for too long or takes too long to say what it wants.

    A None answer closes the connection without a byte.
    """
    connection = h11.Connection(h11.SERVER)
    async with stream:
        try:
            while (request := await _next(connection, stream)) is not None:
                response = await handle(request)
                if response is None:
                    return
                await _write(connection, stream, response, bodiless=request.method == "HEAD")
                if response.cut:
                    return
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except (trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError):
            return


async def _next(connection: h11.Connection, stream: trio.abc.Stream) -> Request | None:
    with trio.move_on_after(_IDLE) as patience:
        return await _read(connection, stream, patience)
    return None


async def _read(connection: h11.Connection, stream: trio.abc.Stream, patience: trio.CancelScope) -> Request | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                await stream.send_all(_bytes(connection, h11.InformationalResponse(status_code=100, headers=[])))
            connection.receive_data(bytes(await stream.receive_some()))
            patience.deadline = min(patience.deadline, trio.current_time() + _REQUEST_WITHIN)
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


async def _write(connection: h11.Connection, stream: trio.abc.Stream, response: Response, *, bodiless: bool) -> None:
    """The answer to a HEAD is that to a GET without its body (RFC 9110 §9.3.2)."""
    headers = [
        ("content-type", response.content_type),
        ("content-length", str(len(response.body))),
        *response.headers,
    ]
    head = _bytes(connection, h11.Response(status_code=response.status, headers=headers))
    body = b"" if bodiless else _bytes(connection, h11.Data(data=response.body))
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
