"""Protocol V2 ids: the bits of a position id and the condition id in it (polymarket.md §3.4). Values only."""

from __future__ import annotations

from random import Random

from attrs import evolve

from actors.model.market import Market

_BINARY, _NEG_RISK = 1, 2
_ARITY, _CHAIN, _CONDITION = 2, 137, 0


def with_position_ids(market: Market, rng: Random) -> Market:
    """The market as a Protocol V2 one: its outcome tokens are position ids (75 digits), its condition id their stem.

    High to low: module 8 bits, hash 128, arity 16, reserved zero 64, chain 16, condition index 16, outcome index 8.
    A condition id has 31 bytes; the CLOB wants 32, padded on the right (§0.2).
    """
    stem = _NEG_RISK if market.neg_risk else _BINARY
    for value, bits in ((rng.getrandbits(128), 128), (_ARITY, 16), (0, 64), (_CHAIN, 16), (_CONDITION, 16)):
        stem = stem << bits | value
    yes, no = (stem << 8 | outcome for outcome in (0, 1))
    return evolve(market, condition_id=f"0x{stem:062x}00", yes=str(yes), no=str(no))
