"""An account's balances, heartbeats, notifications and standing over REST (polymarket.md §1.5, §3.9, §12.2)."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.emulator import belongings, routes_orders, wallets
from adapters.emulator.accounts import EXCHANGES, UNLIMITED, Account
from adapters.emulator.desk import Desk
from adapters.emulator.digits import whole
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.limits import TIERS
from adapters.emulator.owned import accounts
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Place, Private
from adapters.emulator.routes_earnings import EARNINGS
from adapters.emulator.routes_keys import KEYS
from adapters.emulator.routes_records import RECORDS

_CONDITIONAL = ("CONDITIONAL", "CONDITIONAL-V2")
_NOTHING = Account("nobody", "")


def _balance(desk: Desk, request: Request, credential: Credential) -> object:
    """What the venue thinks a wallet has and allows, in base units; a wallet nobody opened has nothing."""
    kind, token = request.query.get("asset_type", ""), request.query.get("token_id", "")
    account = belongings.wallet(desk, credential, request.query.get("signature_type", "")) or _NOTHING
    view = account.seen or account
    if kind == "COLLATERAL":
        balance = view.cash
        allowances = {contract: account.allowance(contract) for contract in EXCHANGES}
    elif kind in _CONDITIONAL and token:
        balance = view.shares.get(token, 0)
        allowances = {contract: UNLIMITED if account.operated_by(contract) else 0 for contract in EXCHANGES}
    else:
        raise Refused(400, "Invalid asset type" if kind not in _CONDITIONAL else "Invalid token id")
    return {"balance": str(balance), "allowances": {contract: str(most) for contract, most in allowances.items()}}


def _update_balance(desk: Desk, request: Request, credential: Credential) -> object:
    """The venue reads the chain again and answers nothing of it."""
    account = belongings.wallet(desk, credential, request.query.get("signature_type", ""))
    if account is not None:
        account.refresh()
    return _balance(desk, request, credential)


def _heartbeat(desk: Desk, request: Request, credential: Credential) -> object:
    try:
        body = request.json()
    except ValueError:
        body = None
    heartbeat_id = body.get("heartbeat_id") if isinstance(body, Mapping) else None
    return {"heartbeat_id": desk.heartbeats.beat(credential, str(heartbeat_id or ""))}


def _notifications(desk: Desk, request: Request, credential: Credential) -> object:
    """The newest first, of the wallet that `signature_type` selects."""
    account = belongings.wallet(desk, credential, request.query.get("signature_type", ""))
    return [
        {"id": one.id, "type": one.type, "owner": one.owner, "timestamp": int(one.at), "payload": one.payload}
        for one in (desk.notifications.of(account) if account else ())
    ]


def _drop_notifications(desk: Desk, request: Request, credential: Credential) -> object:
    """`ids` may be repeated or separated by commas; only the account's own go."""
    ids = [whole(text) for text in request.every("ids")]
    if None in ids:
        raise Refused(400, "Invalid ids")
    for account in accounts(desk.exchange.accounts, credential.address):
        desk.notifications.drop([one for one in ids if one is not None], account)
    return "OK"


def _tier(desk: Desk, request: Request, credential: Credential) -> object:
    """Without enforced limits everybody is in the lowest tier."""
    tier = desk.limits.tier or TIERS["standard"]
    return {"tier": tier.name}


def _session_signers(desk: Desk, request: Request, credential: Credential) -> object:
    """Nobody has session keys here."""
    return {"signers": [], "wallet": wallets.of(credential.address).deposit}


def _no_session_signers(desk: Desk, request: Request, credential: Credential) -> object:
    raise Refused(400, "session signers are not offered")


ACCOUNT: dict[Place, Private] = {
    ("GET", "/balance-allowance"): _balance,
    ("GET", "/balance-allowance/update"): _update_balance,
    ("POST", "/v1/heartbeats"): _heartbeat,
    ("GET", "/notifications"): _notifications,
    ("DELETE", "/notifications"): _drop_notifications,
    ("GET", "/v1/user/rate-limit-tier"): _tier,
    ("GET", "/v1/user/session-signers"): _session_signers,
    ("POST", "/v1/session-signers/authorizations"): _no_session_signers,
    ("POST", "/v1/session-signers/revocations"): _no_session_signers,
}

PRIVATE: dict[Place, Private] = {
    **KEYS,
    **RECORDS,
    **ACCOUNT,
    **EARNINGS,
    ("POST", "/order"): routes_orders.place,
    ("POST", "/orders"): routes_orders.place_many,
    ("DELETE", "/order"): routes_orders.cancel,
    ("DELETE", "/orders"): routes_orders.cancel_many,
    ("DELETE", "/cancel-all"): routes_orders.cancel_all,
    ("DELETE", "/cancel-market-orders"): routes_orders.cancel_market,
}
