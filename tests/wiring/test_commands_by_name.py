"""A command takes any name of a market that runs, and refuses what names none or several."""

from __future__ import annotations

import pytest
from attrs import evolve

from actors.shared.control import CommandRefused
from tests.wiring.lives import console
from tests.wiring.world import ALPHA, BETA, bot, world

SITE = "https://polymarket.com"
TOKEN = "7" * 70
FIRST = evolve(ALPHA, gamma_id="512340", event_slug="match")
SECOND = evolve(BETA, yes=TOKEN, gamma_id="512341", event_slug="match")


@pytest.mark.parametrize("name", ["beta", "512341", TOKEN, f"{SITE}/event/match/beta?tid=9", f"{SITE}/market/beta"])
async def test_a_command_reaches_a_market_by_any_of_its_names(name: str) -> None:
    async with bot(world(FIRST, SECOND)) as of:
        assert console(of).obey("pause", {"market": name}) == {"done": "pause: beta"}
        assert console(of).obey("explain", {"market": name})["market"] == "beta"
        kept = console(of).obey("flatten", {"market": name, "cancel_only": True})
        assert kept == {"done": "cancelled and paused, positions kept: beta"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gamma", "no market 'gamma' here; there are alpha, beta"),
        (f"{SITE}/event/match", "has several markets here, name one: alpha, beta"),
        (f"{SITE}/profile/x", "must be a slug, an id, or an address like .*; there are alpha, beta"),
    ],
)
async def test_a_command_for_none_or_several_of_them_says_which_there_are(name: str, told: str) -> None:
    async with bot(world(FIRST, SECOND)) as of:
        with pytest.raises(CommandRefused, match=told):
            console(of).obey("pause", {"market": name})
