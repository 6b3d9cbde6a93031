"""From a key to an account that can trade: creates or derives the API key and builds the lanes. Keeps nothing.

Source: polymarket.md §2.1. Failing here means no order was ever sent.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.model.outcome import Unread
from adapters.polymarket.auth import Credentials, Requests, login_headers
from adapters.polymarket.keys import Key
from adapters.polymarket.lanes import Heard, Lane, MakeTransport, Reply
from adapters.polymarket.reading import body_of, read
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account, Bits, OrderSigner, Salts
from adapters.polymarket.wire import decode
from adapters.polymarket.wire_account import Owner
from adapters.polymarket.wire_replies import ApiKey


class LoginFailed(Exception):
    """The venue gave no API key for this wallet; says what it answered."""


async def connect(
    base_url: str,
    key: Key,
    *,
    wall: Callable[[], float],
    salts: Bits,
    funder: str | None = None,
    signature_type: int = 0,
    credentials: Credentials | None = None,
    transport: MakeTransport | None = None,
) -> RestTrading:
    """The trading side of the venue at `base_url`, signed in.

    `wall` gives epoch seconds, `salts` is `random.SystemRandom()` or a seeded generator, `transport` makes an
    httpx transport per connection pool (None: the network). Raises LoginFailed, or ValueError for a bad account.
    """
    account = Account.of(key, funder, signature_type)
    reads = Lane(base_url, transport)
    try:
        known = credentials or await create_or_derive(reads, key, wall)
        requests = Requests(key.address, known)
    except BaseException:
        await reads.close()
        raise
    return RestTrading(
        address=account.funder,
        signature_type=signature_type,
        signer=OrderSigner(account, known.api_key, wall, Salts(salts)),
        requests=requests,
        us=Owner(known.api_key, account.funder),
        wall=wall,
        orders=Lane(base_url, transport),
        cancels=Lane(base_url, transport),
        reads=reads,
        derive=lambda: derive(reads, key, wall),
    )


async def create_or_derive(lane: Lane, key: Key, wall: Callable[[], float]) -> Credentials:
    """The wallet's API key: created, or derived when the venue says (400) that there is one. Raises LoginFailed."""
    created = await lane.send("POST", "/auth/api-key", headers=login_headers(key, int(wall())))
    exists = isinstance(created, Reply) and created.status == 400
    known = await derive(lane, key, wall) if exists else _credentials(created)
    if isinstance(known, Unread):
        raise LoginFailed(f"no API key for {key.address}: {known.why}")
    return known


async def derive(lane: Lane, key: Key, wall: Callable[[], float]) -> Credentials | Unread:
    """The API key the venue has for the wallet: the same each time, as long as it exists (§2.1)."""
    return _credentials(await lane.send("GET", "/auth/derive-api-key", headers=login_headers(key, int(wall()))))


def _credentials(heard: Heard) -> Credentials | Unread:
    return read(body_of(heard), lambda body: _of(decode(body, ApiKey)))


def _of(answer: ApiKey) -> Credentials:
    return Credentials(answer.apiKey, answer.secret, answer.passphrase)
