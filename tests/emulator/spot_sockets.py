"""Clients of the emulator's spot sockets, and the shape of what they hear."""

from __future__ import annotations

import json
from typing import Any

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from tests.emulator.harness import Trader, Venue


async def rtds(venue: Venue, *subscriptions: dict[str, Any], action: str = "subscribe") -> WebSocketConnection:
    socket = await venue.socket("/")
    await ask(socket, *subscriptions, action=action)
    return socket


async def ask(socket: WebSocketConnection, *subscriptions: dict[str, Any], action: str = "subscribe") -> None:
    await socket.send_message(json.dumps({"action": action, "subscriptions": list(subscriptions)}))


def topic(name: str, symbol: str = "") -> dict[str, Any]:
    wanted = {"topic": name, "type": "update"}
    return wanted | ({"filters": json.dumps({"symbol": symbol})} if symbol else {})


async def seconds_of(socket: WebSocketConnection, seconds: float) -> list[Any]:
    """Every frame of so many virtual seconds."""
    frames = []
    with trio.move_on_after(seconds):
        while True:
            frames.append(json.loads(await socket.get_message()))
    return frames


async def bolt(venue: Venue, trader: Trader | None = None) -> WebSocketConnection:
    """A connection, logged in if a trader is given."""
    socket = await venue.socket("/ws")
    if trader is not None:
        assert await say(socket, op="auth", auth=creds(trader)) == {"op": "authed", "rid": "r"}
    return socket


def creds(trader: Trader) -> dict[str, str]:
    return {key: trader.creds[key] for key in ("apiKey", "secret", "passphrase")}


async def say(socket: WebSocketConnection, **request: object) -> Any:  # noqa: ANN401 - JSON
    """A request with the answer to it, which comes first."""
    await socket.send_message(json.dumps({**request, "rid": "r"}))
    return json.loads(await socket.get_message())


def item(channel: str, **filters: object) -> dict[str, Any]:
    return {"channel": channel, "filter": filters}


BTC = item("price.crypto", symbol="btcusd")
ERROR = {"op": "error", "rid": "r"}


async def breach(socket: WebSocketConnection) -> str:
    """The code of the last error, after which the connection ends."""
    code = ""
    with trio.fail_after(5):
        try:
            while True:
                code = json.loads(await socket.get_message()).get("code", code)
        except ConnectionClosed:
            return code


def shape(frame: Any) -> Any:  # noqa: ANN401 - JSON
    """The keys of a message at every depth, in one of each list's items."""
    if isinstance(frame, dict):
        return {key: shape(value) for key, value in frame.items()}
    return [shape(frame[0])] if isinstance(frame, list) and frame else type(frame).__name__
