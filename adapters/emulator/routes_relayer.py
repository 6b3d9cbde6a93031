"""The relayer over REST (polymarket.md §1.8): submit, nonces, states. Signatures are `batches`', the rest `relayer`'s."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from attrs import define

from adapters.emulator import batches, wallets
from adapters.emulator.desk import Desk
from adapters.emulator.http import Request
from adapters.emulator.refusal import Refused
from adapters.emulator.relayer import Job, Relayer

Route = Callable[[Desk, Request], Any]


def key_of(seed: int, address: str) -> str:
    """The relayer API key of an address; the venue's website gives them out, the emulator's banner does (§2.2)."""
    return str(UUID(int=Random(f"{seed}/relayer/{address.lower()}").getrandbits(128), version=4))


@define(eq=False)
class RelayerRoutes:
    """Reads below `/v1/account` and submits need a relayer key or a builder key, as at the venue.

    Such a key reads what its address owns or sent. The older `/transaction` asks for none: who knows the id may look,
    but not at the signature.
    """

    relayer: Relayer

    @property
    def table(self) -> dict[tuple[str, str], Route]:
        return {
            ("POST", "/submit"): self._submit,
            ("GET", "/v1/account/transactions/params"): _proven(self._params),
            ("GET", "/v1/account/transactions/*"): self._transaction,
            ("GET", "/relay-payload"): self._params,
            ("GET", "/nonce"): self._params,
            ("GET", "/transaction"): self._transaction_by_query,
            ("GET", "/transactions"): self._transactions,
            ("GET", "/deployed"): self._deployed,
        }

    def _submit(self, desk: Desk, request: Request) -> object:
        self.relayer.count()
        sender = _check_key(desk, request)
        try:
            envelope = request.json()
        except ValueError as problem:
            raise Refused(400, "invalid payload: not JSON") from problem
        batch = batches.parse(envelope)
        assert isinstance(envelope, Mapping)
        job = self.relayer.submit(batch, envelope, sender)
        return {"transactionID": job.id, "transactionHash": job.hash, "state": job.state.value}

    def _params(self, desk: Desk, request: Request) -> object:
        """Who will send, and the nonce of the signer's wallet of that type."""
        owned = _owned(request.query.get("address", ""))
        wallet = {"PROXY": owned.proxy, "SAFE": owned.safe, "WALLET": owned.deposit}.get(request.query.get("type", ""))
        if wallet is None:
            raise Refused(400, "invalid type")
        if wallet == owned.deposit and self.relayer.node.is_deployed(owned.old_deposit):
            wallet = owned.old_deposit
        return {"address": batches.RELAY, "nonce": str(self.relayer.node.nonces[wallet.lower()])}

    def _deployed(self, desk: Desk, request: Request) -> object:
        address = request.query.get("address", "")
        _owned(address)
        return {"deployed": self.relayer.node.is_deployed(address)}

    def _transaction(self, desk: Desk, request: Request) -> object:
        """Somebody else's is not found: a stranger does not even learn that it is there."""
        reader, job = _check_key(desk, request), self.relayer.jobs.get(request.path.rsplit("/", 1)[-1])
        if job is None or not job.concerns(reader):
            raise _unknown()
        return _shown(job)

    def _transaction_by_query(self, desk: Desk, request: Request) -> object:
        """The older call: a list of one, in camel case."""
        job = self.relayer.jobs.get(request.query.get("id", ""))
        if job is None:
            raise _unknown()
        return [_camel(job)]

    def _transactions(self, desk: Desk, request: Request) -> object:
        """All jobs of the key's address, newest first."""
        reader = _check_key(desk, request)
        return [_camel(job) for job in reversed(self.relayer.jobs.values()) if job.concerns(reader)]


def _unknown() -> Refused:
    return Refused(404, "transaction not found")


def _proven(route: Route) -> Route:
    def checked(desk: Desk, request: Request) -> object:
        _check_key(desk, request)
        return route(desk, request)

    return checked


def _check_key(desk: Desk, request: Request) -> str:
    """The address that the relayer or builder key belongs to. Raises Refused 401."""
    get = request.headers.get
    if "poly_builder_api_key" in request.headers:
        return desk.builders.check(request).address
    address = get("relayer_api_key_address", "")
    if address and hmac.compare_digest(get("relayer_api_key", "").encode(), key_of(desk.keys.seed, address).encode()):
        return address
    raise Refused(401, "invalid authorization")


def _owned(address: str) -> wallets.Wallets:
    try:
        return wallets.of(address)
    except ValueError as problem:
        raise Refused(400, "invalid address") from problem


def _shown(job: Job) -> dict[str, object]:
    body, batch = job.envelope, job.batch
    return {
        "transaction_id": job.id,
        "transaction_hash": job.hash,
        "from": batch.owner,
        "to": str(body.get("to", "")),
        "proxy_address": batch.wallet,
        "data": str(body.get("data", "")),
        "nonce": str(body.get("nonce", "")),
        "value": str(body.get("value", "")),
        "signature": str(body.get("signature", "")),
        "state": job.state.value,
        "type": batch.kind,
        "owner": batch.owner,
        "metadata": str(body.get("metadata", "")),
        "error_msg": job.problem or None,
        "created_at": _iso(job.created_at),
        "updated_at": _iso(job.updated_at),
    }


def _camel(job: Job) -> dict[str, object]:
    """As the older clients read it; a signature is none of its fields."""

    def named(key: str) -> str:
        first, *others = key.split("_")
        return first + "".join("ID" if other == "id" else other.capitalize() for other in others)

    return {named(key): value for key, value in _shown(job).items() if key != "signature"}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
