"""Whoever places, cancels or reads an order: our adapter and both official clients see the same order, in every state.

All three act for one account at one exchange: on every tick, in plain, neg-risk and Protocol V2 markets, both outcomes,
both sides, every order life.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio
from attrs import evolve, frozen

from actors.messages import Fill
from actors.model.market import Outcome, Side
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, format_price, parse_price, parse_size
from actors.records import Intent
from adapters.emulator.accounts import Account
from adapters.emulator.emulator import Emulator
from adapters.emulator.listings import Draft, Listing, Listings, generate
from adapters.emulator.position_ids import with_position_ids
from adapters.emulator.settlement import Fate
from adapters.emulator.tickets import Ticket
from adapters.matching import Life, Order
from tests.clients.agreement import Asked, Read
from tests.clients.parties import OFFICIAL, Ours, Party, official, ours
from tests.clients.test_redeem import served

pytestmark = pytest.mark.process

TICKS = (1000, 100, 50, 25, 10, 1)
KINDS = ("plain", "neg-risk", "positions")
PARTIES = ("ours", *OFFICIAL)
_OTHERS = "0x00000000000000000000000000000000000a64ee"
_PART = 4_560_000  # size units: what others take of the first orders in each queue
_SOON = Fate(mined_after=0.05, confirmed_after=0.05)
_WITHIN = 100.0

Views = Mapping[str, Mapping[str, Read]]  # by reader, by order id


@frozen
class Story:
    """What was asked of whom, and what everybody read at each step."""

    asked: Mapping[str, tuple[str, Asked]]  # by order id: who placed it
    takers: Mapping[str, tuple[str, Asked]]
    resting: Views
    partly: Views
    cancelled: Views
    taken: Views
    journal: Mapping[str, Intent]
    heard: Mapping[str, Read]
    fills: Sequence[Fill]
    traded: Sequence[Fill]
    partial: int


def listings() -> Listings:
    """A market of each kind on each tick."""
    every = []
    for kind in KINDS:
        for tick in TICKS:
            (listing,) = generate(3, [Draft(f"{kind}-{tick}", f"{kind} {tick}?", 0.5, tick, 0, kind == "neg-risk")]).all
            if kind == "positions":
                listing.market = with_position_ids(listing.market, random.Random(listing.market.slug))
            listing.terms = evolve(listing.terms, finer_at_edges=False)
            every.append(listing)
    return Listings.of(every)


# ── what is asked ─────────────────────────────────────────────────────────────────────────────────────────────────────


def resting(listing: Listing, number: int, rank: int, expires: int) -> list[Asked]:
    """Both sides of both outcomes; the `rank`-th best. Every second market is sold in first."""
    market, tick = listing.market, listing.market.tick
    low, high = (3137 // tick - rank) * tick, PRICE_ONE - (3137 // tick - rank) * tick
    position = listing.version == "v2"
    buys = [
        Asked(market.yes, "BUY", format_price(low), "12.34", "GTC", True, 0, position),
        Asked(market.no, "BUY", format_price(low), "20", "GTD", False, expires, position),
    ]
    sells = [
        Asked(market.yes, "SELL", format_price(high), "15.5", "GTD", True, expires, position),
        Asked(market.no, "SELL", format_price(high), "7.25", "GTC", False, 0, position),
    ]
    return sells + buys if number % 2 else buys + sells


def taking(listing: Listing, turn: int) -> Asked:
    """One of four that find the others' orders between 0.40 and 0.50."""
    market, position = listing.market, listing.version == "v2"
    return [
        Asked(market.yes, "BUY", "0.5", "8", "FOK", position=position),
        Asked(market.yes, "SELL", "0.4", "6.5", "FAK", position=position),
        Asked(market.no, "BUY", "0.6", "10", "FAK", position=position),
        Asked(market.no, "SELL", "0.5", "5.25", "FOK", position=position),
    ][turn % 4]


# ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────────


def others(emulator: Emulator, listing: Listing, side: Side, price: int, size: int, life: Life = "GTC") -> Ticket:
    """An order of somebody without limits."""
    exchange = emulator.exchange
    account = exchange.accounts.open(_OTHERS, name="others", internal=True)
    order_id = f"0x{random.Random(f'{listing.market.slug}{side}{price}{life}').getrandbits(256):064x}"
    order = Order(order_id, _OTHERS, Outcome.YES, side, price, size, life)
    ticket = Ticket(order, account, "", listing, exchange.wall())
    assert not exchange.submit(ticket)[0].refusal
    return ticket


