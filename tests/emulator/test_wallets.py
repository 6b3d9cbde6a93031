"""Which wallets belong to a key: the emulator's CREATE2 against the official client's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polymarket._internal.wallet import (
    derive_beacon_deposit_wallet_address,
    derive_proxy_wallet_address,
    derive_safe_wallet_address,
    derive_uups_deposit_wallet_address,
    signature_type_for,
    try_classify_wallet_type,
)
from polymarket.environments import PRODUCTION

from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED
from adapters.emulator.signatures import checksum

ADDRESS = FUNDED[0].address
CONFIG = PRODUCTION._config.wallet_derivation


@given(st.binary(min_size=20, max_size=20))
def test_every_wallet_of_a_key_is_where_the_official_client_derives_it(raw: bytes) -> None:
    eoa = checksum("0x" + raw.hex())
    assert wallets.of(eoa) == wallets.Wallets(
        eoa=eoa,
        proxy=derive_proxy_wallet_address(eoa, CONFIG),
        safe=derive_safe_wallet_address(eoa, CONFIG),
        deposit=derive_beacon_deposit_wallet_address(eoa, CONFIG),
        old_deposit=derive_uups_deposit_wallet_address(eoa, CONFIG),
    )


@pytest.mark.parametrize("signature_type", [0, 1, 2, 3])
def test_the_payers_of_a_signature_type_are_the_wallets_the_client_uses_it_for(signature_type: int) -> None:
    for payer in wallets.of(ADDRESS).payers(signature_type):
        kind = try_classify_wallet_type(signer=ADDRESS, wallet=payer, config=CONFIG)
        assert kind is not None
        assert signature_type_for(kind) == signature_type


def test_the_wallets_of_the_first_funded_key_are_these() -> None:
    assert wallets.of(ADDRESS.lower()) == wallets.Wallets(
        eoa=ADDRESS,
        proxy="0x365f0CA36Ae1f641E02fE3B7743673da42A13A70",
        safe="0xd93B25cb943D14d0d34FBaF01Fc93a0f8b5F6E47",
        deposit="0xBc0fF067b7740Eff76C1ca93c875Ba6B890d6B50",
        old_deposit="0xdf8b9E8f9AB23f261F6e1B171B7454ae6E46Ba76",
    )


@pytest.mark.parametrize("bad", ["", "0x12", "0x" + "g" * 40, ADDRESS + "00"])
def test_what_is_no_address_owns_nothing(bad: str) -> None:
    with pytest.raises(ValueError, match="address"):
        wallets.of(bad)
