"""Whether an address can be reached from here at all: its name, a TCP connection, TLS with a certificate that is verified.

For `doctor`, which tells the three apart; whoever trades only sees that no byte was sent.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import trio
from attrs import frozen

from actors.model.outcome import Unread

_WITHIN = 5.0  # s for all of it
_SECURE = ("https", "wss")


@frozen
class Reached:
    """It listens. `until` is the end of its certificate (epoch s), None without TLS."""

    until: float | None = None


Reach = Callable[[str], Awaitable[Reached | Unread]]


async def reach(url: str) -> Reached | Unread:
    """Connect once, say nothing, and leave. An `Unread` says what to do."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme in _SECURE
    port = parts.port or (443 if secure else 80)
    with trio.move_on_after(_WITHIN):
        try:
            await trio.socket.getaddrinfo(host, port, type=trio.socket.SOCK_STREAM)
        except OSError as problem:
            return Unread(f"DNS knows no {host} ({problem.strerror}): look at the network and at /etc/resolv.conf")
        try:
            stream = await trio.open_tcp_stream(host, port)
        except OSError as problem:
            return Unread(f"{host}:{port} takes no connection ({problem}): look at the firewall, or at the address")
        async with stream:
            return await _greeted(stream, host) if secure else Reached()
    return Unread(f"{host}:{port} does not answer within {_WITHIN:g} s: look at the network and the firewall")


async def _greeted(stream: trio.SocketStream, host: str) -> Reached | Unread:
    """The TLS handshake, and nothing after it."""
    tls = trio.SSLStream(stream, ssl.create_default_context(), server_hostname=host)
    try:
        await tls.do_handshake()
    except trio.BrokenResourceError as broken:
        why = getattr(broken.__cause__, "verify_message", "") or broken.__cause__ or broken
        return Unread(
            f"TLS with {host} fails ({why}): set this machine's clock, update its CA certificates, "
            "or find out who stands between"
        )
    return Reached(float(ssl.cert_time_to_seconds(str(tls.getpeercert()["notAfter"]))))
