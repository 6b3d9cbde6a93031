"""How a deposit wallet signs an order: its owner's key signs the order nested in the wallet's own domain (§3.3).

ERC-1271 as Solady's nested EIP-712 checks it, for signature type 3 of polymarket.md. Owns no key; the order's id stays
the plain order hash.
"""

from __future__ import annotations

from attrs import frozen

from adapters.polymarket.eip712 import ORDER_TYPE, POLYGON, address_word, word
from adapters.polymarket.keys import Key, keccak, parse_address

_SIGN_TYPE_HASH = keccak(
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
    + ORDER_TYPE
)
_NAME_AND_VERSION = keccak(b"DepositWallet") + keccak(b"1")
_NO_SALT = bytes(32)
_TRAILER = (ORDER_TYPE + len(ORDER_TYPE).to_bytes(2, "big")).hex()


@frozen
class DepositWallet:
    """The constant words of one wallet's domain."""

    domain: bytes

    @classmethod
    def of(cls, address: str, chain: int = POLYGON) -> DepositWallet:
        """Raises ValueError for what is no address."""
        return cls(_NAME_AND_VERSION + word(chain) + address_word(parse_address(address)) + _NO_SALT)

    def sign_hex(self, key: Key, separator: bytes, contents: bytes) -> str:
        """The 636 characters that wrap the key's signature of an order.

        `separator` is the exchange's domain separator, `contents` the order's struct hash, both 32 bytes.
        """
        nested = keccak(_SIGN_TYPE_HASH + contents + self.domain)
        inner = key.sign_hex(keccak(b"\x19\x01" + separator + nested))
        return inner + separator.hex() + contents.hex() + _TRAILER
