"""`doctor --probe` against the exchange: whatever happens to its order, that is cancelled or named, and never a second one."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import h11
import httpx
import pytest
import trio
import trio.testing
from attrs import define, evolve, field

from actors.model.numbers import Cash
from actors.model.settings import Settings
from actors.wiring.examination import Examination
from actors.wiring.live import Live
from actors.wiring.places import held
from actors.wiring.probe import Probe
from adapters.polymarket.sockets import dialler
from tests.emulator.faulty import Entry, faults
from tests.emulator.harness import open_venue
from tests.faults.network import Network
from tests.wiring.live import Wallet

Rows = dict[str, tuple[bool, str]]


@define
class Prober(Wallet):
    """A wallet whose exchange may hang up on it; `journalled` says of each POST whether its intent was on the disk."""

    journalled: list[bool] = field(factory=list)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) == ("POST", "/order"):
            self.journalled.append(self.intents() == [0])
        try:
            return await super()._answer(request)
        except (EOFError, h11.RemoteProtocolError):
            raise httpx.RemoteProtocolError("hung up", request=request) from None

    def intents(self) -> list[int]:
        """`closed` of every intent in the account's journal."""
        (path,) = self.home.glob("journal-*.db")
        with sqlite3.connect(path) as journal:
            return [closed for (closed,) in journal.execute("SELECT closed FROM intents")]


@asynccontextmanager
async def prober(home: Path, *entries: Entry, bid: str = "0.48") -> AsyncIterator[Prober]:
    async with open_venue(faults=faults(*entries)) as exchange:
        other = await exchange.trader(1)
        await other.place(exchange.listings[0], exchange.listings[0].market.yes, "BUY", bid, "100")
        yield Prober(exchange, home)


async def probed(wallet: Prober, *, live: Live | None = None, stop: trio.Event | None = None) -> Rows:
    network = Network(wallet.exchange.emulator, wallet.exchange.nursery, Random(1))
    seams = evolve(wallet.seams, dial=dialler(network.open_stream))
    look = Examination(live or wallet.live(), wallet.places, wallet.heard.append, seams)
    return {what: (fine, said) for what, fine, said in await Probe(look, trio.Event() if stop is None else stop).rows()}


def fine(rows: Rows) -> list[bool]:
    return [fine for fine, _ in rows.values()]


def left(wallet: Prober) -> list[str]:
    """What the account has open, as the exchange knows."""
    return [ticket.order.id for ticket in wallet.exchange.emulator.exchange.tickets.open_of(wallet.account)]


async def test_the_order_is_placed_seen_cancelled_and_proven_gone(autojump_clock: object, tmp_path: Path) -> None:
    async with prober(tmp_path) as wallet:
        rows = await probed(wallet)
        assert list(rows) == ["probe placed", "probe seen", "probe gone"]
        assert fine(rows) == [True] * 3, rows
        assert rows["probe placed"][1].startswith("BUY 5 YES at 0.01 in demo-election, where 0.48 is bid: order 0x")
        assert rows["probe gone"][1] == "cancelled, and the venue shows it as CANCELED and among no open orders"
        assert left(wallet) == []
        assert (wallet.journalled, wallet.intents()) == ([True], [1])
        assert fine(await probed(wallet)) == [True] * 3, "a second one has a key of its own"


LOST: dict[str, tuple[list[Entry], list[bool], str]] = {
    "its answer is lost": (
        [{"kind": "close", "after_accept": True, "path": "/order", "method": "POST", "account": "first"}],
        [False, True, True],
        "cancelled, and the venue",
    ),
    "it never arrives": (
        [{"kind": "close", "path": "/order", "method": "POST", "account": "first"}],
        [False, False, True],
        "the venue has known no such order for 63.5 s: it never arrived",
    ),
    "it arrives late": (
        [{"kind": "zombie", "seconds": 40, "then": "close", "path": "/order", "account": "first"}],
        [False, False, True],
        "cancelled, and the venue",
    ),
    "the engine restarts": (
        [{"kind": "restart", "on": "order", "account": "first", "seconds": 20}],
        [True, True, True],
        "cancelled, and the venue",
    ),
    "cancels are refused for a while": (
        [{"kind": "refuse_cancel", "on": "order", "account": "first", "for": 20}],
        [True, True, True],
        "cancelled, and the venue",
    ),
    "the user channel is silent": (
        [{"kind": "silence", "channel": "user", "at": 0, "for": 600}],
        [True, False, True],
        "cancelled, and the venue",
    ),
    "somebody sells into it": (
        [{"kind": "fill_on_cancel"}],
        [True, True, False],
        "it is over, but 5 shares were bought: they are yours to sell",
    ),
}


@pytest.mark.parametrize("what", LOST)
async def test_whatever_happens_to_it_it_is_cancelled_and_told(
    what: str, autojump_clock: object, tmp_path: Path
) -> None:
    entries, expected, said = LOST[what]
    async with prober(tmp_path, *entries) as wallet:
        rows = await probed(wallet)
        assert fine(rows) == expected, rows
        assert rows["probe gone"][1].startswith(said)
        assert left(wallet) == []
        assert (wallet.asked.count("/order"), wallet.intents()) == (1, [1]), (
            "never a second one, and nothing to look for"
        )


async def test_an_order_that_cannot_be_cancelled_is_named_and_ends_by_itself(
    autojump_clock: object, tmp_path: Path
) -> None:
    async with prober(tmp_path, {"kind": "refuse_cancel", "on": "order", "account": "first", "for": 100}) as wallet:
        rows = await probed(wallet)
        (order_id,) = left(wallet)
        assert rows["probe gone"][0] is False
        assert rows["probe gone"][1].startswith(f"order {order_id} may be open (the venue still shows it as open)")
        assert "the venue ends it at 2025-11-20 08:" in rows["probe gone"][1]
        assert wallet.intents() == [0], "the next run looks for it"
        await trio.sleep(120.0)
        assert left(wallet) == []


async def test_a_signal_shortens_it_and_leaves_nothing(autojump_clock: object, tmp_path: Path) -> None:
    async with prober(tmp_path, {"kind": "silence", "channel": "user", "at": 0, "for": 600}) as wallet:
        stop = trio.Event()
        stop.set()
        began = trio.current_time()
        rows = await probed(wallet, stop=stop)
        assert trio.current_time() - began < 5.0
        assert "(you stopped it)" in rows["probe seen"][1]
        assert left(wallet) == []


def limited(live: Live, **risk: Any) -> Live:  # noqa: ANN401 - settings
    settings: Settings = evolve(live.settings, risk=evolve(live.settings.risk, **risk))
    return evolve(live, settings=settings)


async def test_no_order_is_placed_where_none_may_be(autojump_clock: object, tmp_path: Path) -> None:
    async with prober(tmp_path) as wallet:
        rows = await probed(wallet, live=limited(wallet.live(), max_order_notional=Cash(49_999)))
        assert "no order was placed: the order's notional is above `risk.max_order_notional`" in rows["probe"][1]
        live = wallet.live()
        with held(wallet.places.account_lock(f"{(await live.locate()).host}-{live.address}"), ""):
            rows = await probed(wallet)
        assert "another bot (process" in rows["probe"][1]
        assert "/order" not in wallet.asked
    async with prober(tmp_path, bid="0.10") as wallet:
        rows = await probed(wallet)
        assert "no market has a bid 10 ticks above the lowest price" in rows["probe"][1]
        assert "/order" not in wallet.asked
