"""Signed Ethereum transactions as wallets send them raw: RLP, who signed, what is called. Runs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from adapters.emulator.contracts import Call
from adapters.emulator.signatures import CHAIN_ID, checksum, keccak, signer_of

_FEE_MARKET = 2
_LARGEST = 128 * 2**10  # bytes, as nodes have it
_DEEPEST = 4  # levels of a transaction: itself, its access list, an entry, the entry's keys
Item = bytes | list["Item"]


@frozen
class RawTransaction:
    """`hash` is what every node calls it."""

    sender: str
    nonce: int
    call: Call
    hash: str


def parse(raw: bytes) -> RawTransaction:
    """A legacy (EIP-155) or fee-market (EIP-1559) transaction for this chain. Raises ValueError."""
    if len(raw) > _LARGEST:
        raise ValueError("oversized data")
    fee_market = raw[:1] == bytes([_FEE_MARKET])
    fields = _fields(raw[1:] if fee_market else raw, 12 if fee_market else 9)
    if fee_market:
        chain, nonce, to, value, data = fields[0], fields[1], fields[5], fields[6], fields[7]
        signed, parity = raw[:1] + _encode(fields[:9]), _number(fields[9])
    else:
        nonce, to, value, data = fields[0], fields[3], fields[4], fields[5]
        chain_and_parity = _number(fields[6]) - 35
        if chain_and_parity < 0:
            raise ValueError("only replay-protected (EIP-155) transactions allowed over RPC")
        chain, parity = _bytes(chain_and_parity // 2), chain_and_parity % 2
        signed = _encode([*fields[:6], _bytes(CHAIN_ID), b"", b""])
    if _number(chain) != CHAIN_ID:
        raise ValueError(f"invalid chain id for signer: have {_number(chain)} want {CHAIN_ID}")
    if not isinstance(to, bytes) or not isinstance(data, bytes) or len(to) != 20:
        raise ValueError("only calls of contracts are taken")
    signature = _number(fields[-2]).to_bytes(32, "big") + _number(fields[-1]).to_bytes(32, "big")
    sender = signer_of(keccak(signed), (signature + bytes([parity + 27])).hex())
    if sender is None:
        raise ValueError("invalid sender")
    call = Call(checksum("0x" + to.hex()), data, _number(value))
    return RawTransaction(checksum(sender), _number(nonce), call, "0x" + keccak(raw).hex())


def _fields(raw: bytes, count: int) -> list[Item]:
    item, end = _decode(raw, 0, len(raw), 1)
    if end < len(raw) or not isinstance(item, list) or len(item) != count:
        raise ValueError("not a transaction of a known type")
    return item


def _decode(raw: bytes, at: int, end: int, level: int) -> tuple[Item, int]:
    """The RLP item at `at`, which ends before `end`, and where it ends."""
    if at >= end:
        raise ValueError("RLP too short")
    head = raw[at]
    if head < 0x80:
        return raw[at : at + 1], at + 1
    is_list = head >= 0xC0
    size, start = head - (0xC0 if is_list else 0x80), at + 1
    if size > 55:
        start = at + 1 + size - 55
        size = int.from_bytes(raw[at + 1 : start], "big")
    if start + size > end:
        raise ValueError("RLP too short")
    return (_items(raw, start, start + size, level) if is_list else raw[start : start + size]), start + size


def _items(raw: bytes, at: int, end: int, level: int) -> list[Item]:
    if level > _DEEPEST:
        raise ValueError("RLP nested too deeply")
    items: list[Item] = []
    while at < end:
        item, at = _decode(raw, at, end, level + 1)
        items.append(item)
    return items


def _encode(items: Sequence[Item]) -> bytes:
    body = b"".join(_encode(item) if isinstance(item, list) else _encode_bytes(item) for item in items)
    return _head(len(body), 0xC0) + body


def _encode_bytes(data: bytes) -> bytes:
    return data if len(data) == 1 and data[0] < 0x80 else _head(len(data), 0x80) + data


def _head(size: int, offset: int) -> bytes:
    if size <= 55:
        return bytes([offset + size])
    length = _bytes(size)
    return bytes([offset + 55 + len(length)]) + length


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number(item: Item) -> int:
    if not isinstance(item, bytes) or len(item) > 32:
        raise ValueError("not a number")
    return int.from_bytes(item, "big")
