"""The venue's own client as oracle: does it sign the same bytes as we do? Never on the order path.

Imports py_clob_client_v2 only when asked, since that costs a second and opens an HTTP client. Amounts are given, not
computed: the client's float amounts are the one thing known to differ (polymarket.md §3.5).
"""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from actors.messages import Draft, Signed
from adapters.polymarket.eip712 import POLYGON, exchange_of, token_number

_DEPOSIT_WALLET = 3  # the signature type in which the funder is the signer as well (§2.3)


@frozen
class Difference:
    """Where the oracle disagrees: the field and both values."""

    what: str
    ours: str
    theirs: str


def same_order(secret: str, funder: str, owner: str, draft: Draft, signed: Signed) -> Difference | None:
    """None when the client signs and serialises `signed`'s order byte for byte, else the first difference.

    Salt, amounts, timestamp and signature type are read from our body, everything else from `draft`; any type and
    exchange will do. `secret` should be a throw-away key: the client's objects print theirs.
    """
    theirs = _their_order(secret, funder, owner, draft, json.loads(signed.body)["order"])
    if theirs.order_id != signed.order_id:
        return Difference("order id", signed.order_id, theirs.order_id)
    if theirs.body != signed.body:
        return Difference("body", signed.body.decode(), theirs.body.decode())
    return None


def _their_order(secret: str, funder: str, owner: str, draft: Draft, ours: dict[str, Any]) -> Signed:
    from py_clob_client_v2.order_utils import ExchangeOrderBuilderV2, Side
    from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
    from py_clob_client_v2.signer import Signer

    exchange = exchange_of(token_number(draft.token), draft.neg_risk)
    signer = Signer(secret, POLYGON)
    builder = ExchangeOrderBuilderV2(
        exchange.contract, POLYGON, signer, generate_salt=lambda: str(ours["salt"]), domain_version=exchange.version
    )
    data = OrderDataV2(
        maker=funder,
        signer=funder if ours["signatureType"] == _DEPOSIT_WALLET else signer.address(),
        tokenId=draft.token,
        makerAmount=ours["makerAmount"],
        takerAmount=ours["takerAmount"],
        side=Side[draft.side.name],
        signatureType=ours["signatureType"],
        timestamp=ours["timestamp"],
        expiration=str(draft.expires),
    )
    order = builder.build_signed_order(data)
    body = order_to_json_v2(order, owner, draft.type, draft.post_only)
    order_id = builder.build_order_hash(builder.build_order_typed_data(order))
    return Signed(order_id, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode())
