"""Whether an account can pay, and whether the exchanges of its markets may take it: read from the venue before any order.

Two approvals per exchange contract (polymarket.md §3.2): of pUSD for buying, of the outcome tokens for selling. Who lacks
the second could enter positions and never leave them.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.model.market import Market
from actors.model.numbers import format_cash
from actors.model.outcome import Unread
from actors.wiring.venue import PreflightFailed
from adapters.polymarket.eip712 import (
    EXCHANGE,
    EXCHANGE_V3,
    NEG_RISK_EXCHANGE,
    exchange_of,
    is_position_id,
    token_number,
)
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import KINDS, Account
from adapters.polymarket.wallets import wallets_of
from adapters.polymarket.wire_replies import Funds

_NAMES = {
    EXCHANGE.contract: "the exchange",
    NEG_RISK_EXCHANGE.contract: "the neg-risk exchange",
    EXCHANGE_V3.contract: "the exchange of Protocol V2 markets",
}
_PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
_TOKENS, _POSITIONS = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045", "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"


async def check_funds(trading: RestTrading, account: Account, markets: Sequence[Market], total: int) -> Funds:
    """The account's pUSD. Raises PreflightFailed for an empty account or a missing approval, with what to do.

    `total` (cash units) is what the exchanges must be allowed to take, as much as all orders may cost together.
    """
    funds = await _read(trading, None)
    if funds.balance == 0:
        raise PreflightFailed(await _empty(trading, account))
    for contract, token in _tokens(markets).items():
        if (allowed := (await _approved(trading, None, contract, total)).allowed(contract)) < total:
            call = f"approve({contract}, AMOUNT) on the pUSD contract {_PUSD}"
            may = f"may take {format_cash(allowed)} of the {format_cash(total)} pUSD of budget.total"
            raise PreflightFailed(f"{_NAMES[contract]} {contract} {may}: {_how(account, call)}")
        if (await _approved(trading, token, contract, 1)).allowed(contract) == 0:
            tokens = _POSITIONS if is_position_id(token_number(token)) else _TOKENS
            call = f"setApprovalForAll({contract}, true) on the token contract {tokens}"
            raise PreflightFailed(f"{_NAMES[contract]} {contract} may not take what is sold: {_how(account, call)}")
    return funds


def _tokens(markets: Sequence[Market]) -> dict[str, str]:
    """A token of each exchange contract that the markets trade on."""
    return {exchange_of(token_number(m.yes), m.neg_risk).contract: m.yes for m in markets}


async def _approved(trading: RestTrading, token: str | None, contract: str, least: int) -> Funds:
    """As the venue knows it; if that is too little, once it has looked at the chain again."""
    funds = await _read(trading, token)
    if funds.allowed(contract) >= least:
        return funds
    await trading.refresh(token)
    return await _read(trading, token)


async def _read(trading: RestTrading, token: str | None) -> Funds:
    funds = await trading.funds(token)
    if isinstance(funds, Unread):
        raise PreflightFailed(f"the balance and allowances of {trading.address} could not be read: {funds.why}")
    return funds


async def _empty(trading: RestTrading, account: Account) -> str:
    """What to do about an account without money: perhaps another wallet of the same key has it."""
    wallets = wallets_of(account.key)
    for kind, (payer, *_) in enumerate(wallets.payers):
        funds = None if kind == account.signature_type else await trading.funds(signature_type=kind)
        if isinstance(funds, Funds) and funds.balance:
            there = f"this key's {KINDS[kind]} has {format_cash(funds.balance)}"
            return f"{account.funder} has no pUSD, but {there}: set SIGNATURE_TYPE={kind} and FUNDER_ADDRESS={payer}"
    return (
        f"{account.funder} has no pUSD: deposit some on polymarket.com, or set FUNDER_ADDRESS to the wallet that has it"
    )


def _how(account: Account, call: str) -> str:
    if account.signature_type == 0:
        return f"send {call}, from {account.funder}"
    return f"place one order of that market by hand on polymarket.com, which asks for it (it has the {KINDS[account.signature_type]} call {call})"
