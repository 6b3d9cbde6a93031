"""Envelopes for the relayer, built and signed by polymarket-client's own functions, and a client to submit them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from attrs import define, field
from eth_account import Account
from polymarket._internal.actions.relayer.calls import TransactionCall
from polymarket.environments import PRODUCTION

from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED
from adapters.emulator.listings import Listing
from adapters.emulator.routes_relayer import key_of
from tests.emulator.harness import Reply, Rest, Venue

_RELAYER = "polymarket._internal.actions.relayer"
# Untyped on purpose: the client wants strings of its own kinds everywhere.
sdk: Any = import_module(f"{_RELAYER}.calls")
_gasless: Any = import_module(f"{_RELAYER}.gasless")
_deposit_wallet: Any = import_module(f"{_RELAYER}.signing.deposit_wallet")
_proxy_wallet: Any = import_module(f"{_RELAYER}.signing.proxy")
_safe_wallet: Any = import_module(f"{_RELAYER}.signing.safe")
CONFIG: Any = PRODUCTION._config
Call = TransactionCall
KINDS = ("SAFE", "PROXY", "WALLET")
Envelope = dict[str, Any]


def split(listing: Listing, amount: int) -> Call:
    return _ctf(sdk.ctf_split_position_call, listing, amount=amount)


def merge(listing: Listing, amount: int) -> Call:
    return _ctf(sdk.ctf_merge_positions_call, listing, amount=amount)


def redeem(listing: Listing) -> Call:
    made: Call = sdk.ctf_redeem_positions_call(
        ctf=_adapter(listing), collateral=CONFIG.collateral_token, condition_id=listing.market.condition_id
    )
    return made


def _ctf(call: Any, listing: Listing, **terms: int) -> Call:  # noqa: ANN401 - one of the client's builders
    made: Call = call(
        target=_adapter(listing),
        collateral=CONFIG.collateral_token,
        condition_id=listing.market.condition_id,
        **terms,
    )
    return made


def _adapter(listing: Listing) -> Any:  # noqa: ANN401 - the client's own string type
    return CONFIG.neg_risk_collateral_adapter if listing.market.neg_risk else CONFIG.collateral_adapter


def holdings(venue: Venue, wallet: str) -> tuple[int, int, int]:
    """(pUSD, YES, NO) of the first market, in base units."""
    account = venue.emulator.exchange.accounts.get(wallet)
    assert account is not None
    market = venue.listings[0].market
    return account.cash, account.shares[market.yes], account.shares[market.no]


@define(eq=False)
class Submitter:
    """One key's way to the relayer of a venue in memory."""

    venue: Venue
    private_key: str = FUNDED[0].private_key
    rest: Rest = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rest = self.venue.rest("relayer")

    @property
    def signer(self) -> Any:  # noqa: ANN401 - a LocalAccount
        return Account.from_key(self.private_key)

    @property
    def owned(self) -> wallets.Wallets:
        return wallets.of(self.signer.address)

    def wallet(self, kind: str) -> str:
        return {"SAFE": self.owned.safe, "PROXY": self.owned.proxy, "WALLET": self.owned.deposit}[kind]

    @property
    def headers(self) -> dict[str, str]:
        address = self.signer.address
        key = key_of(self.venue.emulator.desk.keys.seed, address)
        return {"RELAYER_API_KEY": key, "RELAYER_API_KEY_ADDRESS": address}

    async def nonce(self, kind: str) -> str:
        _, answer = await self.get(f"/v1/account/transactions/params?address={self.signer.address}&type={kind}")
        return str(answer["nonce"])

    async def get(self, target: str) -> Reply:
        return await self.rest.call("GET", target, headers=self.headers)

    async def post(self, envelope: object, headers: dict[str, str] | None = None) -> Reply:
        body = json.dumps(envelope).encode()
        return await self.rest.call("POST", "/submit", body, self.headers if headers is None else headers)

    async def submit(self, kind: str, *calls: Call) -> Reply:
        return await self.post(self.envelope(kind, calls, await self.nonce(kind)))

    async def state(self, job: str) -> tuple[str, str | None]:
        _, row = await self.get(f"/v1/account/transactions/{job}")
        return row["state"], row["error_msg"]

    def envelope(self, kind: str, calls: Sequence[Call], nonce: str, *, deadline: int | None = None) -> Envelope:
        """What polymarket-client would post."""
        made = {"SAFE": self._safe, "PROXY": self._proxy}.get(kind)
        if made is not None:
            return made(list(calls), nonce)
        until = str(int(self.venue.wall()) + 600 if deadline is None else deadline)
        terms = {"wallet": self.owned.deposit, "calls": list(calls), "nonce": nonce, "deadline": until}
        signature = _deposit_wallet.sign_deposit_wallet_batch(self.signer, chain_id=137, **terms)
        return dict(
            _gasless.build_deposit_wallet_payload(
                signer_address=self.signer.address,
                deposit_wallet_factory=CONFIG.wallet_derivation.deposit_wallet_factory,
                signature=signature,
                metadata="",
                **terms,
            )
        )

    def _safe(self, calls: list[Call], nonce: str) -> Envelope:
        target, data, value, operation = _gasless._resolve_safe_call(CONFIG.safe_multisend, calls)
        terms = {"data": data, "value": value, "operation": operation, "nonce": nonce}
        signature = _safe_wallet.sign_safe_transaction(
            self.signer, safe_address=self.owned.safe, to=target, chain_id=137, **terms
        )
        return dict(
            _gasless.build_safe_payload(
                signer_address=self.signer.address,
                wallet=self.owned.safe,
                target=target,
                signature=signature,
                metadata="",
                **terms,
            )
        )

    def _proxy(self, calls: list[Call], nonce: str) -> Envelope:
        factory, data = CONFIG.wallet_derivation.proxy_factory, sdk.encode_proxy_call(calls)
        relay = "0x7DB63fE6D62eB73fB01F8009416F4c2Bb4fbDA6A"
        terms: Any = {
            "data": data,
            "gas_limit": "200000",
            "nonce": nonce,
            "relay_hub": CONFIG.relay_hub,
            "relay": relay,
        }
        digest = _proxy_wallet.build_proxy_transaction_hash(
            from_address=self.signer.address, to=factory, relayer_fee="0", gas_price="0", **terms
        )
        return dict(
            _gasless.build_proxy_payload(
                signer_address=self.signer.address,
                proxy_factory=factory,
                wallet=self.owned.proxy,
                signature=_proxy_wallet.sign_proxy_message(self.signer, digest),
                metadata="",
                **terms,
            )
        )
