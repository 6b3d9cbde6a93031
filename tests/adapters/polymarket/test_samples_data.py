"""Captured rows of the Data API: version 2 decodes to what its JSON states, version 1 is refused by name."""

from __future__ import annotations

import json

import pytest

from actors.model.holding import HoldingStatus
from actors.model.market import Outcome
from adapters.polymarket import wire_data
from tests.adapters.polymarket.captured import Json, nearest, parsed, price, size, text

POSITIONS = "data_api/sdk_v2_positions.json"
RETIRED = ("data_api/nt_data_api_positions_response.json", "data_api/pb_trades_202602.json")


def in_envelope(rows: Json) -> bytes:
    """As the service sends them; the sample holds the rows alone."""
    paging = {"limit": 100, "offset": 0, "has_more": False, "next_cursor": None}
    return json.dumps({"data": rows, "pagination": paging}).encode()


def test_captured_positions_have_the_sizes_prices_and_amounts_their_json_states() -> None:
    page = wire_data.page(in_envelope(json.loads(text(POSITIONS))))
    assert page.next_cursor is None
    rows = parsed(text(POSITIONS))
    for seen, raw in zip(map(wire_data.holding, page.rows), rows, strict=True):
        assert (seen.wallet, seen.token) == (raw["proxy_wallet"], raw["token_id"])
        assert (seen.condition_id, seen.opposite_token) == (raw["condition_id"], raw["opposite_token_id"])
        assert (seen.size, seen.average_price) == (size(raw["current_size"]), price(raw["avg_price"]))
        assert seen.price == nearest(raw["current_price"], 4)
        assert (seen.cost, seen.value) == (nearest(raw["total_cost_usdc"], 6), nearest(raw["current_value"], 6))
        assert seen.realized_pnl == nearest(raw["realized_pnl"], 6)
        assert seen.unrealized_pnl == nearest(raw["unrealized_pnl"], 6)
        assert seen.status is HoldingStatus(raw["status"])
        assert (seen.mergeable, seen.redeemable) == (raw["mergeable"], raw["redeemable"])
        assert seen.neg_risk == raw["negative_risk"]
        assert seen.outcome is (Outcome.YES, Outcome.NO)[raw["outcome_index"]]
        assert (seen.label, seen.slug, seen.event_slug) == (raw["outcome"], raw["slug"], raw["event_slug"])
        assert (seen.ends_on, seen.last_event_at) == (raw["end_date"], raw["last_event_at"])


def test_the_captured_pair_of_positions_can_be_merged_and_loses_what_it_wins() -> None:
    no, yes = map(wire_data.holding, wire_data.page(in_envelope(json.loads(text(POSITIONS)))).rows)
    assert (no.outcome, yes.outcome) == (Outcome.NO, Outcome.YES)
    assert (no.token, no.opposite_token) == (yes.opposite_token, yes.token)
    assert no.unrealized_pnl == -yes.unrealized_pnl == 101_800_000_000


@pytest.mark.parametrize("name", RETIRED)
def test_captured_answers_of_the_retired_version_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="retired version 1 of the Data API"):
        wire_data.page(text(name).encode())
    for row in json.loads(text(name)):
        for decoder in (wire_data.holding, wire_data.tape_trade):
            with pytest.raises(ValueError, match="missing required field `proxy_wallet`"):
                decoder(json.dumps(row).encode())
