"""EIP-712 as the contracts check it: digests of login and order, and who signed them. Never signs anything.

Written from polymarket.md §2.1 and §3, apart from the client's signing code, so that the two check each other.
"""

from __future__ import annotations

from functools import lru_cache

import sha3
from coincurve import PublicKey

from actors.model.market import Side
from adapters.emulator.signed_order import SignedOrder

CHAIN_ID = 137
EXCHANGE = "0xE111180000d2663C0091e4f400237545B87B996B"
NEG_RISK_EXCHANGE = "0xe2222d279d744050d28e00520010520000310F59"
EXCHANGE_V3 = "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa"
_LOGIN_TEXT = "This message attests that I control the given wallet"


def keccak(data: bytes) -> bytes:
    return bytes(sha3.keccak_256(data).digest())


_ORDER_TEXT = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    b"uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
_ORDER_TYPE = keccak(_ORDER_TEXT)
# What a deposit wallet's owner signs (§3.3): the order nested in a struct that names the wallet.
_NESTED_TYPE = keccak(
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
    + _ORDER_TEXT
)
_ORDER_TRAILER = _ORDER_TEXT + len(_ORDER_TEXT).to_bytes(2, "big")
_ORDER_DOMAIN_TYPE = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_LOGIN_TYPE = keccak(b"ClobAuth(address address,string timestamp,uint256 nonce,string message)")
_LOGIN_DOMAIN = keccak(
    keccak(b"EIP712Domain(string name,string version,uint256 chainId)")
    + keccak(b"ClobAuthDomain")
    + keccak(b"1")
    + CHAIN_ID.to_bytes(32, "big")
)


@lru_cache(maxsize=16)
def order_domain(version: str, contract: str) -> bytes:
    """The domain separator of an exchange contract."""
    return keccak(
        _ORDER_DOMAIN_TYPE
        + keccak(b"Polymarket CTF Exchange")
        + keccak(version.encode())
        + _word(CHAIN_ID)
        + _address(contract)
    )


def exchange_of(token: int, neg_risk: bool) -> tuple[str, str]:
    """(version, contract) of the exchange that trades a token: position ids have one of their own (§3.4)."""
    if not token >> 40 & (1 << 64) - 1:
        return "3", EXCHANGE_V3
    return "2", NEG_RISK_EXCHANGE if neg_risk else EXCHANGE


def contents_hash(order: SignedOrder) -> bytes:
    """The EIP-712 struct hash of the order, the same for every exchange."""
    words = (
        _word(order.salt),
        _address(order.maker),
        _address(order.signer),
        _word(int(order.token)),
        _word(order.maker_amount),
        _word(order.taker_amount),
        _word(0 if order.side is Side.BUY else 1),
        _word(order.signature_type),
        _word(order.timestamp),
        bytes.fromhex(order.metadata[2:]),
        bytes.fromhex(order.builder[2:]),
    )
    return keccak(_ORDER_TYPE + b"".join(words))


def order_digest(order: SignedOrder, domain: bytes) -> bytes:
    """What a plain signature signs; its hex is the order id, with every signature type (§3.1)."""
    return _digest(domain, contents_hash(order))


def owner_of(order: SignedOrder, domain: bytes) -> str | None:
    """The lower-case address of the key that signed the order for this exchange, plain or wrapped; None if nobody."""
    contents = contents_hash(order)
    if order.signature_type != 3:
        return signer_of(_digest(domain, contents), order.signature)
    inner, trailer = order.signature[:132], domain + contents + _ORDER_TRAILER
    if order.signature[132:].lower() != trailer.hex():
        return None
    return signer_of(_digest(domain, _nested(contents, order.signer)), inner)


def _nested(contents: bytes, wallet: str) -> bytes:
    """The struct hash of `TypedDataSign`: the order, and the deposit wallet's own domain (§3.3)."""
    domain = keccak(b"DepositWallet") + keccak(b"1") + _word(CHAIN_ID) + _address(wallet) + _word(0)
    return keccak(_NESTED_TYPE + contents + domain)


def login_digest(address: str, timestamp: str, nonce: int) -> bytes:
    """What `POLY_SIGNATURE` signs at level 1 (§2.1)."""
    words = (_address(address), keccak(timestamp.encode()), _word(nonce), keccak(_LOGIN_TEXT.encode()))
    return _digest(_LOGIN_DOMAIN, keccak(_LOGIN_TYPE + b"".join(words)))


def signer_of(digest: bytes, signature: str) -> str | None:
    """The lower-case address that made a 65-byte signature (`v` 27 or 28); None if nobody can have."""
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
        if len(raw) != 65 or raw[64] not in (27, 28):
            return None
        key = PublicKey.from_signature_and_message(raw[:64] + bytes([raw[64] - 27]), digest, hasher=None)
    except Exception:  # noqa: BLE001 - libsecp256k1 raises bare Exception for points off the curve
        return None
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def checksum(address: str) -> str:
    """The address in EIP-55 mixed case."""
    lower = address.lower().removeprefix("0x")
    nibbles = keccak(lower.encode()).hex()
    return "0x" + "".join(
        char.upper() if int(nibble, 16) > 7 else char for char, nibble in zip(lower, nibbles, strict=False)
    )


def _digest(domain: bytes, struct: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + struct)


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _address(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address[2:])
