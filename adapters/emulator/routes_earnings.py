"""What an account's resting orders earn, over REST (polymarket.md §1.5, §11.4). Reads what others count."""

from __future__ import annotations

from adapters.emulator import belongings, programmes, wire_rewards
from adapters.emulator.accounts import Account
from adapters.emulator.asking import day_of, page_size
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.paging import page
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Place, Private

PAGE = 100


def _scoring(desk: Desk, request: Request, credential: Credential) -> object:
    order_id = request.query.get("order_id", "")
    if not order_id:
        raise Refused(400, "Invalid orderID")
    return {"scoring": _scores(desk, credential, order_id)}


def _scorings(desk: Desk, request: Request, credential: Credential) -> object:
    try:
        ids = request.json()
    except ValueError:
        ids = None
    if not isinstance(ids, list) or not all(isinstance(order_id, str) for order_id in ids):
        raise Refused(400, "Invalid payload")
    return {order_id: _scores(desk, credential, order_id) for order_id in ids}


def _scores(desk: Desk, credential: Credential, order_id: str) -> bool:
    """An order that is not the account's does not score."""
    ticket = belongings.ticket(desk, credential, order_id.lower())
    return ticket is not None and desk.rewards.scores(ticket)


def _earnings(desk: Desk, request: Request, credential: Credential) -> object:
    address, earned = _earned(desk, request, credential)
    rows = [wire_rewards.earning(market, day_of(request), address, cash) for market, cash in earned.items()]
    return page(rows, request.query.get("next_cursor", ""), PAGE)


def _total(desk: Desk, request: Request, credential: Credential) -> object:
    address, earned = _earned(desk, request, credential)
    return [wire_rewards.total(day_of(request), address, sum(earned.values()))] if earned else []


def _percentages(desk: Desk, request: Request, credential: Credential) -> object:
    return {market: part / 100 for market, part in _parts(desk, request, credential).items()}


def _standings(desk: Desk, request: Request, credential: Credential) -> object:
    """Every programme with the account's part of it; `no_competition` keeps those without any maker."""
    address, earned = _earned(desk, request, credential)
    parts = _parts(desk, request, credential)
    alone = request.query.get("no_competition", "").lower() == "true"
    rows = [
        wire_rewards.standing(one, address, earned.get(one.market, 0), parts.get(one.market, 0))
        for one in programmes.running(desk)
        if not (alone and one.competitiveness)
    ]
    answer = page(rows, request.query.get("next_cursor", ""), page_size(request, PAGE))
    return {**answer, "total_count": len(rows)}


def _earned(desk: Desk, request: Request, credential: Credential) -> tuple[str, dict[str, int]]:
    """The wallet that was asked for, and its cash units by condition id on the day that was asked for."""
    day, account = day_of(request), _account(desk, request, credential)
    return (account.address, desk.rewards.earnings(account, day)) if account else (credential.address, {})


def _parts(desk: Desk, request: Request, credential: Credential) -> dict[str, int]:
    account = _account(desk, request, credential)
    return desk.rewards.percentages(account) if account else {}


def _account(desk: Desk, request: Request, credential: Credential) -> Account | None:
    return belongings.wallet(desk, credential, request.query.get("signature_type", ""))


EARNINGS: dict[Place, Private] = {
    ("GET", "/order-scoring"): _scoring,
    ("POST", "/orders-scoring"): _scorings,
    ("GET", "/rewards/user"): _earnings,
    ("GET", "/rewards/user/total"): _total,
    ("GET", "/rewards/user/percentages"): _percentages,
    ("GET", "/rewards/user/markets"): _standings,
}
