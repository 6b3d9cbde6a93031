"""Which wallets a key owns, and so which signature type pays from where. Pure: derives addresses, asks nobody, holds no money.

Proxy, Safe and deposit wallets are CREATE2 addresses on Polygon: a factory, a salt made of the owner, and the hash of the
wallet's creation code. Constants from polymarket-client, which derives the same addresses; the exchange has its own reading.
"""

from __future__ import annotations

from attrs import frozen

from adapters.polymarket.eip712 import address_word, word
from adapters.polymarket.keys import Key, checksum_address, keccak, parse_address
from adapters.polymarket.signing import KINDS, Account

_PROXY_FACTORY = parse_address("0xaB45c5A4B0c941a2F231C04C3f49182e1A254052")
_PROXY_LOGIC = parse_address("0x44e999d5c2F66Ef0861317f9A4805AC2e90aEB4f")
_SAFE_FACTORY = parse_address("0xaacFeEa03eb1561C4e67d661e40682Bd20E3541b")
_SAFE_CODE_HASH = bytes.fromhex("2bce2127ff07fb632d16c8347c4ebf501f4841168bed00d9e6ef715ddb6fcecf")
_DEPOSIT_FACTORY = parse_address("0x00000000000Fb5C9ADea0298D729A0CB3823Cc07")
_DEPOSIT_LOGIC = parse_address("0x58CA52ebe0DadfdF531Cde7062e76746de4Db1eB")
_DEPOSIT_BEACON = parse_address("0x7A18EDfe055488A3128f01F563e5B479D92ffc3a")

_CLONE_HASH = keccak(  # of what the proxy factory makes, and tells its owner right afterwards
    bytes.fromhex("3d3d606380380380913d393d73")
    + _PROXY_FACTORY
    + bytes.fromhex("5af4602a57600080fd5b602d8060366000396000f3363d3d373d3d3d363d73")
    + _PROXY_LOGIC
    + bytes.fromhex("5af43d82803e903d91602b57fd5bf352e831dd")
    + word(32)  # no arguments, as ABI writes them: where they begin, and how long they are
    + word(0)
)
# ERC-1967 proxies as Solady writes them: up to their size in bytes (without the arguments behind them), and from there on.
_TO_BEACON = (
    0x52,
    _DEPOSIT_BEACON
    + bytes.fromhex(
        "60195155f3363d3d373d3d363d602036600436635c60da1b60e01b36527fa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6c"
        "b3582b35133d50545afa5036515af43d6000803e604d573d6000fd5b3d6000f3"
    ),
)
_TO_LOGIC = (
    0x3D,
    _DEPOSIT_LOGIC
    + bytes.fromhex(
        "60095155f3363d3d373d3d363d7f360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc545af43d6000803e603857"
        "3d6000fd5b3d6000f3"
    ),
)
_CONSTRUCTOR = bytes.fromhex("3d8160233d3973")


@frozen
class Wallets:
    """The checksummed addresses of one key by signature type, the usual one of each first."""

    payers: tuple[tuple[str, ...], ...]

    def kind_of(self, address: str) -> int | None:
        """The signature type that pays from an address; None for one that is not this key's."""
        return next((kind for kind, payers in enumerate(self.payers) if address in payers), None)

    def text(self) -> str:
        return ", ".join(f"{kind} ({KINDS[kind]}) {payers[0]}" for kind, payers in enumerate(self.payers))


def wallets_of(key: Key) -> Wallets:
    """Every wallet that the key owns, deployed or not."""
    owner = address_word(key.raw_address)
    arguments = address_word(_DEPOSIT_FACTORY) + owner
    deposits = (_deposit_wallet(*code, arguments) for code in (_TO_BEACON, _TO_LOGIC))
    proxy = _create2(_PROXY_FACTORY, keccak(key.raw_address), _CLONE_HASH)
    safe = _create2(_SAFE_FACTORY, keccak(owner), _SAFE_CODE_HASH)
    return Wallets(((key.address,), (proxy,), (safe,), tuple(deposits)))


def account_of(key: Key, funder: str | None, signature_type: int | None) -> Account:
    """Who signs and who pays, the signature type from the funder if it is not given. Raises ValueError with the right one."""
    wallets = wallets_of(key)
    if funder is None:
        if signature_type:
            its = " or ".join(wallets.payers[signature_type])
            raise ValueError(
                f"SIGNATURE_TYPE={signature_type} needs FUNDER_ADDRESS: this key's {KINDS[signature_type]} is {its}"
            )
        return Account.of(key)
    try:
        paying = checksum_address(parse_address(funder))
    except ValueError as problem:
        raise ValueError(f"FUNDER_ADDRESS: {problem}") from None
    kind = wallets.kind_of(paying)
    if kind is None:
        raise ValueError(
            f"FUNDER_ADDRESS {paying} belongs to another key than {key.address}, whose wallets are {wallets.text()}: "
            "take one of these, or the key that owns the funder"
        )
    if signature_type is not None and signature_type != kind:
        raise ValueError(
            f"FUNDER_ADDRESS {paying} is this key's {KINDS[kind]}: set SIGNATURE_TYPE={kind}, not {signature_type}"
        )
    return Account.of(key, paying, kind)


def _deposit_wallet(size: int, code: bytes, arguments: bytes) -> str:
    head = b"\x61" + (size + len(arguments)).to_bytes(2, "big") + _CONSTRUCTOR
    return _create2(_DEPOSIT_FACTORY, keccak(arguments), keccak(head + code + arguments))


def _create2(factory: bytes, salt: bytes, code_hash: bytes) -> str:
    return checksum_address(keccak(b"\xff" + factory + salt + code_hash)[12:])
