"""Recorded flow: the recording's best prices at every row, the bot's book at every frame, clients in their turn."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

import pytest
import trio

from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, format_size
from adapters.emulator.accounts import FUNDED
from adapters.emulator.events import BookTraded, Event
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.market_channel import MarketChannel
from adapters.emulator.tickets import Ticket
from adapters.matching import Order
from tests.emulator.harness import virtual_wall
from tests.emulator.recorded_client import BEST, Client, played, watch
from tests.emulator.recordings import (
    TOKENS,
    BotEar,
    Columns,
    Playback,
    change,
    opened,
    session,
    shared,
    trade,
    uncorrected,
    write,
)


@pytest.fixture
def recording() -> Path:
    path = shared()
    if path is None:
        pytest.skip("the shared recording is not here: set POLYACTORS_FIXTURES to the folder of the fixtures")
    return path


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    return write(tmp_path, session(Random(3), 4_000), TOKENS)


# ── own orders removed ────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_books_best_is_the_recorded_best_at_every_row_of_a_made_up_session(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    played = Playback(flow, BotEar(emulator)).run()
    counts = played.columns.counts
    assert counts["rows"] > 7_000
    assert (counts["better"], counts["equal"]) == (0, counts["rows"])
    assert played.columns.share("unaided") >= 0.95  # its trades are lost far more often than a recording's
    assert flow.summary()["pruned"]
    assert flow.summary()["seeded"]


async def test_without_corrections_a_made_up_session_with_lost_trades_drifts_away(
    made_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the figures of uncorrected play can be bad: they measure."""
    uncorrected(monkeypatch)
    _, flow = opened(made_up, virtual_wall())
    columns = Columns()
    for row in flow.steps:
        columns.play(flow, row)
    assert columns.share("better") > 0.001
    assert columns.share("known_unaided", "known") < 0.999


