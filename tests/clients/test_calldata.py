"""Calldata and raw transactions as the emulator reads them are what the clients' own libraries write."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.emulator import abi, raw_transactions
from adapters.emulator.signatures import checksum
from tests.depth import examples

KEY = "0x" + "11" * 32
ADDRESS = Account.from_key(KEY).address
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: checksum("0x" + raw.hex()))
uints = st.integers(0, 2**256 - 1)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "address": addresses,
    "uint256": uints,
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes31": st.binary(min_size=31, max_size=31),
    "bytes": st.binary(max_size=100),
    "uint256[]": st.lists(uints, max_size=4),
    "address[]": st.lists(addresses, max_size=4),
    "(uint8,address,uint256,bytes)[]": st.lists(
        st.tuples(st.integers(0, 255), addresses, uints, st.binary(max_size=70)), max_size=3
    ),
}


@given(st.data())
def test_arguments_are_read_as_the_clients_library_writes_them(data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=5))
    values = [data.draw(VALUES[kind]) for kind in types]
    read = abi.arguments(f"f({','.join(types)})", encode(types, values))
    assert [_plain(value) for value in read] == [_plain(value) for value in values]


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


@given(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3), st.binary(max_size=300))
def test_garbage_is_refused_and_never_crashes(types: list[str], data: bytes) -> None:
    try:
        abi.arguments(f"f({','.join(types)})", data)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("kind", "word"), [("address", 2**160), ("bool", 2), ("uint8", 256), ("bytes31", 1), ("uint256[]", 32)]
)
def test_a_word_that_does_not_fit_its_type_is_refused(kind: str, word: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        abi.arguments(f"f({kind})", word.to_bytes(32, "big"))


def test_an_array_longer_than_any_block_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match="an array of"):
        abi.arguments("f(uint256[])", abi.words(32, 2**200))


def test_results_are_written_as_the_clients_library_reads_them() -> None:
    assert abi.array([1, 2**255]) == encode(["uint256[]"], [[1, 2**255]])
    assert abi.words(7) == encode(["uint256"], [7])
    assert abi.address(ADDRESS) == encode(["address"], [ADDRESS])


@settings(max_examples=examples(30), deadline=None)
@given(
    to=addresses,
    nonce=st.integers(0, 2**40),
    value=st.integers(0, 2**90),
    data=st.binary(max_size=300),
    modern=st.booleans(),
)
def test_a_raw_transaction_names_its_sender_and_its_call(
    to: str, nonce: int, value: int, data: bytes, modern: bool
) -> None:
    price = {"maxFeePerGas": 50, "maxPriorityFeePerGas": 30, "type": 2} if modern else {"gasPrice": 30 * 10**9}
    body = {"to": to, "nonce": nonce, "value": value, "data": data, "gas": 250_000, "chainId": 137, **price}
    signed = Account.from_key(KEY).sign_transaction(body)
    read = raw_transactions.parse(bytes(signed.raw_transaction))
    assert (read.sender, read.nonce, read.hash) == (ADDRESS, nonce, "0x" + signed.hash.hex().removeprefix("0x"))
    assert (read.call.to, read.call.data, read.call.value) == (to, data, value)


@pytest.mark.parametrize("chain", [1, 80002])
def test_a_transaction_for_another_chain_is_refused(chain: int) -> None:
    body = {"to": ADDRESS, "nonce": 0, "value": 0, "data": b"", "gas": 1, "gasPrice": 1, "chainId": chain}
    raw = bytes(Account.from_key(KEY).sign_transaction(body).raw_transaction)
    with pytest.raises(ValueError, match=f"have {chain} want 137"):
        raw_transactions.parse(raw)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_transaction_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        raw_transactions.parse(raw)
