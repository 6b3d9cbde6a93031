from __future__ import annotations

import httpx
import pytest
import trio
import trio.testing

from adapters.polymarket.lanes import SLOTS, Lane, NoAnswer, NotSent, Reply


class Venue(httpx.AsyncBaseTransport):
    """One connection pool whose answers are scripted; remembers how often it was used and whether it was closed."""

    def __init__(self, starves: bool = False, takes: float = 0.0) -> None:
        self.starves, self.takes, self.closed, self.requests = starves, takes, False, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert not self.closed
        self.requests += 1
        await trio.sleep(self.takes)
        if self.starves:
            raise httpx.PoolTimeout("no slot")
        assert not self.closed, "closed under a request"
        return httpx.Response(200, content=b"{}")

    async def aclose(self) -> None:
        self.closed = True


def lane(*pools: Venue) -> Lane:
    made = iter(pools)
    return Lane("http://venue", lambda: next(made))


async def test_a_pool_that_starves_on_a_healthy_host_is_replaced() -> None:
    first, second = Venue(), Venue()
    one = lane(first, second)
    assert isinstance(await one.send("GET", "/"), Reply)
    first.starves = True
    assert isinstance(await one.send("GET", "/"), NotSent)
    assert isinstance(await one.send("GET", "/"), Reply)
    assert (second.requests, first.closed, one.rebuilt) == (1, True, 1)


async def test_a_replaced_pool_closes_only_when_its_last_request_ends(autojump_clock: trio.testing.MockClock) -> None:
    first, second = Venue(takes=3), Venue()
    one = lane(first, second)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.send, "GET", "/slow")
        await trio.sleep(1)
        first.takes, first.starves = 0, True
        await one.send("GET", "/starved")
        first.starves = False
        assert not first.closed
    assert first.closed


async def test_a_pool_with_slots_to_spare_is_replaced_even_if_the_host_never_answered() -> None:
    one = lane(Venue(starves=True), Venue())
    await one.send("GET", "/")
    assert one.rebuilt == 1


async def test_a_pool_full_of_slow_requests_on_a_silent_host_is_kept(autojump_clock: trio.testing.MockClock) -> None:
    first = Venue(takes=4)
    one = lane(first, Venue())
    async with trio.open_nursery() as nursery:
        for _ in range(SLOTS + 1):
            nursery.start_soon(one.send, "GET", "/slow")
        await trio.sleep(1)
        first.takes, first.starves = 0, True
        await one.send("GET", "/starved")
        assert one.rebuilt == 0
        first.starves = False


async def test_closing_waits_for_the_request_under_way(autojump_clock: trio.testing.MockClock) -> None:
    first = Venue(takes=3)
    one = lane(first)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.send, "GET", "/")
        await trio.sleep(1)
        await one.close()
        assert not first.closed
    assert first.closed


async def test_redirects_are_answers_and_proxies_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    moved = httpx.MockTransport(lambda request: httpx.Response(302, headers={"Location": "http://elsewhere/"}))
    heard = await Lane("http://venue", lambda: moved).send("GET", "/")
    assert isinstance(heard, Reply)
    assert heard.status == 302


async def serve(stream: trio.SocketStream) -> None:
    """Answer /ok, stay silent on anything else."""
    async with stream:
        while data := await stream.receive_some():
            if data.startswith(b"GET /ok"):
                await stream.send_all(b'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"OK"')


async def test_real_sockets_answer_refuse_and_stay_silent(autojump_clock: trio.testing.MockClock) -> None:
    autojump_clock.autojump_threshold = 0.05  # real sockets need a moment; the 5 s of silence are jumped over
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, serve, [listener])
        port = listener.socket.getsockname()[1]
        one = Lane(f"http://127.0.0.1:{port}")
        heard = await one.send("GET", "/ok", query={"a": "b"})
        assert isinstance(heard, Reply)
        assert heard.body == b'"OK"'
        began = trio.current_time()
        assert isinstance(await one.send("GET", "/silence"), NoAnswer)
        assert 4.9 < trio.current_time() - began < 5.5
        await one.close()
        nursery.cancel_scope.cancel()
    closed = Lane(f"http://127.0.0.1:{port}")
    assert isinstance(await closed.send("GET", "/ok"), NotSent)
    await closed.close()