async def test_the_bots_book_is_the_emulators_at_every_frame_of_a_made_up_session(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    ear = Playback(flow, BotEar(emulator)).run().ear
    assert ear.frames > 3_000
    assert (ear.equal, ear.troubles, ear.reader.oddities) == (ear.frames, [], {})


async def test_a_bots_book_that_misses_one_frame_is_seen_to_differ(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    ear = BotEar(emulator)
    ear.listen()
    listeners = emulator.exchange.listeners
    (place,) = [n for n, hear in enumerate(listeners) if isinstance(getattr(hear, "__self__", None), MarketChannel)]
    hear = listeners[place]
    for number, row in enumerate(flow.steps[:3_000]):
        listeners[place] = (lambda event: None) if 500 <= number < 510 else hear
        flow.apply(row)
    assert 0 < ear.equal < ear.frames


@lru_cache(1)
def whole(path: Path) -> Playback:
    """All of the shared recording, played once for every claim about it."""

    async def play() -> Playback:
        emulator, flow = opened(path, virtual_wall())
        return Playback(flow, BotEar(emulator)).run()

    return trio.run(play)


@pytest.mark.slow
def test_every_row_of_the_shared_recording_leaves_the_recorded_best_with_hardly_a_correction(recording: Path) -> None:
    played = whole(recording)
    columns, summary = played.columns, played.flow.summary()
    print(columns.counts, summary)
    assert columns.counts["rows"] == 150_909
    assert columns.share("unaided") >= 0.999
    assert columns.share("known_unaided", "known") >= 0.999
    assert int(summary["pruned"]) <= 100
    assert int(summary["seeded"]) <= 20
    assert (columns.counts["better"], columns.counts["equal"]) == (0, 150_909)


@pytest.mark.slow
def test_the_bots_book_is_the_emulators_at_every_frame_of_the_whole_shared_recording(recording: Path) -> None:
    ear = whole(recording).ear
    print(f"{ear.equal} of {ear.frames} frames")
    assert ear.frames > 75_000
    assert (ear.equal, ear.troubles, ear.reader.oddities) == (ear.frames, [], {})


@pytest.mark.slow
def test_most_of_what_the_shared_recording_prints_finds_its_level(recording: Path) -> None:
    """The rest was sold from levels that the file shows nothing at when the print comes (docs/exchange.md)."""
    played = whole(recording)
    print(f"{played.unmet:.1%} of {format_size(played.printed)} printed shares met nobody")
    assert played.flow.summary()["prints"] == 355
    assert played.unmet <= 0.3


@pytest.mark.slow
async def test_even_without_any_seeding_and_pruning_the_shared_recordings_best_is_nearly_always_right(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every error stays for all later rows here; levels that no row has shown are missing for good."""
    uncorrected(monkeypatch)
    _, flow = opened(recording, virtual_wall())
    columns = Columns()
    for row in flow.steps:
        columns.play(flow, row)
    print(columns.counts, flow.summary())
    assert flow.summary()["seeded"] == 0
    assert columns.share("equal") >= 0.985
    assert columns.share("better") <= 0.001
    assert columns.share("known_unaided", "known") >= 0.998


# ── clients among them ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_clients_order_is_filled_by_prints_after_what_stood_before_it_and_by_crosses(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    joined, printed, crossed = watch(emulator, flow, every=3, rows=10_000)
    assert joined > 20
    assert printed
    assert crossed


@pytest.mark.slow
async def test_the_same_holds_over_the_shared_recording(recording: Path) -> None:
    emulator, flow = opened(recording, virtual_wall())
    joined, printed, crossed = watch(emulator, flow, every=100, rows=80_000)
    print(
        f"{joined} orders of 20 shares joined the best: {format_size(printed)} filled by prints, {format_size(crossed)} by crosses"
    )
    assert joined > 20
    assert printed


async def test_growth_stands_behind_a_client_and_a_shrink_never_moves_it_forward(tmp_path: Path) -> None:
    rows = [
        change(1002, "BID", "0.48", "150", BEST),
        change(1003, "BID", "0.48", "90", BEST),
        trade(1900, "ASK", "0.48", "95"),
    ]
    emulator, flow, at = await played(tmp_path, rows)
    client = Client.join(emulator, flow, 0, True, 4800, 20 * SHARE)
    flow.apply(flow.steps[2])
    assert at("0.48") == 170
    flow.apply(flow.steps[3])
    assert at("0.48") == 110
    flow.apply(flow.steps[4])
    assert client.filled == 5 * SHARE  # 90 of the 95 went to what had been there before
    assert at("0.48") == 15


async def test_a_print_reaches_the_better_price_of_a_client_first(tmp_path: Path) -> None:
    emulator, flow, at = await played(tmp_path, [trade(1900, "ASK", "0.48", "30")])
    client = Client.join(emulator, flow, 0, True, 4900, 20 * SHARE)
    flow.apply(flow.steps[2])
    assert client.filled == 20 * SHARE
    assert at("0.48") == 90


async def test_a_print_of_the_other_token_fills_the_client_by_a_mint(tmp_path: Path) -> None:
    trades: list[str] = []
    emulator, flow, _ = await played(tmp_path, [trade(1900, "BID", "0.51", "30", TOKENS[0][1])])

    def hear(event: Event) -> None:
        if isinstance(event, BookTraded):
            trades.extend(str(one.minted) for one in event.trades)

    emulator.exchange.listeners.append(hear)
    client = Client.join(emulator, flow, 0, True, 4900, 20 * SHARE)
    flow.apply(flow.steps[2])
    assert client.filled == 20 * SHARE
    assert trades == [str(20 * SHARE)]


async def test_levels_better_than_the_recorded_best_are_pruned_and_counted(tmp_path: Path) -> None:
    rows = [
        change(1002, "BID", "0.47", "10", ("0.47", "0.5")),
        change(1003, "ASK", "0.51", "10", ("0.47", "0.51")),
        change(1004, "BID", "0.47", "0", ("0.46", "0.51")),
    ]
    _, flow, at = await played(tmp_path, rows)
    counts = []
    for row in flow.steps[2:]:
        flow.apply(row)
        counts.append((flow.books[0].pruned, flow.books[0].seeded, at("0.48"), at("0.5")))
    assert counts == [(1, 2, 0, 100), (2, 2, 0, 0), (2, 3, 0, 0)]  # the last row removed its level itself


async def test_a_recorded_order_that_crosses_a_client_meets_it_and_its_rest_stays(tmp_path: Path) -> None:
    emulator, flow, at = await played(tmp_path, [change(1002, "ASK", "0.49", "30", ("0.48", "0.49"))] * 2)
    client = Client.join(emulator, flow, 0, True, 4900, 20 * SHARE)
    flow.apply(flow.steps[2])
    assert client.filled == 20 * SHARE
    assert at("0.49") == 10
    flow.apply(flow.steps[3])
    assert at("0.49") == 10  # told again, it is not sold again


async def test_what_a_client_took_stays_gone_until_the_recording_empties_the_level(tmp_path: Path) -> None:
    rows = [
        change(1002, "BID", "0.47", "10", BEST),
        change(1003, "ASK", "0.5", "130", BEST),
        change(1004, "ASK", "0.5", "0", ("0.48", "0.51")),
        change(1005, "ASK", "0.5", "40", BEST),
    ]
    emulator, flow, at = await played(tmp_path, rows)
    account = emulator.exchange.accounts.open(FUNDED[0].address)
    order = Order("taker", account.address.lower(), Outcome.YES, Side.BUY, 5000, 100 * SHARE, "FAK")
    emulator.exchange.submit(Ticket(order, account, "key", flow.books[0].listing, 0.0))
    sizes = []
    for row in flow.steps[2:]:
        flow.apply(row)
        sizes.append(at("0.5"))
    assert sizes == [0, 30, 0, 40]


async def test_nobody_fills_an_order_that_a_fault_has_pinned(tmp_path: Path) -> None:
    rows = [change(1002, "ASK", "0.49", "30", ("0.48", "0.49")), trade(1900, "ASK", "0.48", "30")]
    emulator, flow, at = await played(tmp_path, rows)
    client = Client.join(emulator, flow, 0, True, 4900, 20 * SHARE)
    client.ticket.listing.book.pinned.add(client.ticket.order.id)
    for row in flow.steps[2:]:
        flow.apply(row)
    assert client.filled == 0
    assert at("0.48") == 100


async def test_a_market_that_resolves_hears_no_more_of_its_recording(tmp_path: Path) -> None:
    rows = [change(1002, "BID", "0.48", "150", BEST), change(1003, "BID", "0.47", "10", BEST)]
    emulator, flow, _ = await played(tmp_path, rows)
    emulator.desk.lifecycle.resolve(flow.books[0].listing, YES_WINS)
    written = emulator.exchange.ledger.written
    for row in flow.steps[2:]:
        flow.apply(row)
    assert flow.books[0].listing.book.orders == {}
    assert emulator.exchange.ledger.written == written
    assert flow.summary()["seeded"] == 2  # both when it opened
