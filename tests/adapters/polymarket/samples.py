"""Constants and small builders for the adapter's tests: the public test key, synthetic wire objects, a scripted venue."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from actors.messages import Draft
from actors.model.market import Side
from adapters.polymarket.auth import Credentials
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account, OrderSigner, Salts

SECRET = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"  # Hardhat #0, public
ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OWNER = "00000000-0000-0000-0000-000000000001"
API_SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="
CREDENTIALS = Credentials(OWNER, API_SECRET, "pass-phrase-of-the-test")
TOKEN = "1234567890123456789012345678901234567890"
COMPLEMENT = "9876543210987654321098765432109876543210"
CONDITION = "0x" + "ab" * 32
NOW = 1_700_000_000.0

Answer = Callable[[httpx.Request], httpx.Response]


def draft(**changes: object) -> Draft:
    """A plain post-only bid, with what the test changes."""
    plain: dict[str, object] = {"token": TOKEN, "neg_risk": False, "side": Side.BUY, "price": 5000, "size": 10_000_000}
    return Draft(**{**plain, **changes})  # type: ignore[arg-type]


def signer(seed: int = 1) -> OrderSigner:
    return OrderSigner(Account.of(Key(SECRET)), OWNER, lambda: NOW, Salts(random.Random(seed)))


async def trading(answer: Answer) -> RestTrading:
    """A signed-in account whose every request goes to `answer`."""
    return await connect(
        "http://venue",
        Key(SECRET),
        wall=lambda: NOW,
        salts=random.Random(1),
        credentials=CREDENTIALS,
        transport=lambda: httpx.MockTransport(answer),
    )


def always(status: int, body: object = None, **headers: str) -> Answer:
    """A venue with one answer; a body of bytes is sent as it is, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(status, content=content, headers=named)


def order(**changes: object) -> dict[str, object]:
    """An order object as §5.1 shows it."""
    plain: dict[str, object] = {
        "id": "0x" + "35" * 32, "status": "LIVE", "market": CONDITION, "asset_id": TOKEN, "owner": OWNER,
        "maker_address": ADDRESS, "side": "BUY", "price": "0.5", "original_size": "10", "size_matched": "2.5",
        "outcome": "Yes", "order_type": "GTC", "associate_trades": None, "created_at": 1763628000, "expiration": "0",
    }  # fmt: skip
    return {**plain, **changes}


def maker(**changes: object) -> dict[str, object]:
    """One entry of `maker_orders`, by default somebody else's."""
    plain: dict[str, object] = {
        "order_id": "0xbb", "owner": "somebody", "maker_address": OTHER, "matched_amount": "10", "price": "0.5",
        "fee_rate_bps": "0", "asset_id": TOKEN, "outcome": "Yes", "side": "SELL",
    }  # fmt: skip
    return {**plain, **changes}


def trade(**changes: object) -> dict[str, object]:
    """A trade object as §5.2 shows it: we are the taker of one maker."""
    plain: dict[str, object] = {
        "id": "trade-1", "taker_order_id": "0xaa", "market": CONDITION, "asset_id": TOKEN, "side": "BUY", "size": "10",
        "fee_rate_bps": "0", "price": "0.5", "status": "TRADE_STATUS_MINED", "match_time": "1763628001",
        "last_update": "1763628005", "outcome": "Yes", "bucket_index": 0, "owner": OWNER, "maker_address": ADDRESS,
        "transaction_hash": "", "trader_side": "TAKER", "maker_orders": [maker()],
    }  # fmt: skip
    return {**plain, **changes}


def page(rows: list[object], cursor: str = "LTE=") -> dict[str, object]:
    return {"limit": 100, "count": len(rows), "next_cursor": cursor, "data": rows}


def full(**changes: object) -> dict[str, object]:
    """A market as `/markets` shows it."""
    plain: dict[str, object] = {
        "condition_id": CONDITION, "market_slug": "demo", "question": "Demo?", "active": True, "closed": False,
        "accepting_orders": True, "enable_order_book": True, "end_date_iso": "2026-12-31T00:00:00Z",
        "minimum_order_size": 5, "minimum_tick_size": 0.01, "neg_risk": False,
        "tokens": [{"token_id": TOKEN, "outcome": "Yes"}, {"token_id": COMPLEMENT, "outcome": "No"}],
    }  # fmt: skip
    return {**plain, **changes}


def compact(**changes: object) -> dict[str, object]:
    """The same market as `/clob-markets` shows it."""
    plain: dict[str, object] = {
        "c": CONDITION, "t": [{"t": TOKEN, "o": "Yes"}, {"t": COMPLEMENT, "o": "No"}], "mts": 0.01, "mos": 5,
        "fd": {"r": 0.07, "e": 1, "to": True},
    }  # fmt: skip
    return {**plain, **changes}


def fixtures(kind: str) -> list[Path]:
    """The captured wire samples of one kind, which live outside the project; skips the test when they are absent."""
    shared = Path(__file__).resolve().parents[4] / "shared" / "fixtures"
    folder = Path(os.environ.get("POLYACTORS_FIXTURES", shared)) / "wire" / kind
    if not folder.is_dir():
        pytest.skip(f"wire samples not found at {folder}: set POLYACTORS_FIXTURES to their folder")
    return sorted(folder.iterdir())
