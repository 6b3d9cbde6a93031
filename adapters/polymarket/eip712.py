"""EIP-712 words, domain separators and the exchange contracts of Polymarket. Owns no key and no order.

Sources: polymarket.md §2.1 (login), §3.1 (order struct), §3.2 (contracts), §3.4 (which version).
"""

from __future__ import annotations

from attrs import frozen

from adapters.polymarket.keys import keccak, parse_address

POLYGON = 137

ORDER_TYPE = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,uint256 takerAmount,"
    b"uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)"
)
ORDER_TYPE_HASH = keccak(ORDER_TYPE)
_EXCHANGE_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_LOGIN_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId)"
_LOGIN_TYPE = b"ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_LOGIN_MESSAGE = b"This message attests that I control the given wallet"

# A Protocol V2 position id leaves bits 40 to 103 zero; older token ids are hashes and never do (§3.4).
_LONGEST_TOKEN = 78
_RESERVED_BITS = ((1 << 64) - 1) << 40
_MODULES = (1, 2, 3)  # binary, neg-risk, combinatorial: the high byte


def word(value: int) -> bytes:
    """A uint256 as 32 big-endian bytes. Raises OverflowError for anything that is not one."""
    return value.to_bytes(32, "big")


def address_word(raw: bytes) -> bytes:
    """A 20-byte address, left-padded to a word."""
    return raw.rjust(32, b"\0")


@frozen
class Exchange:
    """A contract that settles orders, with the version of the domain its orders are signed for."""

    version: str
    contract: str

    def separator(self, chain: int) -> bytes:
        """The domain separator of its orders."""
        return keccak(
            keccak(_EXCHANGE_DOMAIN)
            + keccak(b"Polymarket CTF Exchange")
            + keccak(self.version.encode())
            + word(chain)
            + address_word(parse_address(self.contract))
        )


EXCHANGE = Exchange("2", "0xE111180000d2663C0091e4f400237545B87B996B")
NEG_RISK_EXCHANGE = Exchange("2", "0xe2222d279d744050d28e00520010520000310F59")
EXCHANGE_V3 = Exchange("3", "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa")


def token_number(token: str) -> int:
    """The uint256 that a token id writes in decimal. Raises ValueError for anything else, zero included."""
    digits = token.isascii() and token.isdigit() and token[0] != "0" and len(token) <= _LONGEST_TOKEN
    number = int(token) if digits else 0
    if number == 0 or number >> 256:
        raise ValueError(f"{token[:90]!r} is not a token id: a decimal number below 2**256 is expected")
    return number


def is_position_id(token: int) -> bool:
    """Whether a token id is a Protocol V2 position id, which is signed for domain "3"."""
    return token & _RESERVED_BITS == 0


def exchange_of(token: int, neg_risk: bool) -> Exchange:
    """The exchange whose signature the venue expects for a token (§3.4); V3 has one exchange for both kinds.

    Raises ValueError for an id of neither kind: the official clients sign it for V3, whose orders it cannot be in.
    """
    if is_position_id(token):
        if token >> 248 not in _MODULES or token & 0xFF > 1:
            raise ValueError(f"{token} is neither a token id nor a YES or NO position id: copy the id from the market")
        return EXCHANGE_V3
    return NEG_RISK_EXCHANGE if neg_risk else EXCHANGE


def login_digest(raw_address: bytes, timestamp: int, nonce: int, chain: int) -> bytes:
    """The digest that proves control of a wallet at `timestamp` (epoch seconds), for the L1 headers (§2.1)."""
    domain = keccak(keccak(_LOGIN_DOMAIN) + keccak(b"ClobAuthDomain") + keccak(b"1") + word(chain))
    claim = keccak(
        keccak(_LOGIN_TYPE)
        + address_word(raw_address)
        + keccak(str(timestamp).encode())
        + word(nonce)
        + keccak(_LOGIN_MESSAGE)
    )
    return keccak(b"\x19\x01" + domain + claim)
