"""Which wallets a key owns: proxy, Safe and deposit wallet addresses as their factories derive them. Holds no money.

All four are CREATE2 addresses on Polygon: factory, a salt from the owner, and the hash of the wallet's creation code.
The code below is that of the deployed factories; polymarket-client derives the same addresses.
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from adapters.emulator.signatures import checksum, keccak

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_PROXY_FACTORY = bytes.fromhex("aB45c5A4B0c941a2F231C04C3f49182e1A254052")
_PROXY_TARGET = bytes.fromhex("44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f")
_SAFE_FACTORY = bytes.fromhex("aacFeEa03eb1561C4e67d661e40682Bd20E3541b")
_SAFE_CODE_HASH = bytes.fromhex("2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf")
_DEPOSIT_FACTORY = bytes.fromhex("00000000000Fb5C9ADea0298D729A0CB3823Cc07")
_DEPOSIT_TARGET = bytes.fromhex("58CA52ebe0DadfdF531Cde7062e76746de4Db1eB")
_DEPOSIT_BEACON = bytes.fromhex("7A18EDfe055488A3128f01F563e5B479D92ffc3a")

# A minimal clone that the factory makes and then calls once.
_PROXY_CODE_HASH = keccak(
    bytes.fromhex("3d3d606380380380913d393d73")
    + _PROXY_FACTORY
    + bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73")
    + _PROXY_TARGET
    + bytes.fromhex("5af43d82803e903d91602b57fd5bf352e831dd")
    + (32).to_bytes(32, "big")
    + bytes(32)
)
# Solady's ERC-1967 proxies, to a fixed implementation and to a beacon; both append their arguments.
_FIXED_CODE = (
    _DEPOSIT_TARGET
    + bytes.fromhex("6009")
    + bytes.fromhex("5155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076")
    + bytes.fromhex("cc3735a920a3ca505d382bbc545af43d6000803e6038573d6000fd5b3d6000f3")
)
_BEACON_CODE = (
    _DEPOSIT_BEACON
    + bytes.fromhex("60195155f3363d3d373d3d363d602036600436635c60da")
    + bytes.fromhex("1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c")
    + bytes.fromhex("b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3")
)
# PUSH2 runtime size (the arguments count), then the constructor's constant bytes.
_FIXED_SIZE, _BEACON_SIZE = 0x3D, 0x52
_CONSTRUCTOR = bytes.fromhex("3d8160233d3973")


@frozen
class Wallets:
    """The checksummed addresses of one key; `deposit` is what new accounts get, `old_deposit` what the first ones got."""

    eoa: str
    proxy: str
    safe: str
    deposit: str
    old_deposit: str

    def payers(self, signature_type: int) -> tuple[str, ...]:
        """The wallets that may pay for an order of this signature type (polymarket.md §2.3), the usual one first."""
        return ((self.eoa,), (self.proxy,), (self.safe,), (self.deposit, self.old_deposit))[signature_type]


@lru_cache(maxsize=4_096)
def of(eoa: str) -> Wallets:
    """Every wallet that `eoa` owns, deployed or not. Raises ValueError for what is no address."""
    if not _ADDRESS.fullmatch(eoa):
        raise ValueError(f"{eoa[:60]!r} is not an address: 0x and 40 hex digits are expected")
    owner = bytes.fromhex(eoa[2:])
    word = bytes(12) + owner
    arguments = bytes(12) + _DEPOSIT_FACTORY + word
    return Wallets(
        eoa=checksum(eoa),
        proxy=_create2(_PROXY_FACTORY, keccak(owner), _PROXY_CODE_HASH),
        safe=_create2(_SAFE_FACTORY, keccak(word), _SAFE_CODE_HASH),
        deposit=_deposit(_BEACON_SIZE, _BEACON_CODE, arguments),
        old_deposit=_deposit(_FIXED_SIZE, _FIXED_CODE, arguments),
    )


def _deposit(size: int, code: bytes, arguments: bytes) -> str:
    runtime = b"\x61" + (size + len(arguments)).to_bytes(2, "big")
    return _create2(_DEPOSIT_FACTORY, keccak(arguments), keccak(runtime + _CONSTRUCTOR + code + arguments))


def _create2(factory: bytes, salt: bytes, code_hash: bytes) -> str:
    return checksum("0x" + keccak(b"\xff" + factory + salt + code_hash)[12:].hex())
