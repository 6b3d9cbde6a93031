"""Order sign-and-serialise against py_clob_client_v2 and against bare libsecp256k1, side by side in one run.

Run: python -m tests.bench.sign
"""

from __future__ import annotations

import json
import random
import timeit
from collections.abc import Callable

from coincurve._libsecp256k1 import ffi, lib
from coincurve.context import GLOBAL_CONTEXT

from actors.messages import Draft
from actors.model.market import Side
from adapters.polymarket.keys import Key, keccak
from adapters.polymarket.signing import Account, OrderSigner, Salts

SECRET = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # the public Hardhat #0 key
OWNER = "00000000-0000-0000-0000-000000000001"
TOKEN = "1234567890123456789012345678901234567890"
REPEATS = 9


def ours() -> Callable[[], object]:
    """`OrderSigner.sign`: amounts, salt, digest, signature, body."""
    signer = OrderSigner(Account.of(Key(SECRET)), OWNER, lambda: 1_700_000_000.0, Salts(random.Random(1)))
    draft = Draft(TOKEN, False, Side.BUY, 5600, 21_040_000)
    return lambda: signer.sign(draft)


def theirs() -> Callable[[], object]:
    """The official client: build and sign, then the JSON text it would post."""
    from py_clob_client_v2.clob_types import CreateOrderOptions, OrderArgsV2
    from py_clob_client_v2.order_builder.builder import OrderBuilder
    from py_clob_client_v2.order_utils.model.order_data_v2 import SignedOrderV2, order_to_json_v2
    from py_clob_client_v2.signer import Signer

    builder = OrderBuilder(Signer(SECRET, 137))
    args = OrderArgsV2(token_id=TOKEN, price=0.56, size=21.04, side="BUY")
    options = CreateOrderOptions(tick_size="0.01", neg_risk=False)

    def sign() -> str:
        order = builder.build_order(args, options, version=2)
        assert isinstance(order, SignedOrderV2)
        return json.dumps(order_to_json_v2(order, OWNER, "GTC", True), separators=(",", ":"), ensure_ascii=False)

    return sign


def bare() -> Callable[[], object]:
    """One recoverable signature through coincurve's ffi, nothing else: the floor."""
    digest, secret, context = keccak(b"order"), bytes.fromhex(SECRET[2:]), GLOBAL_CONTEXT.ctx

    def sign() -> object:
        signature = ffi.new("secp256k1_ecdsa_recoverable_signature *")
        lib.secp256k1_ecdsa_sign_recoverable(context, signature, digest, secret, ffi.NULL, ffi.NULL)
        return signature

    return sign


def measure() -> tuple[float, float, float]:
    """Microseconds an order: ours, theirs, bare; interleaved, so that a busy machine slows all three."""
    runs = [(ours(), 1000), (theirs(), 40), (bare(), 1000)]
    best = [float("inf")] * 3
    for _ in range(REPEATS):
        for i, (run, number) in enumerate(runs):
            best[i] = min(best[i], timeit.timeit(run, number=number) / number * 1e6)
    return best[0], best[1], best[2]


def main() -> None:
    mine, official, floor = measure()
    print(
        f"sign and serialise   ours {mine:7.1f} us   py_clob_client_v2 {official:7.1f} us   libsecp256k1 {floor:7.1f} us"
    )
    print(f"  {official / mine:.1f}x py_clob_client_v2 (wanted: at least 8x)")
    print(f"  {mine / floor:.2f}x bare libsecp256k1 (wanted: at most 1.6x)")


if __name__ == "__main__":
    main()
