"""Spot frames of both dialects, recorded and made up: each becomes exact prices or is refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.spot import SpotPrice
from adapters.polymarket.wire_spot import SpotFrame, bolt_frame, rtds_frame
from tests.adapters.polymarket.samples import fixtures
from tests.depth import examples

AT = 1_763_628_000_000

# ── recorded frames ───────────────────────────────────────────────────────────────────────────────────────────────


def sample(name: str) -> list[SpotFrame]:
    """Every frame of a recorded file, read in its own dialect."""
    path = next(path for path in fixtures("rtds") if path.name == name)
    read = bolt_frame if "polybolt" in name else rtds_frame
    return [read(text) for text in texts(path.read_text(), name)]


def texts(whole: str, name: str) -> Iterator[str]:
    if name.endswith(".jsonl"):
        yield from whole.splitlines()
        return
    content = json.loads(whole)
    yield from (json.dumps(frame) for frame in content) if isinstance(content, list) else [whole]


def test_every_recorded_file_is_known_here() -> None:
    assert {path.name for path in fixtures("rtds")} == {
        "jg_rtds_crypto_202604.jsonl",
        "nt_rtds_crypto_prices_subscribe.json",
        "nt_rtds_equity_prices_update.json",
        "polybolt_price_crypto_202609.json",
    }


def test_every_recorded_rtds_frame_decodes_and_each_symbol_moves_in_time() -> None:
    frames = sample("jg_rtds_crypto_202604.jsonl")
    assert [frame.refused for frame in frames] == [""] * 75
    assert {price.symbol for frame in frames for price in frame.prices} == {"btc", "eth", "sol"}
    assert {price.source for frame in frames for price in frame.prices} == {"chainlink"}
    updates = [frame.prices[0] for frame in frames if len(frame.prices) == 1]
    assert len(updates) == 60
    assert updates[0] == SpotPrice("btc", 7_617_544_000_000, 1_777_384_395_000, "chainlink")
    for frame in frames:
        stamps = [price.at_ms for price in frame.prices]
        assert stamps == sorted(stamps)


def test_the_recorded_price_of_eighteen_decimals_is_rounded_once() -> None:
    eth = next(f.prices[0] for f in sample("jg_rtds_crypto_202604.jsonl") if f.prices[-1].at_ms == 1_777_384_401_000)
    assert eth == SpotPrice("eth", 227_705_353_901, 1_777_384_401_000, "chainlink")


def test_the_recorded_snapshot_of_a_tether_pair_is_binance_s() -> None:
    (frame,) = sample("nt_rtds_crypto_prices_subscribe.json")
    assert frame.prices == tuple(
        SpotPrice("btc", round(value * 100) * 10**6, 1_780_726_209_000 + 1000 * n, "binance")
        for n, value in enumerate((61164.12, 61161.07, 61150.89))
    )


def test_the_recorded_equity_keeps_its_exact_value() -> None:
    (frame,) = sample("nt_rtds_equity_prices_update.json")
    assert frame.prices == (SpotPrice("aapl", 19_845_230_000, 1_711_382_400_000, "pyth"),)


def test_the_recorded_polybolt_frames_are_acknowledgements_and_a_snapshot_cut_too_short() -> None:
    frames = sample("polybolt_price_crypto_202609.json")
    assert [(f.op, f.code, f.rid, f.refused) for f in frames] == [
        ("error", "bad_op", "", "error: bad_op"),
        ("pong", "", "ping", ""),
        ("subscribed", "", "capture", ""),
        ("", "", "", "price.crypto: no symbol"),  # the sample was cut: whose prices these are is not in it
    ]


# ── frames ────────────────────────────────────────────────────────────────────────────────────────────────────────


def rtds(topic: str = "crypto_prices_chainlink", **payload: object) -> str:
    plain = {"symbol": "btc/usd", "timestamp": AT, "value": 91035.86, "full_accuracy_value": "91035860000000000000000"}
    return json.dumps({"topic": topic, "type": "update", "timestamp": AT, "payload": {**plain, **payload}})


def bolt(channel: str = "price.crypto", **payload: object) -> str:
    plain = {"symbol": "btcusd", "source": "chainlink", "timestamp": AT, "value": 91035.86}
    exact = {"full_accuracy_value": "91035.86123"}
    return json.dumps({"v": 1, "channel": channel, "seq": 18, "ts": AT, "payload": {**plain, **exact, **payload}})


def test_the_exact_value_counts_in_both_dialects() -> None:
    assert bolt_frame(bolt()).prices == (SpotPrice("btc", 9_103_586_123_000, AT, "chainlink"),)
    assert rtds_frame(rtds()).prices == (SpotPrice("btc", 9_103_586_000_000, AT, "chainlink"),)


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (rtds("weather"), "unknown topic weather"),
        (rtds("crypto_prices_twap_sixty"), "unknown topic crypto_prices_twap_sixty"),
        (rtds(symbol=""), "crypto_prices_chainlink: no symbol"),
        (rtds(full_accuracy_value="91035.86"), "crypto_prices_chainlink: a price that is not above 0"),
        (rtds(full_accuracy_value="910358600000000000000000"), "the exact value is not the rounded one"),
        (rtds(full_accuracy_value="-1"), "an exact value that is no plain number"),
        (rtds(full_accuracy_value="1_0"), "an exact value that is no plain number"),
        (rtds(full_accuracy_value="", value=0), "a price that is not above 0"),
        (rtds(full_accuracy_value="", value=-91035.86), "a price that is not above 0"),
        (rtds(full_accuracy_value="", value=1e300), "is no amount"),
        (rtds(timestamp=AT // 1000), "a time that is not in milliseconds"),
        (rtds(timestamp="now"), "Expected `int`"),
        (rtds(value=None), "Expected `decimal`"),
        (rtds(data=[{"timestamp": AT}]), "missing required field `value`"),
        ('{"topic":"crypto_prices"}', "crypto_prices: "),
        ("PONG?", "not a frame"),
        ("[]", "not a frame"),
        ("[" * 10_000, "not a frame"),
    ],
)
def test_an_rtds_frame_that_is_no_price_is_refused_by_name(frame: str, why: str) -> None:
    read = rtds_frame(frame)
    assert read.prices == ()
    assert why in read.refused


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (bolt("price.weather"), "unknown channel price.weather of version 1"),
        (bolt().replace('"v": 1', '"v": 2'), "unknown channel price.crypto of version 2"),
        (bolt(source=""), "price.crypto: no source"),
        (bolt(full_accuracy_value="91035860000000000000000"), "price.crypto: "),
        (bolt(data="all of it"), "price.crypto: Expected `array | null`"),
        ('{"op":"error","code":"sub_limit"}', "error: sub_limit"),
        ("", "not a frame"),
    ],
)
def test_a_polybolt_frame_that_is_no_price_is_refused_by_name(frame: str, why: str) -> None:
    read = bolt_frame(frame)
    assert read.prices == ()
    assert why in read.refused


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("symbol", "source", "timestamp", "value", "full_accuracy_value", "data")


@settings(max_examples=examples(100))
@given(payload=st.dictionaries(st.sampled_from(FIELDS), json_values), text=st.text(max_size=40))
def test_no_frame_raises_and_every_price_is_above_zero(payload: dict[str, object], text: str) -> None:
    for frame in (
        rtds_frame(rtds("crypto_prices_chainlink", **payload)),
        bolt_frame(bolt("price.crypto", **payload)),
        rtds_frame(text),
        bolt_frame(text),
    ):
        assert frame.prices or frame.refused or frame.op or payload.get("data") == []
        assert all(price.price > 0 for price in frame.prices)
