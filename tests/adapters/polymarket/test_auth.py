from __future__ import annotations

import hashlib
import random

import httpx
import pytest

from adapters.polymarket.auth import Credentials, Requests, login_headers
from adapters.polymarket.keys import Key
from adapters.polymarket.lanes import Lane
from adapters.polymarket.login import LoginFailed, connect, create_or_derive
from tests.adapters.polymarket.samples import (
    ADDRESS,
    API_SECRET,
    CREDENTIALS,
    NOW,
    OTHER,
    SECRET,
    Answer,
    always,
    draft,
    signer,
)

KEYS = {"apiKey": "the-key", "secret": API_SECRET, "passphrase": "the-phrase"}


def requests() -> Requests:
    return Requests(ADDRESS, CREDENTIALS)


def test_the_login_signature_is_the_reference_one() -> None:
    headers = login_headers(Key(SECRET), 1_700_000_000)
    assert headers == {
        "POLY_ADDRESS": ADDRESS,
        "POLY_SIGNATURE": "0x659ed4b28ae28e0f038fdf0023c00863c9559caacb9ebc83f44eea87059a099a"
        "36f1e1dee110e7faa1c4f65d17489b2da1333ebef78bbe2116d81207b975052d1c",
        "POLY_TIMESTAMP": "1700000000",
        "POLY_NONCE": "0",
    }


def test_request_signatures_are_the_reference_ones() -> None:
    order = (
        signer().encode(draft(post_only=False), 5_000_000, 10_000_000, salt=479249096354, stamp=1_700_000_000_000).body
    )
    assert hashlib.sha256(order).hexdigest().startswith("678904")
    sign = requests().signature
    assert sign(1_700_000_000, "GET", "/data/orders") == "DbAmRpEdOaUInDP7_3VWQ_cwc_qbdXdteq6TRxrunK4="
    assert (
        sign(1_700_000_000, "DELETE", "/order", b'{"orderID":"0xabc"}')
        == "SFrMsWJgBXBstYFZEH2AAYJ8fPEuBL6putG9BGOYzZk="
    )
    assert sign(1_700_000_000, "POST", "/order", order) == "bv940yYYtaQmDH7Di2jrEjxnIiUPFr-xYmG0PjxsRyY="


def test_signing_one_request_leaves_the_next_unchanged() -> None:
    one = requests()
    first = one.signature(1, "GET", "/a")
    one.signature(1, "GET", "/b")
    assert one.signature(1, "GET", "/a") == first


def test_a_secret_without_padding_is_the_same_secret() -> None:
    bare = Requests(ADDRESS, Credentials("k", API_SECRET.rstrip("="), "p"))
    assert bare.signature(1, "GET", "/") == requests().signature(1, "GET", "/")


def test_nothing_printable_holds_a_secret() -> None:
    shown = f"{CREDENTIALS!r} {CREDENTIALS} {requests()!r}"
    for part in (CREDENTIALS.api_key, CREDENTIALS.secret, CREDENTIALS.passphrase):
        assert part not in shown


@pytest.mark.parametrize(
    "secret", ["not-base64-ö", "bad secret", "c2Vj cmV0", "c2VjcmV0\n", "=", "", "abcde", "c2Vj$mV0"]
)
def test_a_broken_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="base64") as refusal:
        Requests(ADDRESS, Credentials("k", secret, "p"))
    assert len(secret) < 3 or secret not in str(refusal.value)


@pytest.mark.parametrize("text", ["", " 0af", "0af\n", "0af-é", "0af\x7f", "\ud800"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(text: str) -> None:
    for keys in ((text, API_SECRET, "p"), ("k", API_SECRET, text)):
        with pytest.raises(ValueError, match="copy it again") as refusal:
            Credentials(*keys)
        assert not text or text not in str(refusal.value)
    for name in ('k","x":"', "k\\"):
        with pytest.raises(ValueError, match="the API key"):
            Credentials(name, API_SECRET, "p")


async def test_credentials_of_the_venue_that_no_request_can_be_signed_with_are_no_login() -> None:
    for wrong in ({"secret": "!"}, {"apiKey": "é"}, {"passphrase": "a\nb"}):
        with pytest.raises(LoginFailed, match="unreadable answer: the API"):
            await create_or_derive(lane(always(200, {**KEYS, **wrong})), Key(SECRET), lambda: NOW)


def lane(answer: Answer) -> Lane:
    return Lane("http://venue", lambda: httpx.MockTransport(answer))


async def test_a_new_wallet_creates_its_key() -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("POST", "/auth/api-key")
        assert request.headers["POLY_NONCE"] == "0"
        return httpx.Response(200, json=KEYS)

    keys = await create_or_derive(lane(venue), Key(SECRET), lambda: NOW)
    assert keys == Credentials("the-key", API_SECRET, "the-phrase")


async def test_a_known_wallet_derives_its_key() -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(400, json={"error": "Could not create api key"})
        assert request.url.path == "/auth/derive-api-key"
        return httpx.Response(200, json=KEYS)

    assert (await create_or_derive(lane(venue), Key(SECRET), lambda: NOW)).api_key == "the-key"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error": "Invalid L1 Request headers"}),
        httpx.Response(400, json={"error": "Could not create api key"}),
        httpx.Response(403, content=b"<html>"),
        httpx.Response(200, json={"apiKey": "k", "secret": 7}),
        httpx.Response(200, content=b""),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_a_failed_login_says_why_and_names_the_wallet(answer: httpx.Response | Exception) -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(LoginFailed, match=ADDRESS):
        await connect(
            "http://venue", Key(SECRET), wall=lambda: NOW, salts=random.Random(1),
            transport=lambda: httpx.MockTransport(venue),
        )  # fmt: skip


async def test_an_account_that_cannot_be_is_refused_before_any_request() -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request left")

    with pytest.raises(ValueError, match="signature type 0"):
        await connect(
            "http://venue", Key(SECRET), wall=lambda: NOW, salts=random.Random(1), funder=OTHER,
            transport=lambda: httpx.MockTransport(venue),
        )  # fmt: skip
