"""Every kind of API key over REST (polymarket.md §1.5, §2): made, derived, listed, deleted. Never an order."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.emulator.desk import Desk
from adapters.emulator.events import KeyDeleted
from adapters.emulator.http import Request
from adapters.emulator.keys import Credential
from adapters.emulator.refusal import Refused
from adapters.emulator.rest import Open, Place, Private
from adapters.emulator.wire_markets import iso


def _create(desk: Desk, request: Request) -> object:
    """The first key of a wallet opens its account, with nothing in it."""
    credential = desk.keys.create(request.headers)
    desk.exchange.accounts.open(credential.address)
    return _shown(credential)


def _derive(desk: Desk, request: Request) -> object:
    return _shown(desk.keys.derive(request.headers))


def _shown(credential: Credential) -> object:
    return {"apiKey": credential.key, "secret": credential.secret, "passphrase": credential.passphrase}


def _keys(desk: Desk, request: Request, credential: Credential) -> object:
    return {"apiKeys": [known.key for known in desk.keys.of(credential.address)]}


def _delete(desk: Desk, request: Request, credential: Credential) -> object:
    """Open orders stay; nobody but another key of the wallet can cancel them then. The key's user sockets end.

    Made again for the same nonce it is the same key with the same secret: it derives from them alone (§2.1).
    """
    del desk.keys.by_key[credential.key]
    desk.exchange.emit(KeyDeleted(credential.key))
    return "OK"


def _closed_only(desk: Desk, request: Request, credential: Credential) -> object:
    return {"closed_only": False}


def _create_readonly(desk: Desk, request: Request, credential: Credential) -> object:
    return {"apiKey": desk.keys.create_readonly(credential.address)}


def _readonly(desk: Desk, request: Request, credential: Credential) -> object:
    return desk.keys.readonly_of(credential.address)


def _delete_readonly(desk: Desk, request: Request, credential: Credential) -> object:
    """Whether there was such a key."""
    try:
        body = request.json()
    except ValueError:
        body = None
    key = body.get("key") if isinstance(body, Mapping) else None
    if not isinstance(key, str):
        raise Refused(400, "Invalid payload")
    return desk.keys.drop_readonly(credential.address, key)


def _create_builder(desk: Desk, request: Request, credential: Credential) -> object:
    made = desk.builders.create(credential.address)
    return {"key": made.key, "secret": made.secret, "passphrase": made.passphrase}


def _builders(desk: Desk, request: Request, credential: Credential) -> object:
    rows = []
    for known in desk.builders.of(credential.address):
        row = {"key": known.key, "createdAt": iso(known.created_at)}
        rows.append(row if known.revoked_at is None else {**row, "revokedAt": iso(known.revoked_at)})
    return rows


def _revoke_builder(desk: Desk, request: Request) -> object:
    """Signed with the builder key itself it ends that key, signed with the account's key all of the account's."""
    if "poly_builder_api_key" in request.headers:
        desk.builders.revoke(desk.builders.check(request))
    else:
        for known in desk.builders.of(desk.keys.check(request).address):
            desk.builders.revoke(known)
    return "OK"


LOGIN: dict[Place, Open] = {
    ("POST", "/auth/api-key"): _create,
    ("GET", "/auth/derive-api-key"): _derive,
    ("DELETE", "/auth/builder-api-key"): _revoke_builder,
}

KEYS: dict[Place, Private] = {
    ("GET", "/auth/api-keys"): _keys,
    ("DELETE", "/auth/api-key"): _delete,
    ("GET", "/auth/ban-status/closed-only"): _closed_only,
    ("POST", "/auth/readonly-api-key"): _create_readonly,
    ("GET", "/auth/readonly-api-keys"): _readonly,
    ("DELETE", "/auth/readonly-api-key"): _delete_readonly,
    ("POST", "/auth/builder-api-key"): _create_builder,
    ("GET", "/auth/builder-api-key"): _builders,
}
