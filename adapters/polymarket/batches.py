"""What a wallet's owner signs for the relayer, and the body that carries it: proxy, Safe and deposit wallet (§1.8, §13).

Byte for byte what polymarket-client posts. Every batch has the wallet's next nonce, so it can happen once at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from adapters.polymarket.contracts import Call
from adapters.polymarket.eip712 import POLYGON, address_word, word
from adapters.polymarket.keys import keccak, parse_address
from adapters.polymarket.signing import Account

PROXY_FACTORY = "0xaB45c5A4B0c941a2F231C04C3f49182e1A254052"
RELAY_HUB = "0xD216153c06E857cD7f72665E0aF1d7D82172F494"
DEPOSIT_FACTORY = "0x00000000000Fb5C9ADea0298D729A0CB3823Cc07"
SAFE_MULTISEND = "0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761"
NAMES = {1: "PROXY", 2: "SAFE", 3: "WALLET"}  # the relayer's names, by signature type

_NOBODY = "0x" + "00" * 20
_GAS_OF_A_CALL = 200_000  # what polymarket-client allows where it cannot estimate
_SAFE_DOMAIN = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
_SAFE_TX = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    b"address gasToken,address refundReceiver,uint256 nonce)"
)
_DOMAIN = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_CALL_TYPE = b"Call(address target,uint256 value,bytes data)"
_BATCH = keccak(b"Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)" + _CALL_TYPE)
_CALL = keccak(_CALL_TYPE)


@frozen
class Terms:
    """What the relayer and the clock say: the wallet's next nonce, who will send it, until when it may (epoch s)."""

    nonce: int
    relay: str
    deadline: int


def envelope(account: Account, calls: Sequence[Call], terms: Terms, label: str) -> dict[str, Any]:
    """The body of a submit, signed. `label` comes back with every answer. Raises ValueError for an EOA."""
    if account.signature_type not in NAMES:
        raise ValueError("an EOA sends its transactions itself: the relayer serves contract wallets alone")
    parts = {1: _proxy, 2: _safe, 3: _deposit}[account.signature_type](account, calls, terms)
    common = {"type": NAMES[account.signature_type], "from": account.key.address, "nonce": str(terms.nonce)}
    return {**common, **parts, "metadata": label}


def _proxy(account: Account, calls: Sequence[Call], terms: Terms) -> dict[str, Any]:
    """The factory makes the owner's proxy do the calls, through the gas station network's hub."""
    data, gas = _proxied(calls), _GAS_OF_A_CALL * len(calls)
    parties = account.key.raw_address + parse_address(PROXY_FACTORY)
    amounts = word(0) + word(0) + word(gas) + word(terms.nonce)  # fee, gas price, gas limit
    hub = parse_address(RELAY_HUB) + parse_address(terms.relay.lower())
    digest = _personal(keccak(b"rlx:" + parties + data + amounts + hub))
    return {
        "to": PROXY_FACTORY,
        "proxyWallet": account.funder,
        "data": "0x" + data.hex(),
        "signature": account.key.sign_hex(digest),
        "signatureParams": {
            "gasLimit": str(gas),
            "gasPrice": "0",
            "relay": terms.relay,
            "relayHub": RELAY_HUB,
            "relayerFee": "0",
        },
    }


def _safe(account: Account, calls: Sequence[Call], terms: Terms) -> dict[str, Any]:
    """One call goes as it is, several through the contract that does all or none."""
    many = len(calls) > 1
    to, data = (SAFE_MULTISEND, _multisend(calls)) if many else (calls[0].to, calls[0].data)
    action = address_word(parse_address(to)) + word(0) + keccak(data) + word(int(many))
    struct = _SAFE_TX + action + word(0) * 3 + address_word(bytes(20)) * 2 + word(terms.nonce)
    domain = keccak(_SAFE_DOMAIN + word(POLYGON) + address_word(parse_address(account.funder)))
    signature = account.key.sign_hex(_personal(_digest(domain, keccak(struct))))
    return {
        "to": to,
        "proxyWallet": account.funder,
        "data": "0x" + data.hex(),
        "signature": signature[:-2] + f"{int(signature[-2:], 16) + 4:02x}",  # a Safe knows signed messages by v + 4
        "signatureParams": {
            "baseGas": "0",
            "gasPrice": "0",
            "gasToken": _NOBODY,
            "operation": str(int(many)),
            "refundReceiver": _NOBODY,
            "safeTxnGas": "0",
        },
    }


def _deposit(account: Account, calls: Sequence[Call], terms: Terms) -> dict[str, Any]:
    wallet = address_word(parse_address(account.funder))
    hashes = (keccak(_CALL + address_word(parse_address(c.to)) + word(0) + keccak(c.data)) for c in calls)
    struct = _BATCH + wallet + word(terms.nonce) + word(terms.deadline) + keccak(b"".join(hashes))
    domain = keccak(_DOMAIN + keccak(b"DepositWallet") + keccak(b"1") + word(POLYGON) + wallet)
    return {
        "to": DEPOSIT_FACTORY,
        "signature": account.key.sign_hex(_digest(domain, keccak(struct))),
        "depositWalletParams": {
            "depositWallet": account.funder,
            "deadline": str(terms.deadline),
            "calls": [{"target": call.to, "value": "0", "data": "0x" + call.data.hex()} for call in calls],
        },
    }


def _proxied(calls: Sequence[Call]) -> bytes:
    """`proxy((uint8,address,uint256,bytes)[])`: an array of tuples, each behind its offset; type 1 is a call."""
    rows = [word(1) + address_word(parse_address(c.to)) + word(0) + word(4 * 32) + _padded(c.data) for c in calls]
    offsets = [32 * len(rows) + sum(map(len, rows[:number])) for number in range(len(rows))]
    head = keccak(b"proxy((uint8,address,uint256,bytes)[])")[:4] + word(32) + word(len(rows))
    return head + b"".join(map(word, offsets)) + b"".join(rows)


def _multisend(calls: Sequence[Call]) -> bytes:
    """`multiSend(bytes)`: the calls packed behind each other, type 0 being a call."""
    packed = b"".join(b"\0" + parse_address(c.to) + word(0) + word(len(c.data)) + c.data for c in calls)
    return keccak(b"multiSend(bytes)")[:4] + word(32) + _padded(packed)


def _padded(data: bytes) -> bytes:
    return word(len(data)) + data + bytes(-len(data) % 32)


def _digest(domain: bytes, struct: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + struct)


def _personal(digest: bytes) -> bytes:
    return keccak(b"\x19Ethereum Signed Message:\n32" + digest)
