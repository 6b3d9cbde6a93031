"""Who may place an order: the API key, the signer and the wallet that pays must belong together. Never money or prices.

Sources: polymarket.md §2.3 (signature types), §3.3 and §3.4 (signatures and exchanges), §3.7 (the venue's texts).
"""

from __future__ import annotations

from actors.model.market import Market
from adapters.emulator import signatures
from adapters.emulator.keys import Credential
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import SignedOrder


def authorise(signed: SignedOrder, credential: Credential, market: Market) -> tuple[str, str]:
    """(order id, address of the paying account). Raises Refused 400 with the venue's text."""
    _owner(signed, credential)
    return _signature(signed, market), signed.maker


def _owner(signed: SignedOrder, credential: Credential) -> None:
    if signed.owner != credential.key:
        raise Refused(400, "the order owner has to be the owner of the API KEY")
    if signed.signer.lower() != credential.address.lower():
        raise Refused(400, "the order signer address has to be the address of the API KEY")


def _signature(signed: SignedOrder, market: Market) -> str:
    """The order id, if the maker's own key (signature type 0) signed for this market's contract on domain "2"."""
    contract = signatures.NEG_RISK_EXCHANGE if market.neg_risk else signatures.EXCHANGE
    digest = signatures.order_digest(signed, signatures.order_domain("2", contract))
    if signed.signature_type != 0 or signed.maker.lower() != signed.signer.lower():
        raise Refused(400, "invalid signature")
    if signatures.signer_of(digest, signed.signature) != signed.signer.lower():
        raise Refused(400, _why_not(signed))
    return "0x" + digest.hex()


def _why_not(signed: SignedOrder) -> str:
    """A signature that fits another domain version is told so; one for the wrong contract is not (§3.4)."""
    for version, contract in (("3", signatures.EXCHANGE_V3), ("1", signatures.EXCHANGE)):
        digest = signatures.order_digest(signed, signatures.order_domain(version, contract))
        if signatures.signer_of(digest, signed.signature) == signed.signer.lower():
            return "order_version_mismatch"
    return "invalid signature"
