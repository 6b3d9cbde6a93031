"""A market's terms while it is quoted: what closes it, what re-grids it, and what a refused signature leads to (F18-F20)."""

from __future__ import annotations

import pytest
import trio
from attrs import evolve
from loguru import logger

from actors.ending import Exit
from actors.messages import Resolved, TickChange
from actors.model.book import Book
from actors.model.market import Market
from actors.model.numbers import SHARE, Price, Size
from actors.model.reason import Reason
from actors.model.trading import Order
from actors.shutdown import Leaving
from actors.stop import Stop
from actors.wiring.console import Console
from actors.wiring.proof import proof
from tests.wiring.world import ALPHA, BETA, World, bot, order, quoting, until, world

POLLED = 16.0  # s within which every market's terms have been read again


def explained(of: World) -> dict[str, object]:
    console = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0)
    shown: dict[str, object] = console.obey("explain", {"market": "alpha"})
    return shown


def known(of: World) -> Market:
    market = of.board.last(Market, "alpha")
    assert market is not None
    return market


async def hold(of: World) -> None:
    """20 YES, confirmed."""
    of.venue.fill(of.buy().order_id, 20 * SHARE)
    await trio.sleep(1.0)


@pytest.mark.parametrize("standing", ["closed", "proposed", "disputed", "resolved", ""])
async def test_a_market_that_stops_taking_orders_is_left_at_the_next_read(
    standing: str, autojump_clock: object
) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.relist(evolve(ALPHA, accepting=False, standing=standing))
        await until(lambda: running.live() == [], within=POLLED)
        began = trio.current_time()
        await trio.sleep(60.0)
        assert [
            call for call in running.venue.since(began, "place") if call.draft and "alpha" in call.draft.token
        ] == []
        assert len(running.live("beta")) == 2
        said = explained(running)
        assert said["reason"] == Reason.NOT_ACCEPTING.code
        assert said["inputs"] == {"market": standing or "not accepting orders"}


