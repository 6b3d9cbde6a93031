"""Which contracts a wallet has let take its pUSD and move its shares, as the Data API lists them. Changes nothing."""

from __future__ import annotations

from typing import Any

from adapters.emulator import addresses
from adapters.emulator.accounts import UNLIMITED, Account
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place
from adapters.emulator.signatures import CHAIN_ID

_TOKENS = (addresses.CONDITIONAL_TOKENS, addresses.POSITION_MANAGER)


def _approvals(desk: Desk, request: Request) -> object:
    """The whole catalogue of contracts, approved or not; the clients check it row by row (polymarket.md §10)."""
    owner = request.query.get("user", "")
    if not owner:
        raise Refused(400, "user is required", code="INVALID_PARAMETER", retryable=False, parameter="user")
    account = desk.exchange.accounts.get(owner) or Account("nobody", owner)
    rows = [_cash(account, spender) for spender in addresses.SPENDERS]
    rows += [_shares(account, token, operator) for token in _TOKENS for operator in addresses.OPERATORS]
    return {"data": {"address": owner, "chain_id": CHAIN_ID, "contracts": rows}}


def _cash(account: Account, spender: str) -> dict[str, Any]:
    allowed = account.allowance(spender)
    amount = "max" if allowed == UNLIMITED else str(allowed)
    return {**_row(addresses.PUSD_TOKEN, spender, "ERC20", allowed > 0), "amount": amount}


def _shares(account: Account, token: str, operator: str) -> dict[str, Any]:
    return {**_row(token, operator, "ERC1155", account.operated_by(operator)), "amount": None}


def _row(token: str, spender: str, standard: str, approved: bool) -> dict[str, Any]:
    return {"token": token, "spender": spender, "standard": standard, "approved": approved}


APPROVALS: dict[Place, Open] = {("GET", "/v2/approvals"): _approvals}
