"""Claims about which wallets a key owns: the official client and the exchange, which each have their own reading, agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polymarket._internal.wallet import signature_type_for, try_classify_wallet_type
from polymarket.environments import PRODUCTION

from adapters.emulator import wallets
from adapters.polymarket.keys import Key
from adapters.polymarket.wallets import account_of, wallets_of
from tests.adapters.polymarket.samples import ADDRESS, SECRET

KEY, OTHER = Key(SECRET), "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OWNED = wallets.of(ADDRESS)
CONFIG = PRODUCTION._config.wallet_derivation


@given(st.integers(1, 2**255))
def test_every_key_owns_the_wallets_that_the_exchange_says_it_does(secret: int) -> None:
    key = Key(f"{secret:064x}")
    owned, theirs = wallets_of(key), wallets.of(key.address)
    assert owned.payers == tuple(theirs.payers(kind) for kind in range(4))


@pytest.mark.parametrize("kind", range(4))
def test_the_official_client_pays_from_them_with_the_same_signature_type(kind: int) -> None:
    for payer in wallets_of(KEY).payers[kind]:
        known = try_classify_wallet_type(signer=ADDRESS, wallet=payer, config=CONFIG)
        assert known is not None
        assert signature_type_for(known) == kind == wallets_of(KEY).kind_of(payer)


@pytest.mark.parametrize("kind", range(4))
def test_the_signature_type_follows_from_the_funder(kind: int) -> None:
    for funder in OWNED.payers(kind):
        account = account_of(KEY, funder.lower(), None)
        assert (account.funder, account.signature_type) == (funder, kind)
        assert account == account_of(KEY, funder, kind)
    assert account_of(KEY, None, None) == account_of(KEY, None, 0) == account_of(KEY, ADDRESS, None)


@pytest.mark.parametrize(
    ("funder", "kind", "says"),
    [
        (OWNED.safe, 1, "is this key's Safe: set SIGNATURE_TYPE=2, not 1"),
        (OWNED.proxy, 0, "is this key's proxy wallet: set SIGNATURE_TYPE=1, not 0"),
        (OWNED.old_deposit, 2, "is this key's deposit wallet: set SIGNATURE_TYPE=3, not 2"),
        (ADDRESS, 3, "is this key's EOA: set SIGNATURE_TYPE=0, not 3"),
        (None, 1, f"needs FUNDER_ADDRESS: this key's proxy wallet is {OWNED.proxy}"),
        (None, 3, f"this key's deposit wallet is {OWNED.deposit} or {OWNED.old_deposit}"),
        (OTHER, 2, f"belongs to another key than {ADDRESS}, whose wallets are .*2 \\(Safe\\) {OWNED.safe}"),
        (OTHER, None, "take one of these, or the key that owns the funder"),
        ("0x12", None, "FUNDER_ADDRESS: '0x12' is not an address"),
        (OTHER.replace("C5", "c5"), None, "FUNDER_ADDRESS: .* wrong checksum"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_right_one(funder: str | None, kind: int | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        account_of(KEY, funder, kind)