async def everybody(parties: Mapping[str, Party], order_ids: Sequence[str]) -> Views:
    """What each reads of these orders, one by one."""
    views: dict[str, Mapping[str, Read]] = {}

    async def look(name: str) -> None:
        views[name] = {order.id: order for order in await parties[name].read(order_ids)}

    async with trio.open_nursery() as nursery:
        for name in parties:
            nursery.start_soon(look, name)
    return views


async def all_open(parties: Mapping[str, Party]) -> Views:
    return {name: {order.id: order for order in await party.open()} for name, party in parties.items()}


async def placed(parties: Mapping[str, Party], wanted: Mapping[str, Sequence[Asked]]) -> dict[str, tuple[str, Asked]]:
    """All at once; by order id, who placed what."""
    asked: dict[str, tuple[str, Asked]] = {}

    async def place(name: str) -> None:
        ids = await parties[name].place(wanted[name])
        asked.update({order_id: (name, order) for order_id, order in zip(ids, wanted[name], strict=True)})

    async with trio.open_nursery() as nursery:
        for name in wanted:
            nursery.start_soon(place, name)
    return asked


def told(wallet: str, home: Path) -> Story:
    async def main() -> Story:
        with trio.fail_after(_WITHIN):
            async with served(time.time, listings()) as (emulator, banner), AsyncExitStack() as stack:
                every = emulator.exchange.listings.all
                own = await stack.enter_async_context(ours(banner, wallet, [one.market for one in every], home))
                clients = {name: await stack.enter_async_context(official(name, wallet, banner)) for name in OFFICIAL}
                account = emulator.exchange.accounts.open(banner["accounts"][0][wallet])
                return await lived(emulator, account, own, {"ours": own, **clients})

    return trio.run(main)


async def lived(emulator: Emulator, account: Account, own: Ours, parties: Mapping[str, Party]) -> Story:
    every, expires = emulator.exchange.listings.all, int(time.time()) + 3600
    emulator.exchange.settlement.fate = lambda trade: _SOON
    for listing in every:
        emulator.desk.chain.split(account, listing, 200 * PUSD)
    wanted = {
        name: [
            order
            for number, listing in enumerate(every)
            for order in resting(listing, number, (place + number) % len(PARTIES), expires)
        ]
        for place, name in enumerate(PARTIES)
    }
    asked = await placed(parties, wanted)
    rest = await all_open(parties)
    for listing in every:
        low = 3137 // listing.market.tick * listing.market.tick
        others(emulator, listing, Side.SELL, low, _PART, "FAK")
        others(emulator, listing, Side.BUY, PRICE_ONE - low, _PART, "FAK")
    partly = await all_open(parties)
    doomed = [order_id for order_id, (_, order) in asked.items() if order.type == "GTC"]
    for number, (name, _) in enumerate(zip(PARTIES * len(doomed), doomed, strict=False)):
        assert await parties[name].cancel([doomed[number]]) == [[doomed[number]]]
    cancelled = await everybody(parties, doomed)
    for listing in every:
        others(emulator, listing, Side.BUY, 4000, 1000 * SHARE)
        others(emulator, listing, Side.SELL, 5000, 1000 * SHARE)
    turns = {
        name: [taking(listing, number + place) for number, listing in enumerate(every)]
        for place, name in enumerate(PARTIES)
    }
    takers = await placed(parties, turns)
    taken = await everybody(parties, list(takers))
    await trio.sleep(1.0)  # until the last trades are confirmed, and heard
    fills = await own.venue.trades()
    assert isinstance(fills, tuple)
    return Story(
        asked=asked,
        takers=takers,
        resting=rest,
        partly=partly,
        cancelled=cancelled,
        taken=taken,
        journal={intent.order_id: intent for intent in await own.journal.intents()},
        heard={order_id: own.seen(update) for order_id, update in own.heard.items()},
        fills=fills,
        traded=tuple(own.filled.values()),
        partial=2 * len(every),
    )


