"""Canary orders: signed by us and by the venue's own client, compared byte for byte. Nothing is sent anywhere.

The key is the practice exchange's public one, since the client's objects print theirs; what is compared is the code.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable

from actors.messages import Draft
from actors.model.market import Side
from actors.model.numbers import parse_price, parse_size
from actors.wiring.demo import DEMO_KEY
from adapters.polymarket.keys import Key, WrongBackend, check_backend
from adapters.polymarket.oracle import same_order
from adapters.polymarket.signing import Account, OrderSigner, Salts

_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
_POSITION = "663574927012476832975694178961957910328055987427402067619466963999000625152"
_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"  # stands for the contract wallet of types 1 to 3
_OWNER = "00000000-0000-0000-0000-000000000001"
# one order for each exchange contract: (token, neg-risk, side)
_CANARIES = ((_TOKEN, False, Side.BUY), (_TOKEN, True, Side.SELL), (_POSITION, False, Side.BUY))


def ill(kinds: Iterable[int]) -> str | None:
    """What is wrong with our signer for these signature types; None when it agrees with the client in all of them."""
    try:
        check_backend()
    except WrongBackend as problem:
        return str(problem)
    key = Key(DEMO_KEY)
    for kind in kinds:
        account = Account.of(key, None if kind == 0 else _WALLET, kind)
        signer = OrderSigner(account, _OWNER, time.time, Salts(random.SystemRandom()))
        for token, neg_risk, side in _CANARIES:
            draft = Draft(token, neg_risk, side, parse_price("0.57"), parse_size("21.04"))
            difference = same_order(DEMO_KEY, account.funder, _OWNER, draft, signer.sign(draft))
            if difference is not None:
                where = f"signature type {kind}: {difference.what}"
                return f"{where} differs from py-clob-client-v2: do not trade, report this"
    return None
