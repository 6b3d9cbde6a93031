"""Who may place an order: the API key, the signer and the wallet that pays must belong together. Never money or prices.

Sources: polymarket.md §2.3 (signature types), §3.3 and §3.4 (signatures and exchanges), §3.7 (the venue's texts).
"""

from __future__ import annotations

from actors.model.market import Market
from adapters.emulator import signatures, wallets
from adapters.emulator.keys import Credential
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import SignedOrder

_DEPOSIT_WALLET = 3
_VERSIONS = ("1", "2", "3")
_CONTRACTS = (signatures.EXCHANGE, signatures.NEG_RISK_EXCHANGE, signatures.EXCHANGE_V3)


def authorise(signed: SignedOrder, credential: Credential, market: Market) -> tuple[str, str]:
    """(order id, checksummed address of the account that pays). Raises Refused 400 with the venue's text.

    The account is the key's own address, or the proxy, Safe or deposit wallet that its factory gives to that key.
    """
    owned = claimed(signed, credential)
    version, contract = signatures.exchange_of(int(signed.token), market.neg_risk)
    domain = signatures.order_domain(version, contract)
    maker = signatures.checksum(signed.maker)
    if maker not in owned.payers(signed.signature_type) or not _signed_by(owned, signed, domain):
        raise Refused(400, _why_not(signed, owned, version))
    return "0x" + signatures.order_digest(signed, domain).hex(), maker


def claimed(signed: SignedOrder, credential: Credential) -> wallets.Wallets:
    """What needs no market: the order names the key that sends it, and a signer of its. Raises Refused 400."""
    if signed.owner != credential.key:
        raise Refused(400, "the order owner has to be the owner of the API KEY")
    owned = wallets.of(credential.address)
    _signer(signed, owned)
    return owned


def _signer(signed: SignedOrder, owned: wallets.Wallets) -> None:
    """A deposit wallet signs in its own name, everything else in the key's (§2.3)."""
    signers = owned.payers(_DEPOSIT_WALLET) if signed.signature_type == _DEPOSIT_WALLET else (owned.eoa,)
    if signatures.checksum(signed.signer) not in signers:
        raise Refused(400, "the order signer address has to be the address of the API KEY")
    if signed.signature_type in (0, _DEPOSIT_WALLET) and signed.maker.lower() != signed.signer.lower():
        raise Refused(400, "invalid signature")


def _signed_by(owned: wallets.Wallets, signed: SignedOrder, domain: bytes) -> bool:
    return signatures.owner_of(signed, domain) == owned.eoa.lower()


def _why_not(signed: SignedOrder, owned: wallets.Wallets, right: str) -> str:
    """A signature that fits another domain version is told so; one for the wrong contract or wallet is not (§3.4)."""
    domains = [signatures.order_domain(v, contract) for v in _VERSIONS if v != right for contract in _CONTRACTS]
    others = any(_signed_by(owned, signed, domain) for domain in domains)
    return "order_version_mismatch" if others else "invalid signature"
