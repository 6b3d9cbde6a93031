"""The end of a run whose shares were moved by hand: 0 if nothing sellable is left, which is read once more first (I5)."""

from __future__ import annotations

import pytest
import trio

from actors.commands.status import _lines
from actors.ending import Exit
from actors.model.numbers import SHARE
from actors.stop import Stop
from actors.wiring.proof import proof
from actors.wiring.status import Status
from tests.market.test_moved_shares import HELD, gone, holding, move
from tests.wiring.test_shutdown import leave
from tests.wiring.world import until


@pytest.mark.parametrize("noticed", [False, True])
async def test_a_stop_without_the_shares_ends_in_0_and_says_so(noticed: bool, autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        if noticed:
            await until(lambda: gone(running) == 20, within=20.0)
        began = trio.current_time()
        ending = await leave(running)
        assert ending.code is Exit.DONE
        assert trio.current_time() - began < 15.0
        assert "alpha YES 20 by its trades, 20 of them no longer in the account" in proof(ending)


async def test_what_is_left_of_them_is_sold_first(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD // 2)
        ending = await leave(running)
        assert ending.code is Exit.DONE
        assert running.venue.ledger(running.venue.markets[0]).position.yes.size == HELD // 2
        assert "alpha YES 10 by its trades, 10 of them no longer in the account" in proof(ending)


async def test_shares_that_came_back_unnoticed_are_named_and_end_in_4(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        await until(lambda: gone(running) == 20, within=20.0)
        await trio.sleep(1.0)
        move(running, HELD)
        ending = await leave(running)
        assert ending.code is Exit.POSITIONS_REMAIN
        assert ending.doubtful == ("alpha YES 20 (by the venue's balance)",)


async def test_the_users_own_shares_beyond_what_was_traded_are_not_waited_for(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        move(running, 500 * SHARE, "alpha-no")
        assert (await leave(running)).code is Exit.DONE


async def test_the_status_shows_what_is_missing(autojump_clock: object) -> None:
    async with holding() as running:
        move(running, -HELD)
        await until(lambda: gone(running) == 20, within=20.0)
        status = Status(running.spine, running.settings, Stop(running.board), running.services, {}, 0.0).everything()
        assert status["markets"][0]["missing"] == {"yes": 20.0, "no": 0.0}
        assert any("not for sale: 20 YES" in line for line in _lines(status))
