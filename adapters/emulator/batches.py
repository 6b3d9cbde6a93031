"""What a wallet's owner signed for the relayer, decoded and proven: Safe, proxy and deposit wallet. Runs nothing.

Hashes as polymarket-client signs them (its `actions/relayer/signing`); creating a Safe as builder-relayer-client does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from adapters.emulator import abi, addresses, wallets
from adapters.emulator.contracts import Call
from adapters.emulator.digits import UINT256, whole
from adapters.emulator.refusal import Refused
from adapters.emulator.signatures import CHAIN_ID, keccak, signer_of

RELAY = "0x7db63fe6d62eb73fb01f8009416f4c2bb4fbda6a"  # who sends for proxies: part of what they sign
_DELEGATE = 1
_LARGEST = 128 * 2**10  # bytes of one call: what nodes take of a transaction
_MOST_CALLS = 500
_ZERO = "0x" + "00" * 20
_MULTISEND = "multiSend(bytes)"
_PROXY_CALLS = "proxy((uint8,address,uint256,bytes)[])"
_SAFE_DOMAIN = keccak(b"EIP712Domain(uint256 chainId,address verifyingContract)")
_SAFE_TX = keccak(
    b"SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,"
    b"address gasToken,address refundReceiver,uint256 nonce)"
)
_NAMED_DOMAIN = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_CALL_TEXT = b"Call(address target,uint256 value,bytes data)"
_CALL = keccak(_CALL_TEXT)
_BATCH = keccak(b"Batch(address wallet,uint256 nonce,uint256 deadline,Call[] calls)" + _CALL_TEXT)
_CREATE_DOMAIN = keccak(b"EIP712Domain(string name,uint256 chainId,address verifyingContract)")
_CREATE = keccak(b"CreateProxy(address paymentToken,uint256 payment,address paymentReceiver)")


@frozen
class Batch:
    """What one wallet of `owner` wants done; `nonce` None for a wallet that is yet to be made.

    `deadline` is in wall seconds (0: none), `signed` the digest that the owner signed.
    """

    kind: str
    owner: str
    wallet: str
    nonce: int | None
    calls: tuple[Call, ...]
    deadline: int
    signed: bytes


def parse(envelope: object) -> Batch:
    """A body of POST /submit. Raises Refused 400 for a bad shape, a wallet of somebody else or a wrong signature."""
    reader = _READERS.get(str(envelope.get("type"))) if isinstance(envelope, Mapping) else None
    if reader is None or not isinstance(envelope, Mapping):
        raise Refused(400, "invalid transaction type")
    try:
        owned = wallets.of(str(envelope.get("from")))
        batch, signature = reader(envelope, owned)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise Refused(400, f"invalid payload: {problem}") from problem
    if batch.kind != "WALLET-CREATE" and not (isinstance(signature, str) and _signed_by(batch, signature)):
        raise Refused(400, "invalid signature")
    return batch


def _signed_by(batch: Batch, signature: str) -> bool:
    """Safes take `v` 31 and 32 for messages and 27 and 28 for plain digests; the others take what their kind signs."""
    digest, last = batch.signed, signature[-2:].lower()
    if batch.kind == "PROXY" or (batch.kind == "SAFE" and last in ("1f", "20")):
        digest = keccak(b"\x19Ethereum Signed Message:\n32" + digest)
    if batch.kind == "SAFE" and last in ("1f", "20"):
        signature = signature[:-2] + f"{int(last, 16) - 4:02x}"
    return signer_of(digest, signature) == batch.owner.lower()


def _safe(body: Mapping[str, Any], owned: wallets.Wallets) -> tuple[Batch, str]:
    wallet = _own(body["proxyWallet"], (owned.safe,))
    to, data, value, terms = body["to"], _bytes(body["data"]), _number(body.get("value") or 0), body["signatureParams"]
    operation, nonce = _number(terms["operation"]), _number(body["nonce"])
    fields = (
        abi.address(to) + abi.words(value) + keccak(data) + abi.words(operation),
        abi.words(*(_number(terms[name]) for name in ("safeTxnGas", "baseGas", "gasPrice"))),
        abi.address(terms["gasToken"]) + abi.address(terms["refundReceiver"]) + abi.words(nonce),
    )
    domain = keccak(_SAFE_DOMAIN + abi.words(CHAIN_ID) + abi.address(wallet))
    calls = _multisend(to, data) if operation == _DELEGATE else (Call(to, data, value),)
    digest = _digest(domain, keccak(_SAFE_TX + b"".join(fields)))
    return Batch("SAFE", owned.eoa, wallet, nonce, calls, 0, digest), body["signature"]


def _proxy(body: Mapping[str, Any], owned: wallets.Wallets) -> tuple[Batch, str]:
    wallet, terms = _own(body["proxyWallet"], (owned.proxy,)), body["signatureParams"]
    data, nonce = _bytes(body["data"]), _number(body["nonce"])
    for name, given, right in (
        ("to", body["to"], addresses.PROXY_FACTORY),
        ("relayHub", terms["relayHub"], addresses.RELAY_HUB),
        ("relay", terms["relay"], RELAY),
    ):
        if given.lower() != right.lower():
            raise ValueError(f"{name} has to be {right}")
    if data[:4] != abi.selector(_PROXY_CALLS):
        raise ValueError("data has to call proxy()")
    amounts = (*(_number(terms[name]) for name in ("relayerFee", "gasPrice", "gasLimit")), nonce)
    parties = abi.address(owned.eoa)[12:] + abi.address(body["to"])[12:]
    hub = abi.address(terms["relayHub"])[12:] + abi.address(terms["relay"])[12:]
    digest = keccak(b"rlx:" + parties + data + abi.words(*amounts) + hub)
    calls = tuple(_inner(*call) for call in abi.arguments(_PROXY_CALLS, data[4:])[0])
    return Batch("PROXY", owned.eoa, wallet, nonce, calls, 0, digest), body["signature"]


def _deposit(body: Mapping[str, Any], owned: wallets.Wallets) -> tuple[Batch, str]:
    terms, nonce = body["depositWalletParams"], _number(body["nonce"])
    wallet, deadline = _own(terms["depositWallet"], (owned.deposit, owned.old_deposit)), _number(terms["deadline"])
    calls = tuple(Call(call["target"], _bytes(call["data"]), _number(call["value"])) for call in terms["calls"])
    hashes = (keccak(_CALL + abi.address(call.to) + abi.words(call.value) + keccak(call.data)) for call in calls)
    struct = abi.address(wallet) + abi.words(nonce, deadline) + keccak(b"".join(hashes))
    named = keccak(b"DepositWallet") + keccak(b"1") + abi.words(CHAIN_ID) + abi.address(wallet)
    digest = _digest(keccak(_NAMED_DOMAIN + named), keccak(_BATCH + struct))
    return Batch("WALLET", owned.eoa, wallet, nonce, calls, deadline, digest), body["signature"]


def _new_deposit(body: Mapping[str, Any], owned: wallets.Wallets) -> tuple[Batch, str]:
    """Unsigned at the venue too: anybody may pay for the wallet of somebody else."""
    if body["to"].lower() != addresses.DEPOSIT_FACTORY.lower():
        raise ValueError(f"to has to be {addresses.DEPOSIT_FACTORY}")
    return Batch("WALLET-CREATE", owned.eoa, owned.deposit, None, (), 0, keccak(owned.deposit.encode())), ""


def _new_safe(body: Mapping[str, Any], owned: wallets.Wallets) -> tuple[Batch, str]:
    wallet, terms = _own(body["proxyWallet"], (owned.safe,)), body["signatureParams"]
    if _number(terms["payment"]) or {terms["paymentToken"], terms["paymentReceiver"]} != {_ZERO}:
        raise ValueError("making a Safe is free")
    factory = abi.words(CHAIN_ID) + abi.address(addresses.SAFE_FACTORY)
    domain = keccak(_CREATE_DOMAIN + keccak(b"Polymarket Contract Proxy Factory") + factory)
    digest = _digest(domain, keccak(_CREATE + bytes(96)))
    return Batch("SAFE-CREATE", owned.eoa, wallet, None, (), 0, digest), body["signature"]


_READERS = {
    "SAFE": _safe,
    "PROXY": _proxy,
    "WALLET": _deposit,
    "WALLET-CREATE": _new_deposit,
    "SAFE-CREATE": _new_safe,
}


def _own(wallet: str, owned: tuple[str, ...]) -> str:
    for one in owned:
        if one.lower() == wallet.lower():
            return one
    raise ValueError(f"wallet {wallet} does not belong to the signer")


def _multisend(to: str, data: bytes) -> tuple[Call, ...]:
    """The packed calls of a Safe's delegate call. Raises ValueError for a delegate call of anything else."""
    if to.lower() != addresses.SAFE_MULTISEND.lower() or data[:4] != abi.selector(_MULTISEND):
        raise ValueError("a delegate call has to be multiSend")
    packed: bytes = abi.arguments(_MULTISEND, data[4:])[0]
    calls: list[Call] = []
    while packed and len(calls) < _MOST_CALLS:
        kind, to, size = packed[0], "0x" + packed[1:21].hex(), int.from_bytes(packed[53:85], "big")
        if kind or len(packed) < 85 + size:
            raise ValueError("bad multiSend")
        calls.append(Call(to, packed[85 : 85 + size], int.from_bytes(packed[21:53], "big")))
        packed = packed[85 + size :]
    if packed:
        raise ValueError(f"more than {_MOST_CALLS} calls")
    return tuple(calls)


def _inner(kind: int, to: str, value: int, data: bytes) -> Call:
    if kind != 1:
        raise ValueError("a proxy only calls")
    return Call(to, data, value)


def _bytes(text: str) -> bytes:
    if len(text) > 2 * _LARGEST:
        raise ValueError("oversized data")
    return bytes.fromhex(text.removeprefix("0x"))


def _number(value: object) -> int:
    """A uint256 as JSON's number or as its digits: the clients send both."""
    number = whole(str(value), UINT256)
    if number is None or isinstance(value, float | bool):
        raise ValueError("not a whole number")
    return number


def _digest(domain: bytes, struct: bytes) -> bytes:
    return keccak(b"\x19\x01" + domain + struct)
