"""Whether an account can pay, and whether the exchanges of its markets may take it: read from the venue before any order.

Two approvals per exchange contract (polymarket.md §3.2): of pUSD for buying, of the outcome tokens for selling. Who lacks
the second could enter positions and never leave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from actors.model.market import Market
from actors.model.numbers import PUSD, format_cash
from actors.model.outcome import Unread
from adapters.polymarket.contracts import PUSD_TOKEN, Approval, converter, shares_contract
from adapters.polymarket.data_api import DataApi
from adapters.polymarket.eip712 import EXCHANGE, EXCHANGE_V3, NEG_RISK_EXCHANGE, exchange_of, token_number
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import KINDS, Account
from adapters.polymarket.wallets import wallets_of
from adapters.polymarket.wire_replies import Funds

_NAMES = {
    EXCHANGE.contract: "the exchange",
    NEG_RISK_EXCHANGE.contract: "the neg-risk exchange",
    EXCHANGE_V3.contract: "the exchange of Protocol V2 markets",
}
_ALL_MONEY = 10**12 * PUSD


@frozen
class Means:
    """What an account can trade with (`cash` in cash units), and everything that keeps it from trading, with what to do.

    Of that, `missing` are approvals.
    """

    cash: int
    allowances: Mapping[str, int]  # by contract: base units of pUSD that it may take
    problems: tuple[str, ...]
    missing: tuple[Approval, ...] = ()

    def text(self) -> str:
        shown = [f"{_NAMES[contract]} {_amount(most)}" for contract, most in self.allowances.items()]
        return f"{format_cash(self.cash)} pUSD, of which may take: {', '.join(shown)}"


async def means_of(trading: RestTrading, account: Account, markets: Sequence[Market], total: int) -> Means | Unread:
    """Asked of the venue. `total` (cash units) is what all orders may cost together, so what each exchange may have to take."""
    cash = await trading.funds()
    if isinstance(cash, Unread):
        return cash
    allowances, problems = dict[str, int](), [] if cash.balance else [await _empty(trading, account)]
    missing: list[Approval] = []
    for contract, token in _tokens(markets).items():
        for asset, least in ((None, total), (token, 1)):
            funds = await _approved(trading, asset, contract, least)
            if isinstance(funds, Unread):
                return funds
            allowances.setdefault(contract, funds.allowed(contract))  # of pUSD, which is asked for first
            if funds.allowed(contract) < least:
                missing.append(Approval(PUSD_TOKEN if asset is None else shares_contract(asset), contract))
                problems.append(_missing(account, missing[-1], funds.allowed(contract), total))
    return Means(cash.balance, allowances, tuple(problems), tuple(missing))


async def unsettleable(data: DataApi, account: Account, markets: Sequence[Market]) -> tuple[Approval, ...] | Unread:
    """Approvals without which nothing of these markets can be merged or redeemed; the Data API alone knows of them."""
    given = await data.approvals(account.funder)
    if isinstance(given, Unread):
        return given
    needed = dict.fromkeys((shares_contract(market.yes), converter(market)) for market in markets)
    return tuple(Approval(token, spender) for token, spender in needed if (token.lower(), spender.lower()) not in given)


def remedy(account: Account, approval: Approval) -> str:
    """Who has to call what for it to be given."""
    contract = "pUSD" if approval.token == PUSD_TOKEN else "token"
    call = f"{approval.function} on the {contract} contract {approval.token}"
    if account.signature_type == 0:
        return f"send {call}, from {account.funder} (`doctor --fix` prints its bytes)"
    kind = KINDS[account.signature_type]
    return f"`doctor --fix` has the relayer send it (the {kind} calls {call}), and so does an order placed on polymarket.com"


def _amount(base_units: int) -> str:
    """What wallets approve without limit is more than any amount of money."""
    return "any amount" if base_units > _ALL_MONEY else format_cash(base_units)


def _tokens(markets: Sequence[Market]) -> dict[str, str]:
    """A token of each exchange contract that the markets trade on."""
    return {exchange_of(token_number(m.yes), m.neg_risk).contract: m.yes for m in markets}


async def _approved(trading: RestTrading, token: str | None, contract: str, least: int) -> Funds | Unread:
    """As the venue knows it; if that is too little, once it has looked at the chain again."""
    funds = await trading.funds(token)
    if isinstance(funds, Unread) or funds.allowed(contract) >= least:
        return funds
    await trading.refresh(token)
    return await trading.funds(token)


def _missing(account: Account, approval: Approval, allowed: int, total: int) -> str:
    may = "may not take what is sold"
    if approval.token == PUSD_TOKEN:
        may = f"may take {format_cash(allowed)} of the {format_cash(total)} pUSD of budget.total"
    return f"{_NAMES[approval.spender]} {approval.spender} {may}: {remedy(account, approval)}"


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
