"""The chain's JSON-RPC on loopback, as far as wallets need it: reads, gas, raw transactions, receipts.

polymarket-client reads balances and approvals here and sends the transactions of plain EOAs (polymarket.md §13).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from adapters.emulator import raw_transactions
from adapters.emulator.abi import address
from adapters.emulator.chain import Reverted
from adapters.emulator.contracts import Call
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.node import Node, Receipt
from adapters.emulator.raw_transactions import RawTransaction
from adapters.emulator.settlement import MINED_AFTER
from adapters.emulator.signatures import CHAIN_ID
from adapters.emulator.views import Views

_GAS = 250_000
_GAS_PRICE = 30 * 10**9
_MOST_IN_A_BATCH = 100
_POL = 1_000 * 10**18  # what everybody seems to have
_REVERTED, _BAD_REQUEST, _NO_METHOD, _BAD_PARAMS, _REFUSED, _BAD_JSON = 3, -32600, -32601, -32602, -32000, -32700


class RpcError(Exception):
    """Answered as `{"error": {"code": ..., "message": ...}}`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@define(eq=False)
class Rpc:
    """`_sent` counts transactions on their way, by sender."""

    node: Node
    views: Views
    _sent: defaultdict[str, int] = field(factory=lambda: defaultdict(int))

    def answer(self, desk: Desk, request: Request) -> object:
        """One request or a batch of them; problems are part of the 200 answer, as nodes do it."""
        try:
            body = request.json()
        except ValueError:
            return _error(None, RpcError(_BAD_JSON, "parse error"))
        if not isinstance(body, list):
            return self._one(body)
        if not 0 < len(body) <= _MOST_IN_A_BATCH:
            return _error(None, RpcError(_BAD_REQUEST, "batch too large" if body else "empty batch"))
        return [self._one(each) for each in body]

    def _one(self, body: object) -> object:
        if not isinstance(body, Mapping) or not isinstance(body.get("params", []), list):
            return _error(None, RpcError(_BAD_REQUEST, "invalid request"))
        try:
            method = _METHODS.get(str(body.get("method")))
            if method is None:
                raise RpcError(_NO_METHOD, f"the method {body.get('method')} does not exist/is not available")
            return {"jsonrpc": "2.0", "id": body.get("id"), "result": method(self, *body.get("params", []))}
        except RpcError as problem:
            return _error(body.get("id"), problem)
        except Reverted as reverted:
            return _error(body.get("id"), RpcError(_REVERTED, f"execution reverted: {reverted}"))
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            return _error(body.get("id"), RpcError(_BAD_PARAMS, f"invalid argument: {problem}"))

    def _chain_id(self) -> str:
        return hex(CHAIN_ID)

    def _version(self) -> str:
        return str(CHAIN_ID)

    def _block_number(self) -> str:
        return hex(self.node.block)

    def _block(self, number: str, full: bool = False) -> object:
        stamp = hex(int(self.node.desk.exchange.wall()))
        return {
            "number": hex(self.node.block),
            "timestamp": stamp,
            "baseFeePerGas": hex(_GAS_PRICE),
            "transactions": [],
        }

    def _gas_price(self) -> str:
        return hex(_GAS_PRICE)

    def _tip(self) -> str:
        return hex(_GAS_PRICE)

    def _balance(self, owner: str, block: str = "latest") -> str:
        address(owner)
        return hex(_POL)

    def _code(self, owner: str, block: str = "latest") -> str:
        """Some code where a wallet has been deployed, none elsewhere."""
        address(owner)
        return "0xfe" if self.node.is_deployed(owner) else "0x"

    def _call(self, call: Mapping[str, Any], block: str = "latest") -> str:
        """A view; anything else is tried and returns nothing."""
        to, data = str(call["to"]), _data(call)
        try:
            return "0x" + self.views.read(to, data).hex()
        except Reverted:
            if "from" not in call:
                raise
            self.node.rehearse(str(call["from"]), [Call(to, data)])
            return "0x"

    def _estimate(self, call: Mapping[str, Any], block: str = "latest") -> str:
        address(str(call["from"]))
        self.node.rehearse(
            str(call["from"]), [Call(str(call["to"]), _data(call), int(str(call.get("value", "0x0")), 16))]
        )
        return hex(_GAS)

    def _count(self, owner: str, block: str = "latest") -> str:
        address(owner)
        pending = self._sent[owner.lower()] if block == "pending" else 0
        return hex(self.node.nonces[owner.lower()] + pending)

    def _send(self, raw: str) -> str:
        try:
            transaction = raw_transactions.parse(bytes.fromhex(raw.removeprefix("0x")))
        except ValueError as problem:
            raise RpcError(_REFUSED, str(problem)) from problem
        sender = transaction.sender.lower()
        due = self.node.nonces[sender] + self._sent[sender]
        if transaction.nonce != due:
            way = "low" if transaction.nonce < due else "high"
            raise RpcError(_REFUSED, f"nonce too {way}: next nonce {due}, tx nonce {transaction.nonce}")
        self._sent[sender] += 1
        self.node.after(MINED_AFTER, lambda: self._mine(transaction))
        return transaction.hash

    def _mine(self, transaction: RawTransaction) -> None:
        self._sent[transaction.sender.lower()] -= 1
        self.node.mine(transaction.sender, [transaction.call], transaction.hash, transaction.call.to)

    def _receipt(self, transaction: str) -> object:
        receipt = self.node.receipts.get(transaction.lower())
        return None if receipt is None else _shown(receipt)


def _data(call: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(str(call.get("data") or call.get("input") or "0x").removeprefix("0x"))


def _shown(receipt: Receipt) -> object:
    return {
        "transactionHash": receipt.hash,
        "transactionIndex": "0x0",
        "blockNumber": hex(receipt.block),
        "blockHash": f"0x{receipt.block:064x}",
        "from": receipt.sender,
        "to": receipt.to,
        "status": "0x0" if receipt.problem else "0x1",
        "gasUsed": hex(_GAS),
        "cumulativeGasUsed": hex(_GAS),
        "effectiveGasPrice": hex(_GAS_PRICE),
        "contractAddress": None,
        "logs": [],
        "logsBloom": "0x" + "00" * 256,
        "type": "0x0",
    }


def _error(request_id: object, problem: RpcError) -> object:
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": problem.code, "message": problem.message}}


_METHODS: dict[str, Callable[..., object]] = {
    "eth_chainId": Rpc._chain_id,
    "net_version": Rpc._version,
    "eth_blockNumber": Rpc._block_number,
    "eth_getBlockByNumber": Rpc._block,
    "eth_gasPrice": Rpc._gas_price,
    "eth_maxPriorityFeePerGas": Rpc._tip,
    "eth_getBalance": Rpc._balance,
    "eth_getCode": Rpc._code,
    "eth_call": Rpc._call,
    "eth_estimateGas": Rpc._estimate,
    "eth_getTransactionCount": Rpc._count,
    "eth_sendRawTransaction": Rpc._send,
    "eth_getTransactionReceipt": Rpc._receipt,
}