@pytest.fixture(scope="module", params=["address", "deposit_wallet"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Of a plain key, and of a contract that signs in its own name."""
    return told(request.param, tmp_path_factory.mktemp("agreement"))


# ── what holds ────────────────────────────────────────────────────────────────────────────────────────────────────────


def agree(views: Views) -> Mapping[str, Read]:
    """Both clients read all alike, and we what we look at; the clients' view."""
    assert views["v2c"] == views["sdk"]
    assert views["ours"] == {order_id: order.core for order_id, order in views["v2c"].items()}
    return views["v2c"]


def test_resting_orders_of_everybody_are_read_alike_and_as_they_were_asked_for(story: Story) -> None:
    seen = agree(story.resting)
    assert len(story.asked) == len(TICKS) * len(KINDS) * len(PARTIES) * 4
    assert {order_id: as_asked(order) for order_id, order in seen.items()} == {
        order_id: (asked.token, asked.side, parse_price(asked.price), parse_size(asked.size), asked.type, asked.expires)
        for order_id, (_, asked) in story.asked.items()
    }
    assert {(order.matched, order.status) for order in seen.values()} == {(0, "LIVE")}
    assert {order.outcome for order in seen.values()} == {"YES", "NO"}


def as_asked(order: Read) -> tuple[str, str, int, int, str | None, int | None]:
    return order.token, order.side, order.price, order.size, order.type, order.expires


def test_partly_filled_orders_are_read_alike(story: Story) -> None:
    seen = agree(story.partly)
    assert seen.keys() == story.asked.keys()
    filled = [order for order in seen.values() if order.matched]
    assert len(filled) == story.partial
    assert {order.matched for order in filled} == {_PART}
    assert {(order.outcome, order.side) for order in filled} == {(o, s) for o in ("YES", "NO") for s in ("BUY", "SELL")}
    assert {name for name, _ in (story.asked[order.id] for order in filled)} == set(PARTIES)


def test_cancelled_orders_are_read_alike_whoever_has_cancelled_them(story: Story) -> None:
    seen = agree(story.cancelled)
    assert len(seen) == len(story.asked) // 2
    assert {order.status for order in seen.values()} == {"CANCELED"}
    assert {order_id: order.matched for order_id, order in seen.items()} == {
        order_id: story.partly["v2c"][order_id].matched for order_id in seen
    }


def test_orders_that_took_at_once_are_read_alike(story: Story) -> None:
    seen = agree(story.taken)
    assert len(seen) == len(TICKS) * len(KINDS) * len(PARTIES)
    for order_id, (_, asked) in story.takers.items():
        order = seen[order_id]
        assert (order.token, order.side, order.type, order.status) == (asked.token, asked.side, asked.type, "MATCHED")
        assert order.matched >= parse_size(asked.size)
        assert order.price == parse_price(asked.price)


def test_our_journal_says_of_our_orders_what_the_clients_read(story: Story) -> None:
    own = {order_id: order for order_id, (name, order) in story.asked.items() if name == "ours"}
    assert own.keys() <= story.journal.keys()
    for order_id in own:
        order, intent = story.resting["sdk"][order_id], story.journal[order_id]
        assert as_asked(order)[:4] == (intent.token, intent.side, intent.price, intent.size)
        assert (order.market, order.expires) == (intent.condition_id, intent.expires)


def test_our_user_channel_has_said_the_same_of_everybodys_orders(story: Story) -> None:
    last = {**story.partly["ours"], **story.cancelled["ours"], **story.taken["ours"]}
    assert story.heard.keys() == last.keys()
    assert {order_id: order.matched for order_id, order in story.heard.items()} == {
        order_id: order.matched for order_id, order in last.items()
    }
    assert {order_id: (order.price, order.size, order.side) for order_id, order in story.heard.items()} == {
        order_id: (order.price, order.size, order.side) for order_id, order in last.items()
    }


def test_our_fills_add_up_to_the_matched_sizes_that_the_clients_read(story: Story) -> None:
    matched = {**story.partly["sdk"], **story.cancelled["sdk"], **story.taken["sdk"]}
    for fills in (story.fills, story.traded):
        sums = dict.fromkeys(matched, 0)
        for fill in fills:
            sums[fill.order_id] += fill.size
        assert sums == {order_id: order.matched for order_id, order in matched.items()}
