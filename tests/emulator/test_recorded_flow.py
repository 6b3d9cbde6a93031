"""Recorded flow: the recording's best prices at every row, the bot's book at every frame, clients in their turn."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest
import trio
from attrs import define
from trio.testing import MockClock

from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, format_size
from adapters.emulator.accounts import FUNDED
from adapters.emulator.emulator import Emulator
from adapters.emulator.events import BookTraded, Event
from adapters.emulator.flow_choice import UnknownFlow, choose
from adapters.emulator.ledger import Ledger
from adapters.emulator.recorded_flow import RecordedFlow
from adapters.emulator.recorded_prints import in_order_of_cause
from adapters.emulator.recorded_rows import BadRecording, Row, read_recording
from adapters.emulator.tickets import Ticket
from adapters.matching import Order
from tests.emulator.harness import open_venue, virtual_wall
from tests.emulator.ledger_reader import read_ledger
from tests.emulator.recordings import TOKENS, BotEar, Cells, Columns, change, opened, session, shared, trade, write

BEST = ("0.48", "0.5")
OPENING = [change(1000, "BID", "0.48", "100", BEST), change(1001, "ASK", "0.5", "100", BEST)]


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
    _, flow = opened(made_up, virtual_wall())
    columns = Columns()
    for row in flow.steps:
        columns.play(flow, row)
    assert columns.counts["rows"] > 7_000
    assert columns.counts["better"] == 0
    assert columns.share("equal") == 1.0
    assert flow.summary()["pruned"]
    assert flow.summary()["seeded"]


async def test_the_books_best_is_the_recorded_best_at_every_row_of_the_shared_recording(recording: Path) -> None:
    _, flow = opened(recording, virtual_wall())
    columns = Columns()
    for row in flow.steps:
        columns.play(flow, row)
    print(columns.counts, flow.summary())
    assert columns.counts["rows"] == 150_909
    assert columns.counts["better"] == 0
    assert columns.share("agreed") >= 0.985
    assert columns.share("known_agreed", "known") >= 0.999
    assert columns.share("equal") == 1.0


async def test_the_bots_book_is_the_emulators_at_every_frame_of_a_made_up_session(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    ear = BotEar(emulator)
    ear.listen()
    for row in flow.steps:
        flow.apply(row)
    assert ear.frames > 3_000
    assert (ear.equal, ear.troubles, ear.reader.oddities) == (ear.frames, [], {})


async def test_the_bots_book_is_the_emulators_at_every_frame_of_the_shared_recording(recording: Path) -> None:
    """A slice; the bench `exchange_recording` compares all of it."""
    emulator, flow = opened(recording, virtual_wall())
    ear = BotEar(emulator)
    ear.listen()
    for row in islice(flow.steps, 16_000):
        flow.apply(row)
    assert ear.frames > 6_000
    assert (ear.equal, ear.troubles, ear.reader.oddities) == (ear.frames, [], {})


# ── clients among them ────────────────────────────────────────────────────────────────────────────────────────────


_NUMBERS = count()


@define(eq=False)
class Client:
    """A resting order of a client, and a model of its queue that knows only rows and displayed sizes."""

    emulator: Emulator
    ticket: Ticket
    ahead: int

    @classmethod
    def join(cls, emulator: Emulator, flow: RecordedFlow, market: int, bids: bool, price: int, size: int) -> Client:
        book = flow.books[market]
        side = book.listing.book.bids if bids else book.listing.book.asks
        ahead = side.size_at(price)
        account = emulator.exchange.accounts.open(FUNDED[0].address)
        made = Order(
            f"client-{next(_NUMBERS)}",
            account.address.lower(),
            Outcome.YES,
            Side.BUY if bids else Side.SELL,
            price,
            size,
            post_only=True,
        )
        ticket = Ticket(made, account, "key", book.listing, 0.0)
        result, _ = emulator.exchange.submit(ticket)
        assert result.rested
        return cls(emulator, ticket, ahead)

    @property
    def filled(self) -> int:
        return self.ticket.matched

    def expects(self, row: Row) -> int:
        """What a print should bring it; called before the row is played. Moves up in the queue."""
        order = self.ticket.order
        bids, price = order.bids, order.price
        if row.trade and row.bids is not bids and (row.price <= price if bids else row.price >= price):
            ladder = self.ticket.listing.book.bids if bids else self.ticket.listing.book.asks
            better = sum(ladder.size_at(p) for p in ladder.prices if (p > price if bids else p < price))
            arrives = max(row.size - better, 0)
            mine = min(max(arrives - self.ahead, 0), self.ticket.remaining)
            self.ahead = max(self.ahead - arrives, 0)
            return mine
        if not row.trade and (row.bids, row.price) == (bids, price):
            self.ahead = min(self.ahead, row.size)
        if not row.trade and (row.best_bid < price if bids else row.best_ask > price):
            self.ahead = 0  # the venue's best is worse: nobody of the recording is left at this price
        return 0

    def crossed_by(self, row: Row) -> bool:
        """Does the row say that somebody now offers (bids) at its price or better?"""
        order = self.ticket.order
        other = row.best_ask if order.bids else row.best_bid
        return not row.trade and (other <= order.price if order.bids else other >= order.price)


def watch(emulator: Emulator, flow: RecordedFlow, *, every: int, rows: int) -> tuple[int, int, int]:
    """Play with a client in each market that joins the best bid or ask again and again, and leaves after a while.

    (joined, filled by prints, filled by crosses)
    """
    rng, clients, joined, printed, crossed = Random(5), dict[int, Client](), 0, 0, 0
    for number, row in enumerate(islice(flow.steps, rows)):
        if number % (40 * every) == 0:
            for tired in clients.values():
                emulator.exchange.cancel(tired.ticket, "tired of waiting")
            clients.clear()
        client = clients.get(row.market)
        if client is None and number % every == 0 and None not in flow.books[row.market].listing.book.best(Outcome.YES):
            bids = rng.random() < 0.5
            ladder = flow.books[row.market].listing.book
            price = ladder.bids.best if bids else ladder.asks.best
            assert price is not None
            client = clients[row.market] = Client.join(emulator, flow, row.market, bids, price, 20 * SHARE)
            joined += 1
        before, expected = (client.filled, client.expects(row)) if client else (0, 0)
        flow.apply(row)
        if client is None:
            continue
        got = client.filled - before
        if row.trade:
            assert got == expected, f"row {number}"
            printed += got
        elif got:
            assert client.crossed_by(row), f"row {number}"
            crossed += got
        if not client.ticket.remaining:
            del clients[row.market]
    return joined, printed, crossed


async def test_a_clients_order_is_filled_by_prints_after_what_stood_before_it_and_by_crosses(made_up: Path) -> None:
    emulator, flow = opened(made_up, virtual_wall())
    joined, printed, crossed = watch(emulator, flow, every=3, rows=10_000)
    assert joined > 20
    assert printed
    assert crossed


async def test_the_same_holds_over_the_shared_recording(recording: Path) -> None:
    emulator, flow = opened(recording, virtual_wall())
    joined, printed, crossed = watch(emulator, flow, every=100, rows=80_000)
    print(
        f"{joined} orders of 20 shares joined the best: {format_size(printed)} filled by prints, {format_size(crossed)} by crosses"
    )
    assert joined > 20
    assert printed


async def played(folder: Path, rows: list[Cells]) -> tuple[Emulator, RecordedFlow, Callable[[str], int]]:
    """A one-market recording, its opening played; the function tells what rests at a YES price, clients included."""
    emulator, flow = opened(write(folder, [*OPENING, *rows]), virtual_wall())
    for row in flow.steps[:2]:
        flow.apply(row)
    book = flow.books[0].listing.book

    def at(price: str) -> int:
        units = round(float(price) * 10_000)
        return (book.bids.size_at(units) + book.asks.size_at(units)) // SHARE

    return emulator, flow, at


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


# ── prints and their causes ───────────────────────────────────────────────────────────────────────────────────────


def steps(folder: Path, rows: list[Cells]) -> list[tuple[bool, int]]:
    ordered = in_order_of_cause(read_recording(write(folder, [*OPENING, *rows])).rows)
    return [(row.trade, row.size // SHARE) for row in ordered[2:]]


def test_a_print_moves_in_front_of_the_shrink_it_caused(tmp_path: Path) -> None:
    rows = [
        change(1100, "ASK", "0.5", "70", BEST),
        change(1110, "ASK", "0.5", "60", BEST),
        trade(1120, "BID", "0.5", "30"),
    ]
    assert steps(tmp_path, rows) == [(True, 30), (False, 70), (False, 60)]


def test_a_print_without_a_shrink_or_long_after_it_stays_where_it_is(tmp_path: Path) -> None:
    rows = [change(1100, "ASK", "0.5", "70", BEST), trade(1351, "BID", "0.5", "30"), trade(1360, "ASK", "0.48", "5")]
    assert steps(tmp_path, rows) == [(False, 70), (True, 30), (True, 5)]


def test_two_prints_share_one_shrink(tmp_path: Path) -> None:
    rows = [
        change(1100, "ASK", "0.5", "60", BEST),
        trade(1120, "BID", "0.5", "30"),
        trade(1121, "BID", "0.5", "10"),
        trade(1122, "BID", "0.5", "10"),
    ]
    assert steps(tmp_path, rows) == [(True, 30), (True, 10), (False, 60), (True, 10)]


async def test_every_print_is_traded_once_and_what_the_book_cannot_meet_is_counted(tmp_path: Path) -> None:
    rows = [change(1100, "ASK", "0.5", "70", BEST), trade(1120, "BID", "0.5", "30"), trade(1500, "BID", "0.5", "90")]
    ledger = tmp_path / "ledger"
    emulator, flow = opened(
        write(tmp_path, [*OPENING, *rows]), virtual_wall(), ledger=Ledger.to(ledger, virtual_wall())
    )
    for row in flow.steps:
        flow.apply(row)
    emulator.exchange.ledger.close()
    traded = [event.line["taker"]["size"] for event in read_ledger(ledger) if event.kind == "trade"]
    assert traded == ["30", "70"]
    assert flow.summary() == {"rows": 5, "prints": 2, "rounds": 0, "pruned": 0, "seeded": 2, "unmet_shares": "20"}


# ── time, rounds, names ───────────────────────────────────────────────────────────────────────────────────────────


async def test_rows_come_at_their_own_pace_or_faster_and_the_last_orders_stay(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = write(
        tmp_path, [*OPENING, change(11_000, "BID", "0.47", "9", BEST), change(10_000, "BID", "0.46", "9", BEST)]
    )
    for speed, seconds in ((1.0, 10.0), (4.0, 2.5)):
        async with open_venue(flow=str(path), speed=speed) as venue:
            flow = venue.emulator.flow
            assert isinstance(flow, RecordedFlow)
            await trio.sleep(seconds - 0.1)
            assert flow.rows == 2
            await trio.sleep(0.2)
            assert (flow.rows, flow.rounds) == (4, 1)
            await trio.sleep(3600)
            assert flow.rows == 4
            assert venue.listings[0].book.bids.size_at(4800) == 100 * SHARE
            assert venue.listings[0].accepting


async def test_a_looped_recording_begins_again_with_an_empty_book_but_for_its_clients(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = write(tmp_path, [*OPENING, change(11_000, "BID", "0.47", "9", BEST)])
    async with open_venue(flow=str(path), loop=True) as venue:
        flow = venue.emulator.flow
        assert isinstance(flow, RecordedFlow)
        await trio.sleep(5)
        Client.join(venue.emulator, flow, 0, True, 4500, 20 * SHARE)
        await trio.sleep(10)
        assert (flow.rounds, flow.rows) == (1, 5)
        assert venue.listings[0].book.bids.prices == [4500, 4800]


def test_markets_are_named_by_the_file_or_made_up_the_same_way_each_time(tmp_path: Path) -> None:
    named = {"tokens": TOKENS[1], "slug": "cup-final", "condition_id": f"0x{7:064x}"}
    rows = [*OPENING, change(1002, "BID", "0.485", "5", ("0.485", "0.5"), TOKENS[1][0])]
    path = write(tmp_path, rows, [TOKENS[0], named])
    first, second = (choose(str(path)).listings(seed).all for seed in (1, 2))
    assert [one.market.slug for one in first] == ["recorded-1", "cup-final"]
    assert first[1].market.condition_id == f"0x{7:064x}"
    assert [one.market.tick for one in first] == [100, 50]
    assert [one.market for one in first] == [one.market for one in second]
    assert {one.version for one in first} == {"v1"}


# ── bad files ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (change(1, "BID", "1.2", "5", BEST), "row 4, column price: '1.2' is not a price between 0 and 1"),
        (change(1, "BID", "0", "5", BEST), "row 4, column price: '0' is not between 0 and 1"),
        (change(1, "BID", "0.5", "-5", BEST), "row 4, column size: '-5' is not a plain decimal number"),
        (change(1, "BUY", "0.5", "5", BEST), "row 4, column side: 'BUY' is neither BID nor ASK"),
        (change(1, "BID", "0.5", "5", BEST, "99"), "row 4, column asset_id: '99' is in no pair"),
        (change(1, "BID", "0.5", "5", ("x", "0.5")), "row 4, column best_bid: 'x' is not a plain decimal number"),
        (trade(1, "BID", "0.5", "0"), "row 4, column size: a print needs more than 0"),
        (("soon", *OPENING[0][1:]), "row 4, column ts_ms: 'soon' is no time in milliseconds"),
        ((1, "TRADE", *OPENING[0][2:]), "row 4, column event: 'TRADE' is neither PRICE_CHANGE nor LAST_TRADE"),
        ((1, "PRICE_CHANGE"), "row 4: has fewer columns than the header"),
    ],
)
def test_a_bad_row_is_refused_by_its_number_and_column(tmp_path: Path, row: Cells, told: str) -> None:
    path = write(tmp_path, [*OPENING, row])
    with pytest.raises(BadRecording) as refusal:
        read_recording(path)
    assert str(refusal.value) == f"{path}: {told}"


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    whole = path.read_bytes()
    for broken, told in (
        (whole[:-9], "cannot be read"),
        (b"no gzip", "cannot be read"),
        (gzip.compress(b"ts_ms,event\n1,2\n"), "row 1: lacks the column asset_id"),
        (gzip.compress(whole), "cannot be read"),
        (gzip.compress(gzip.decompress(whole).splitlines()[0]), "holds no rows"),
    ):
        path.write_bytes(broken)
        with pytest.raises(BadRecording, match=told):
            read_recording(path)


@pytest.mark.parametrize("pairs", [[], [["1", "1"]], [["1"]], ["12"], [["x", "y"]], None, [{"slug": "x"}], "ab"])
def test_bad_pairs_are_refused(tmp_path: Path, pairs: object) -> None:
    with pytest.raises(BadRecording, match=r"made_up_pairs\.json: must"):
        read_recording(write(tmp_path, OPENING, pairs))


def test_a_recording_without_its_pairs_or_an_unknown_name_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    path.with_name("made_up_pairs.json").unlink()
    with pytest.raises(BadRecording, match="must name the token pairs"):
        choose(str(path))
    with pytest.raises(UnknownFlow, match="neither one of demo, quiet"):
        choose("bussy")


def test_a_plain_csv_is_read_as_well(tmp_path: Path) -> None:
    path = write(tmp_path, OPENING)
    plain = tmp_path / "made_up.csv"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert read_recording(plain).rows == read_recording(path).rows
