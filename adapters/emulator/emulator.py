"""A whole exchange put together: everything but listening. Runs on any streams and on any trio clock."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import trio
from attrs import define, evolve, field

from adapters.emulator.accounts import Accounts
from adapters.emulator.chain import Chain
from adapters.emulator.desk import Desk
from adapters.emulator.exchange import Exchange
from adapters.emulator.faults import Faults
from adapters.emulator.flow import OtherOrders
from adapters.emulator.flow_choice import Choice, choose
from adapters.emulator.funding import fund
from adapters.emulator.gates import Gates
from adapters.emulator.guard import Guard
from adapters.emulator.heartbeats import Heartbeats
from adapters.emulator.http import serve_connection
from adapters.emulator.keys import Keys
from adapters.emulator.ledger import Ledger
from adapters.emulator.limits import OFF, Limits
from adapters.emulator.listings import Listings
from adapters.emulator.market_channel import MarketChannel
from adapters.emulator.polybolt import PolyBolt
from adapters.emulator.portfolio import Portfolios
from adapters.emulator.rest import Rest
from adapters.emulator.rtds import Rtds
from adapters.emulator.schedule import Schedule
from adapters.emulator.services import services
from adapters.emulator.sockets import Channel, serve_socket
from adapters.emulator.spot_prices import SpotPrices
from adapters.emulator.tape import Tape
from adapters.emulator.user_channel import UserChannel


@define(eq=False, repr=False)
class Emulator:
    """`serve_rest` and `serve_socket` each run one connection; `run` is everything that happens by itself.

    `services` are by name, `channels` by path.
    """

    exchange: Exchange
    desk: Desk
    channels: dict[str, Channel]
    flow: OtherOrders | None
    rtds: Rtds
    bolt: PolyBolt
    services: dict[str, Rest] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.services = services(self.desk)

    async def serve_rest(self, stream: trio.abc.Stream, service: str = "clob") -> None:
        with Guard(self.exchange.ledger).over(f"{service} connection"):
            await serve_connection(stream, self.services[service].handle)

    async def serve_socket(self, stream: trio.abc.Stream) -> None:
        with Guard(self.exchange.ledger).over("socket connection"):
            await serve_socket(stream, self.channels, self.desk.faults.lines)

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.exchange.schedule.run)
            nursery.start_soon(self.desk.heartbeats.run)
            nursery.start_soon(self.rtds.run)
            nursery.start_soon(self.bolt.run)
            if self.flow is not None:
                nursery.start_soon(self.flow.run)


def build(
    seed: int,
    *,
    wall: Callable[[], float],
    ledger: Ledger | None = None,
    faults: Faults | None = None,
    listings: Listings | None = None,
    flow: str | bool | Choice = True,
    speed: float = 1.0,
    loop: bool = False,
    limits: str = OFF,
) -> Emulator:
    """An exchange with seeded markets, two funded accounts and, with `flow`, books that are full from the start.

    Must be called inside `trio.run`; the same seed gives the same markets, keys and flow. `flow`, `speed` and `loop`
    are as in `flow_choice.choose`, `limits` is a tier of `limits.TIERS`. Raises what `choose` and `Faults.attach` do.
    """
    choice = flow if isinstance(flow, Choice) else choose(flow, speed, loop=loop)
    exchange = Exchange(
        listings=listings or choice.listings(seed),
        accounts=Accounts(),
        ledger=ledger or Ledger(wall),
        schedule=Schedule(),
        wall=wall,
        rng=Random(f"{seed}/exchange"),
    )
    faults = faults or Faults()
    desk = _desk(exchange, seed, faults, limits)
    market, user = MarketChannel(exchange.listings, wall), UserChannel(desk.keys, wall)
    exchange.listeners += [market.hear, user.hear, desk.tape.hear, desk.portfolios.hear]
    _open_books(exchange)
    spot = SpotPrices(seed, wall)
    others = choice.orders(exchange, seed, spot)
    if others is not None:
        others.start()
    faults.attach(desk, seed, choice.series)
    rtds, bolt = Rtds(spot, wall), PolyBolt(spot, desk.keys, exchange.listings, wall)
    channels: dict[str, Channel] = {"/ws/market": market, "/ws/user": user, "/ws": bolt, "/": rtds}
    return Emulator(exchange, desk, channels, others, rtds, bolt)


def _desk(exchange: Exchange, seed: int, faults: Faults, limits: str) -> Desk:
    """What the routes work on, around an exchange; every random part has a generator of its own."""
    wall, rng = exchange.wall, Random(f"{seed}/chain")
    chain = Chain(exchange.accounts, exchange.ledger, rng, exchange.emit, exchange.listings, exchange.enforce)
    heartbeats = Heartbeats(exchange, Random(f"{seed}/heartbeats"))
    desk = Desk(exchange, Keys(seed, wall), heartbeats, faults, chain, Tape(wall), Portfolios(wall))
    desk.limits, desk.gates = Limits.of(limits, wall), Gates(on=limits != OFF)
    return desk


def _open_books(exchange: Exchange) -> None:
    """Write down what there is, and fund the throw-away wallets."""
    for listing in exchange.listings.all:
        if not listing.terms.listed_at:
            listing.terms = evolve(listing.terms, listed_at=exchange.wall())
        exchange.ledger.listed(listing)
    fund(exchange.accounts, exchange.ledger)
