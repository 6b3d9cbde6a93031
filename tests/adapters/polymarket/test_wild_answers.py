"""Whatever a service answers, in whatever bytes and with whatever status: a value of the port comes out, and no secret."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import httpx
import trio
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import BookSnapshot, Fill, OrderUpdate
from actors.model.conversion import Declined, Kind, Relayed, of_pairs
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, Price, Size
from actors.model.outcome import (
    Accepted,
    Cancelled,
    NeverSent,
    Rearmed,
    Rejected,
    Sign,
    Unknown,
    Unread,
    sign_of,
)
from actors.records import Batch
from adapters.logs import Redactor
from adapters.polymarket.auth import Credentials
from adapters.polymarket.catalogue import GammaCatalogue
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.keys import Key
from adapters.polymarket.login import LoginFailed, connect
from adapters.polymarket.public import RestPublic
from adapters.polymarket.region import Region, region
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account
from tests.adapters.polymarket.gamma_samples import POSITION
from tests.adapters.polymarket.samples import (
    ADDRESS,
    COMPLEMENT,
    CONDITION,
    CREDENTIALS,
    NOW,
    OTHER,
    SECRET,
    TOKEN,
    draft,
)
from tests.adapters.polymarket.wild import WildVenue
from tests.depth import seeded

SEEDS = st.integers(0, 2**32 - 1)
RELAYER_KEY = "relayer-key-0123456789abcdef"
KEYS = Credentials("c0ffee17-94ab-4abc-9def-5edcba987654", CREDENTIALS.secret, "5eed-canary-of-the-wild-venue-77")
_PART = 12  # characters in a row of a secret that are too many
_ROUNDS = 4  # of all questions in an example

Question = tuple[Callable[[], Awaitable[Any]], tuple[type, ...]]
MARKET = Market("demo", CONDITION, TOKEN, COMPLEMENT, Price(100), Size(5_000_000))
PAIRS = of_pairs(Kind.MERGE, "1.1", MARKET, 5_000_000, NOW)
NAMES = ("demo", CONDITION, TOKEN, POSITION, "https://polymarket.com/event/demo-event/demo", "501")


def of_account(of: RestTrading) -> list[Question]:
    signed = [of.sign(draft()) for _ in range(2)]
    placed = (Accepted, Rejected, Unknown, NeverSent)
    return [
        (lambda: of.place(signed[0]), placed),
        (lambda: of.place_all(signed), (tuple,)),
        (lambda: of.cancel(["0x1", "0x2"]), (Cancelled, Unread)),
        (of.cancel_all, (Cancelled, Unread)),
        (lambda: of.order("0x" + "35" * 32), (OrderUpdate, Unread, type(None))),
        (of.open_orders, (tuple, Unread)),
        (of.trades, (tuple, Unread)),
        (of.cash, (int, Unread)),
        (lambda: of.shares(TOKEN), (int, Unread)),
        (lambda: of.funds(POSITION), (object,)),
        (lambda: of.refresh(TOKEN), (Unread, type(None))),
        (of.probe, (Unread, type(None))),
        (of.derives_our_key, (bool, Unread)),
        (of.beat, (Rearmed, Unread, type(None))),
    ]


def of_venue(public: RestPublic, bare: RestPublic, catalogue: GammaCatalogue) -> list[Question]:
    found = (tuple, Unread)
    return [
        (public.server_time, (float, Unread)),
        *[(lambda name=name: public.find([name]), found) for name in NAMES],
        (lambda: bare.find([*NAMES[:3]]), found),
        (public.listed, found),
        (lambda: public.listed("demo-event"), found),
        (bare.listed, found),
        (lambda: public.busiest(20), found),
        (lambda: catalogue.search("demo", 5), found),
        (lambda: public.books([TOKEN, COMPLEMENT]), found),
    ]


def of_others(data: DataApi, relay: RestRelayer, transport: Callable[[], httpx.MockTransport]) -> list[Question]:
    batch = Batch(PAIRS, 3, b"{}")
    moved = (Relayed, Declined, Unread, type(None))
    return [
        (lambda: data.positions(ADDRESS), (tuple, Unread)),
        (lambda: data.trades(ADDRESS, [CONDITION]), (tuple, Unread)),
        (lambda: data.worth(ADDRESS), (int, Unread)),
        (lambda: relay.sign(PAIRS, MARKET), (Batch, Unread)),
        (lambda: relay.submit(batch), (Relayed, Declined, Unread)),
        (lambda: relay.find(batch), moved),
        (lambda: relay.find(evolve(batch, taken="0190-a")), moved),
        (lambda: region(transport), (Region, Unread)),
        (lambda: _login(transport), (RestTrading, LoginFailed)),
    ]


async def _login(transport: Callable[[], httpx.MockTransport]) -> RestTrading | LoginFailed:
    try:
        made = await connect("http://venue", Key(SECRET), wall=lambda: NOW, salts=Random(1), transport=transport)
    except LoginFailed as failure:
        return failure
    await made.cash()  # with what it was given, whatever that was
    await made.close()
    return made


async def interrogated(seed: int) -> list[tuple[Any, tuple[type, ...]]]:
    """What came of every question to a wild venue, and what may come of it."""
    wild = WildVenue(Random(seed))

    def transport() -> httpx.MockTransport:
        return httpx.MockTransport(wild)

    trading = await connect(
        "http://venue",
        Key(SECRET),
        wall=lambda: NOW,
        salts=Random(1),
        credentials=KEYS,
        transport=transport,
    )
    public = RestPublic.open("http://venue", transport, gamma_url="http://gamma")
    bare, catalogue = RestPublic.open("http://venue", transport), GammaCatalogue.open("http://gamma", transport)
    data = DataApi.open("http://data", transport)
    account = Account.of(Key(SECRET), OTHER, 2)
    relay = RestRelayer.open("http://relayer", account, RELAYER_KEY, lambda: NOW, transport)
    questions = [
        *of_account(trading),
        *of_venue(public, bare, catalogue),
        *of_others(data, relay, transport),
    ]
    answers = [(await ask(), may) for _ in range(_ROUNDS) for ask, may in questions]
    for lane in (trading, public, bare, catalogue, data, relay):
        await lane.close()
    return answers


def leaked(text: str) -> list[str]:
    """Parts of our secrets in a text that has been redacted by their whole values, as every text is that leaves."""
    secrets = (SECRET, SECRET[2:], KEYS.secret, KEYS.passphrase, KEYS.api_key, RELAYER_KEY)
    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    shown = redactor.clean(text)
    parts = {secret[at : at + _PART] for secret in secrets for at in range(len(secret) - _PART + 1)}
    return [part for part in parts if part in shown]


@seeded(60)
@given(SEEDS)
def test_every_answer_becomes_a_value_of_the_port_without_a_secret(seed: int) -> None:
    for value, may in trio.run(interrogated, seed):
        assert isinstance(value, may), value
        assert leaked(f"{value!r} {value}") == []
        check(value)


def check(value: Any) -> None:  # noqa: ANN401 - any answer
    """What may be reckoned with is within its bounds."""
    sign = sign_of(value)
    assert sign is None or isinstance(sign, Sign)
    assert sign is None or 0.0 <= sign.wait < float("inf")
    for part in value if isinstance(value, tuple) else (value,):
        match part:
            case OrderUpdate():
                assert 0 <= part.price <= PRICE_ONE
                assert part.matched >= 0
                assert part.size >= 0
            case Fill():
                assert 0 <= part.price <= PRICE_ONE
                assert part.size >= 0
            case BookSnapshot():
                assert all(0 < price < PRICE_ONE and size > 0 for price, size in (*part.bids, *part.asks))
            case Market():
                assert 0 < part.tick < PRICE_ONE
                assert part.min_size > 0
                assert part.fees.rate >= 0
            case Listing():
                assert part.tokens is None or len(set(part.tokens)) == 2
