"""Our two ways to authenticate against both official clients, over keys, times, nonces and requests."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from eth_account import Account as EthAccount
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket._internal.hmac import build_hmac_signature as successor_hmac
from polymarket._internal.l1_auth import sign_api_key_auth
from py_clob_client_v2.clob_types import ApiCreds, RequestArgs
from py_clob_client_v2.headers.headers import create_level_1_headers, create_level_2_headers
from py_clob_client_v2.signer import Signer

from adapters.polymarket.auth import Credentials, Requests, login_headers
from adapters.polymarket.keys import Key
from tests.adapters.polymarket.samples import SECRET
from tests.depth import examples

STAMPS = st.integers(1, 2**40)


@settings(max_examples=examples(100), deadline=None)
@given(
    secret=st.sampled_from([SECRET, "0x" + "07" * 32]),
    stamp=STAMPS,
    nonce=st.integers(0, 2**256 - 1),
    chain=st.sampled_from([137, 80002]),
)
def test_login_headers_are_those_of_both_clients(secret: str, stamp: int, nonce: int, chain: int) -> None:
    ours = login_headers(Key(secret), stamp, nonce, chain)
    assert ours == create_level_1_headers(Signer(secret, chain), nonce, stamp)
    theirs = sign_api_key_auth(EthAccount.from_key(secret), chain_id=chain, timestamp=stamp, nonce=nonce)
    assert (ours["POLY_ADDRESS"], ours["POLY_SIGNATURE"]) == (theirs.address, theirs.signature)


@given(
    secret=st.binary(min_size=1, max_size=48).map(lambda raw: urlsafe_b64encode(raw).decode()),
    stamp=STAMPS,
    method=st.sampled_from(["GET", "POST", "DELETE"]),
    path=st.sampled_from(["/order", "/orders", "/data/orders", "/auth/api-keys"]),
    body=st.text(max_size=60).map(lambda text: text.replace("'", "")).filter(lambda text: text.isprintable()),
)
def test_request_headers_are_those_of_both_clients(secret: str, stamp: int, method: str, path: str, body: str) -> None:
    """Without apostrophes: py-clob-client-v2 turns them into quotes before it signs, the venue does not (§2.2)."""
    signer = Signer(SECRET, 137)
    requests = Requests(signer.address(), Credentials("the-key", secret, "the-phrase"))
    ours = requests.headers(stamp, method, path, body.encode())
    asked = RequestArgs(method=method, request_path=path, body=body, serialized_body=body)
    assert ours == create_level_2_headers(signer, ApiCreds("the-key", secret, "the-phrase"), asked, stamp)
    assert ours["POLY_SIGNATURE"] == successor_hmac(
        secret=secret, timestamp=stamp, method=method, path=path, body=body or None
    )
