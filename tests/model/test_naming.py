"""A name stands for a market exactly or not at all."""

from __future__ import annotations

from contextlib import suppress

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import turned
from actors.model.naming import Kind, Name, called, name_of
from tests.venue import market

TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
CONDITION = "0x" + "ab" * 32
DEMO = evolve(market("demo"), condition_id=CONDITION, yes=TOKEN, gamma_id="512340", event_slug="demo-event")
SITE = "https://polymarket.com"


@pytest.mark.parametrize(
    ("text", "kind", "value", "event"),
    [
        ("demo-cup", Kind.SLUG, "demo-cup", ""),
        (" demo-cup ", Kind.SLUG, "demo-cup", ""),
        ("512340", Kind.GAMMA_ID, "512340", ""),
        (TOKEN, Kind.TOKEN, TOKEN, ""),
        (CONDITION.upper(), Kind.CONDITION, CONDITION, ""),
        (CONDITION[:-2], Kind.CONDITION, CONDITION[:-2] + "00", ""),
        (f"{SITE}/event/demo-event", Kind.EVENT, "demo-event", ""),
        (f"{SITE}/event/demo-event?tid=1764314000123", Kind.EVENT, "demo-event", ""),
        (f"{SITE}/event/demo-event/demo?tid=1764314000123#book", Kind.SLUG, "demo", "demo-event"),
        (f"{SITE}/es/event/demo-event/", Kind.EVENT, "demo-event", ""),
        ("http://www.polymarket.com/market/demo", Kind.SLUG, "demo", ""),
        ("polymarket.com/event/demo-event", Kind.EVENT, "demo-event", ""),
    ],
)
def test_what_a_name_means(text: str, kind: Kind, value: str, event: str) -> None:
    assert name_of(text) == Name(text.strip(), kind, value, event)


@pytest.mark.parametrize(
    "text",
    [
        f"{SITE}/",
        f"{SITE}/event",
        f"{SITE}/profile/somebody",
        f"{SITE}/event/a/b/c",
        "https://polymarket.com.evil.example/event/demo",
        "https://example.com/event/demo",
        "ftp://polymarket.com/event/demo",
        "https://[/event/demo",
        "a/b",
    ],
)
def test_an_address_that_leads_to_no_market_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"must be a slug, an id, or an address like https://polymarket.com/event/NAME"
    ):
        name_of(text)


@given(st.text())
def test_whatever_is_written_is_a_name_or_refused_as_a_value(text: str) -> None:
    with suppress(ValueError):
        assert name_of(text).text == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "demo",
        "512340",
        TOKEN,
        CONDITION,
        f"{SITE}/event/demo-event",
        f"{SITE}/event/demo-event/demo",
        f"{SITE}/market/demo",
    ],
)
def test_a_market_answers_to_each_of_its_names(text: str) -> None:
    assert called(text, (market("other"), DEMO)) == (DEMO,)


@pytest.mark.parametrize(
    "text",
    ["dem", "Demo", "51234", TOKEN[:-1], "0x" + "ac" * 32, f"{SITE}/event/demo", f"{SITE}/event/other-event/demo"],
)
def test_what_is_nearly_its_name_is_not_its_name(text: str) -> None:
    assert called(text, (DEMO,)) == ()


def test_further_names_make_no_difference_between_two_descriptions_of_a_market() -> None:
    assert evolve(DEMO, gamma_id="", event_slug="") == DEMO


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("Yes", "No"), False),
        (("No", "Yes"), True),
        (("Down", "UP"), True),
        (("under", "over"), True),
        (("Lakers", "Celtics"), False),
        (("No", "Maybe"), False),
    ],
)
def test_the_side_that_means_yes_is_told_by_its_label_not_by_its_place(labels: tuple[str, str], expected: bool) -> None:
    assert turned(labels) is expected