async def test_an_outcome_that_is_being_decided_is_not_quoted_though_orders_are_taken(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await hold(running)
        running.venue.relist(evolve(ALPHA, standing="proposed"))
        await until(lambda: running.live() == [], within=POLLED)
        assert explained(running)["inputs"] == {"market": "proposed"}
        order(running, Order.FLATTEN)
        await until(lambda: running.venue.ledger(ALPHA).position.yes.size == 0, within=6.0)


async def test_a_resolution_told_by_the_socket_ends_the_quotes_at_once_and_for_good(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.sockets.say(Resolved("alpha-yes"), Resolved("alpha-no"))
        await until(lambda: running.live() == [], within=0.5)
        began = trio.current_time()
        await trio.sleep(60.0)  # REST still describes the market as open: it lags
        assert running.venue.since(began, "place") == []
        assert running.venue.since(began + 1.0, "books") == []
        assert explained(running)["inputs"] == {"market": "resolved"}


async def test_a_market_that_takes_orders_again_is_quoted_again_by_itself(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.relist(evolve(ALPHA, accepting=False, standing="closed"))
        await until(lambda: running.live() == [], within=POLLED)
        await trio.sleep(120.0)
        running.venue.relist(ALPHA)
        await until(lambda: len(running.live()) == 2, within=POLLED + 2.0)


async def test_a_market_that_closes_is_a_warning_and_one_that_opens_is_none(autojump_clock: object) -> None:
    heard: list[str] = []
    async with quoting(ALPHA) as running:
        logger.enable("actors")
        sink = logger.add(lambda line: heard.append(str(line).rstrip()), format="{level} {message}")
        for market in (evolve(ALPHA, accepting=False, standing="closed"), ALPHA):
            running.venue.relist(market)
            await trio.sleep(POLLED)
        logger.remove(sink)
    told = [line for line in heard if "the market is" in line]
    assert told == [
        "WARNING alpha: the market is closed, it takes no orders",
        "INFO alpha: the market is open",
    ]


async def test_a_position_in_a_closed_market_is_kept_named_and_ends_in_4(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await hold(running)
        running.venue.relist(evolve(ALPHA, accepting=False, standing="closed"))
        await until(lambda: running.live() == [], within=POLLED)
        order(running, Order.FLATTEN)
        await trio.sleep(5.0)
        assert explained(running)["inputs"] == {"market": "closed"}
        began = trio.current_time()
        leaving = Leaving(
            trees=running.spine.trees,
            markets=running.spine.markets,
            board=running.board,
            account=running.spine.prove,
            journal=running.spine.journal,
            gateway=running.shared("gateway"),
            settings=running.settings.shutdown,
            stop=Stop(running.board),
            flatten=True,
        )
        ending = await leaving.run()
        assert ending.code is Exit.POSITIONS_REMAIN
        assert "alpha YES 20 (the market takes no orders: closed)" in proof(ending)
        assert running.venue.since(began - 5.0, "place") == []
        assert trio.current_time() - began < 5.0, "nothing can be sold, so nothing is waited for"


async def test_no_order_leaves_past_the_end_of_a_market_not_even_to_get_out(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        await hold(running)
        running.venue.relist(evolve(ALPHA, ends_at=1_763_628_000.0 + trio.current_time() + 30.0))
        await trio.sleep(31.0)
        assert running.live() == []
        began = trio.current_time()
        order(running, Order.FLATTEN)
        await trio.sleep(10.0)
        assert running.venue.since(began, "place") == []
        assert explained(running)["inputs"] == {"market": "past its end"}


async def test_a_larger_minimum_is_kept_by_the_next_orders(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.relist(evolve(ALPHA, min_size=Size(500 * SHARE)))
        await until(lambda: known(running).min_size == 500 * SHARE, within=POLLED)
        await until(lambda: running.live() == [], within=2.0)
        assert explained(running)["reason"] == Reason.SIZE_BELOW_MINIMUM.code
        running.venue.relist(ALPHA)
        await until(lambda: len(running.live()) == 2, within=POLLED + 2.0)


async def test_a_new_tick_told_by_the_socket_is_quoted_on_its_own_grid(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        before = running.board.last(Book, "alpha")
        running.venue.relist(evolve(ALPHA, tick=Price(10)))
        running.sockets.say(TickChange("alpha-yes", 10), TickChange("alpha-no", 10))
        began = trio.current_time()
        await until(lambda: not running.live(), within=0.5)
        await until(lambda: len(running.live()) == 2, within=3.0)
        book = running.board.last(Book, "alpha")
        assert book is not None
        assert before is not None
        assert book.epoch > before.epoch
        drafts = [call.draft for call in running.venue.since(began, "place")]
        assert all(draft is not None and draft.tick == 10 for draft in drafts)
        await trio.sleep(60.0)
        assert len(running.live()) == 2


async def test_a_new_tick_that_only_a_read_of_the_terms_tells_is_quoted_on_its_own_grid(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.relist(evolve(ALPHA, tick=Price(10)))
        await until(lambda: known(running).tick == 10, within=POLLED)
        began = trio.current_time()
        await until(lambda: running.live() == [], within=1.0)
        await until(lambda: len(running.live()) == 2, within=3.0)
        assert all(call.draft and call.draft.tick == 10 for call in running.venue.since(began, "place"))


async def test_a_refusal_that_a_new_tick_explains_has_the_terms_read_at_once(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.relist(evolve(ALPHA, tick=Price(200)))
        running.sockets.say()
        running.venue.fill(running.buy().order_id, 20 * SHARE)
        asked = len(running.venue.since(0.0, "find"))
        await until(lambda: len(running.venue.since(0.0, "find")) > asked, within=3.0)
        await until(lambda: known(running).tick == 200, within=1.0)


async def test_a_read_that_was_asked_before_the_tick_changed_changes_nothing(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.latency["find"], running.sockets.mute = 1.0, True
        asked = len(running.venue.since(0.0, "find"))
        await until(lambda: len(running.venue.since(0.0, "find")) > asked, within=POLLED)
        running.sockets.say(TickChange("alpha-yes", 10), TickChange("alpha-no", 10))
        await trio.sleep(1.5)
        assert known(running).tick == 10


async def test_terms_are_a_lease_too_a_market_that_cannot_be_asked_for_is_left_until_it_can(
    autojump_clock: object,
) -> None:
    async with quoting(ALPHA) as running:
        running.venue.broken.add("find")
        await trio.sleep(10.0)
        assert len(running.live()) == 2, "one failed read is no reason to leave"
        await until(lambda: running.live() == [], within=15.0)
        assert explained(running)["inputs"] == {"market": "not read of late"}
        await trio.sleep(60.0)
        assert running.live() == []
        running.venue.broken.clear()
        await until(lambda: len(running.live()) == 2, within=POLLED)
        assert known(running) == ALPHA


async def test_a_market_that_closed_while_the_start_up_waited_is_never_quoted(autojump_clock: object) -> None:
    """Nothing is started before the venue has accepted a heartbeat: by then what was read of the market may be old."""
    of = world(ALPHA)
    of.venue.broken.add("beat")

    async def closes() -> None:
        await trio.sleep(5.0)
        of.venue.relist(evolve(ALPHA, accepting=False, standing="proposed"))
        await trio.sleep(27.0)
        of.venue.broken.clear()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(closes)
        async with bot(of):
            began = trio.current_time()
            await trio.sleep(POLLED)
            assert began > 30.0, "the start-up waited"
            assert of.venue.since(0.0, "place") == []
            assert known(of).standing == "proposed"


async def test_one_failed_read_of_the_terms_is_repeated_soon_and_costs_no_quote(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        began = trio.current_time()
        running.venue.broken.add("find")
        await until(lambda: bool(running.venue.since(began, "find")), within=POLLED)
        await trio.sleep(0.5)
        running.venue.broken.clear()
        await trio.sleep(30.0)
        failed, again, *_ = (call.at for call in running.venue.since(began, "find"))
        assert again - failed < 3.0
        assert running.venue.since(began, "cancel") == []


async def test_the_description_of_another_market_changes_no_terms(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        running.venue.relist(evolve(ALPHA, yes=ALPHA.no, no=ALPHA.yes, accepting=False))
        await trio.sleep(60.0)
        assert evolve(known(running), standing="") == ALPHA
        assert running.live() == [], "and nobody knows whether it still takes orders"


async def test_a_wrong_flag_that_a_new_read_corrects_costs_a_handful_of_orders(autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=3.0)
        running.venue.broken.add("find")  # else the next routine read would know first
        running.venue.relist(evolve(ALPHA, neg_risk=True))
        began = trio.current_time()
        order(running, Order.RESUME)
        await trio.sleep(5.0)
        assert len(running.venue.since(began, "place")) == 2
        running.venue.broken.discard("find")
        await until(lambda: len(running.live()) == 2, within=5.0)
        assert len(running.venue.since(began, "place")) == 4
        assert running.tree("alpha").state == "running"


async def test_signatures_refused_on_freshly_read_terms_park_the_market_after_a_handful_of_orders(
    autojump_clock: object,
) -> None:
    async with quoting(ALPHA, BETA) as running:
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=3.0)
        running.venue.neg_risk["alpha"] = True
        began = trio.current_time()
        order(running, Order.RESUME)
        await until(lambda: running.tree("alpha").state == "parked", within=10.0)
        await trio.sleep(200.0)
        alpha = [c for c in running.venue.since(began, "place") if c.draft and c.draft.token in ALPHA.tokens]
        assert len(alpha) <= 4
        said = explained(running)
        assert said["reason"] == Reason.PARKED.code
        assert "the venue refuses our signatures: invalid signature" in str(said["inputs"])
        assert len(running.live("beta")) == 2


async def test_a_market_parked_for_its_signatures_is_tried_again_on_resume_and_by_itself(
    autojump_clock: object,
) -> None:
    async with quoting(ALPHA) as running:
        order(running, Order.PAUSE)
        await until(lambda: not running.live(), within=3.0)
        running.venue.neg_risk["alpha"] = True
        order(running, Order.RESUME)
        await until(lambda: running.tree("alpha").state == "parked", within=10.0)
        began = trio.current_time()
        running.tree("alpha").resume()
        await until(lambda: running.tree("alpha").state == "running", within=1.0)
        await until(lambda: running.tree("alpha").state == "parked", within=10.0)
        assert len(running.venue.since(began, "place")) <= 4
        running.venue.neg_risk.clear()
        await until(lambda: len(running.live()) == 2, within=310.0)


async def test_terms_are_read_at_common_instants_so_that_markets_share_a_request(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        await trio.sleep(150.0)
        finds = running.venue.since(1.0, "find")
        assert {round(call.at % 5.0, 1) for call in finds} == {0.0}
        read = [name for call in finds for name in call.ids]
        assert 9 <= read.count("0xalpha") <= 11
        assert 9 <= read.count("0xbeta") <= 11


async def test_what_cannot_be_read_of_one_market_leaves_the_others_alone(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.undescribed.add("0xbeta")
        await until(lambda: not running.live("beta"), within=25.0)
        await trio.sleep(60.0)
        assert len(running.live("alpha")) == 2
