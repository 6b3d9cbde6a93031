"""What one tracker life has in hand, and how each letter changes it. No channel is written here."""

from __future__ import annotations

from collections import deque
from math import inf

from attrs import define, evolve, field
from loguru import logger

from actors.kernel.mailbox import Gap
from actors.market.blotter import Blotter
from actors.market.books import Books
from actors.market.closing import Closing, Custody
from actors.market.placing import Numbers, Refusals, Slot
from actors.market.stock import Stock
from actors.market.taking import Taking
from actors.market.terms import EXPLAINED, TermsDoubted
from actors.messages import (
    BooksRead,
    CancelOutcome,
    Fill,
    OrderUpdate,
    Outcome,
    QueryOutcome,
    Reconsider,
    Refused,
    Sent,
    Snapshot,
    SnapshotFailed,
)
from actors.model.book import Book
from actors.model.breaker import Caught
from actors.model.conversion import Conversion
from actors.model.governor import WINDOW, Governor
from actors.model.ledger import Position
from actors.model.market import Market, Side
from actors.model.numbers import format_price, format_size
from actors.model.order import Key, Settlement
from actors.model.outcome import Accepted, Cancelled, Fault, NeverSent, Rejected, Unknown, Unread
from actors.model.plan import Plan, yes_terms
from actors.model.quote import Quote, Targets
from actors.model.reason import Reason, Refusal
from actors.model.trading import Standing, Trading
from actors.shared.asides import Only, SetAside
from actors.shared.requests import SharesRead

_SELDOM = 600.0  # s
_FILLS = 30  # told to the quoter: more than come in before it looks again


@define(eq=False)
class Work:
    """`reconciling` until a snapshot answers the last doubt; `known` once the first one has: until then the ledger is empty
    and says nothing, not that nothing is held. `market` is on its newest terms."""

    blotter: Blotter
    numbers: Numbers
    governor: Governor
    market: Market = field(init=False)
    stock: Stock = field(init=False)
    taking: Taking = field(init=False)
    refusals: Refusals = field(factory=Refusals)
    targets: Targets | None = None
    book: Book | None = None
    trading: Trading = Trading.PAUSED
    ordered: str = ""
    closing: Closing | None = None
    custody: bool = False
    reconciling: bool = True
    recalled: bool = False
    known: bool = False
    told_ready: bool = False
    doubted_at: float = -inf
    unsure_since: float = -inf
    read_at: float = -inf
    answered_at: float = -inf
    leaving_since: float | None = None
    fetched_at: float = -inf
    progress_at: float = -inf
    held_told: dict[Reason, float] = field(factory=dict)
    dirty: bool = True
    notes: list[tuple[str, str]] = field(factory=list)
    doubted: list[TermsDoubted] = field(factory=list)
    caught: list[Caught] = field(factory=list)
    fills: deque[Caught] = field(factory=lambda: deque(maxlen=_FILLS))
    asides: list[SetAside] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.market = self.blotter.market
        self.stock = Stock(self.market, self.blotter.foreign)
        self.taking = Taking.of(self.numbers.generation)

    @property
    def position(self) -> Position:
        """By the trades, with what of it cannot be sold."""
        return self.stock.over(self.blotter.ledger.position)

    @property
    def leaving(self) -> bool:
        """Whether what is held is to be sold."""
        closing = self.closing is not None and self.closing.sells(self.trading)
        return self.trading is Trading.FLATTENING or closing

    @property
    def ending(self) -> bool:
        """Whether the run ends: then nothing is begun that it would not see the end of."""
        return self.closing is not None and not self.closing.dropped

    @property
    def may_quote(self) -> bool:
        """Whether targets count at all; a fresh book and a valid lease come on top."""
        quotes = self.trading in (Trading.RUNNING, Trading.REDUCING)
        return quotes and not (self.custody or self.closing is not None)

    @property
    def may_open(self) -> bool:
        """Whether more than sales of what is held may be quoted; a book that REST delivers is good for those alone."""
        return self.trading is Trading.RUNNING and self.book is not None and not self.book.rest

    @property
    def decided_anew(self) -> bool:
        """Whether the targets know of every trade: before, what a fill has taken is not replaced."""
        return self.targets is not None and self.targets.trades == self.position.trades

    def govern(self, change: Plan, wanted: tuple[Quote, ...], now: float) -> Plan:
        """What of the change may happen now; what is held back is shown."""
        shown = self.governor.held
        change = self.governor.govern(change, wanted, self.blotter.open, now)
        self.dirty |= self.governor.held != shown
        self._tell_held(now)
        return change

    def _tell_held(self, now: float) -> None:
        """That a market has moved its orders too often, once a minute; seldom that one waits for a second, as they do."""
        held = self.governor.held
        if held is None or now < self.held_told.get(held.reason, -inf):
            return
        churn = held.reason is Reason.CHURN
        self.held_told[held.reason], self.dirty = now + (WINDOW if churn else _SELDOM), True
        logger.log("WARNING" if churn else "DEBUG", "{}: {}", self.blotter.market.slug, held.text())
        self.note("refused", f"{held.code}: {held.text()}")

    def take(self, letter: object, now: float) -> None:
        """Apply one letter."""
        match letter:
            case Targets():
                self.targets = letter
            case Book():
                self.book = letter
            case BooksRead():
                self._read_book(letter)
            case _:
                self.dirty = True
                self._take_news(letter, now)

    def _take_news(self, letter: object, now: float) -> None:
        """A letter that changes what is published."""
        match letter:
            case Standing():
                self.trading, self.ordered = letter.trading, letter.why
            case Market():
                self.market, self.blotter.ledger.fees = letter, letter.fees
                self.refusals.lift(Reason.SIGNATURE_REFUSED)
            case Closing():
                self._close(letter, now)
            case Custody():
                self.custody = letter.on
            case Gap() | Reconsider():
                self.doubt(letter.why, now)
            case Fill() if letter.token not in self.blotter.market.tokens:
                logger.error("{}: a fill of a token that is not ours: {}", self.blotter.market.slug, letter)
            case Fill():
                if self.blotter.fill(letter):
                    self._tell_fill(letter, now)
            case OrderUpdate():
                self.blotter.update(letter, now)
            case SetAside():
                self.asides.append(letter)
            case Conversion():
                self.convert(letter)
            case Only(keys):
                for unsent in self.blotter.ledger.converting:
                    if unsent.key not in keys:
                        self.convert(evolve(unsent, settlement=Settlement.FAILED))
            case _:
                self._answer(letter, now)

    def _close(self, closing: Closing, now: float) -> None:
        """Before it is claimed that nothing is held, the trades are read once more: the user channel may have dropped some,
        and trades of others with this account come by no other way."""
        begins = self.closing is None or self.closing.dropped > closing.dropped
        self.closing = closing if closing.on else None
        if closing.on and closing.positions and begins:
            self.doubt("the market is left", now)

    def _tell_fill(self, fill: Fill, now: float) -> None:
        """To the journal always; to the log when it is new or void."""
        slug, outcome = self.blotter.market.slug, self.blotter.market.outcome(fill.token).value
        done = f"{fill.side.value} {format_size(fill.size)} {outcome} at {format_price(fill.price)}"
        self.note("fill", f"{fill.settlement.value} {done} trade {fill.trade_id} order {fill.order_id}")
        if fill.settlement is not Settlement.FAILED:
            bid, price = yes_terms(self.blotter.market.outcome(fill.token), fill.side, fill.price)
            caught = Caught(f"{fill.trade_id} {fill.order_id}", bid, price, fill.size, now)
            self.caught.append(caught)
            if all(known.trade != caught.trade for known in self.fills):
                self.fills.append(caught)
        if fill.settlement is Settlement.MATCHED:
            logger.info("{}: {}{}", slug, done, " as taker" if fill.taker else "")
        elif fill.settlement is Settlement.FAILED:
            logger.warning("{}: reversed, its settlement failed: {}", slug, done)

    def convert(self, conversion: Conversion) -> None:
        """A conversion was set aside, or stands like this by now."""
        if self.blotter.ledger.convert(conversion):
            self.dirty = True
            did = f"{conversion.settlement.value} {conversion.kind.value} {format_size(abs(conversion.yes))} YES"
            self.note("conversion", f"{did} {format_size(abs(conversion.no))} NO key {conversion.key}")

    def note(self, kind: str, text: str) -> None:
        """Remember something for the journal; the tracker passes it on."""
        self.notes.append((kind, text))

    def refuse(self, slot: Slot, refusal: Refusal, now: float, result: Rejected | None = None) -> None:
        """Remember why an order was not placed, for a pause; told when it is news."""
        if self.refusals.note(slot, refusal, now, result):
            slug, side = self.blotter.market.slug, f"{slot[1].value} {slot[0].value}"
            logger.log("DEBUG" if result is not None else "INFO", "{}: no {}: {}", slug, side, refusal.text())
            self.note("refused", f"{refusal.code}: {side}: {refusal.text()}")

    def doubt(self, why: str, now: float) -> None:
        """Something may have passed unseen: place nothing until a snapshot read after now."""
        logger.debug("{}: reconciling: {}", self.blotter.market.slug, why)
        self.unsure_since = self.unsure_since if self.reconciling else now
        self.reconciling = True
        self.doubted_at = now
        self.read_at = -inf

    def _read_book(self, read: BooksRead) -> None:
        """Use a REST book where no feed runs, as in a parked market that is being left."""
        books = Books(self.market)
        if not isinstance(read.books, Unread) and books.install(read.books, read.asked_at):
            self.book = books.book()

    def _answer(self, letter: object, now: float) -> None:
        """What the gateway answers."""
        match letter:
            case Sent():
                self.blotter.sent(letter.key, letter.order_id, now)
                self.taking.sent(letter.key, letter.order_id)
            case Refused():
                self._refuse(letter.key, Refusal(Reason[letter.why.upper()]), now)
                self.blotter.drop(letter.key)
            case Outcome():
                self._outcome(letter, now)
            case CancelOutcome():
                self._cancel(letter, now)
            case QueryOutcome():
                self._query(letter, now)
            case Snapshot():
                self.blotter.snapshot(letter.orders, letter.fills, letter.asked_at, now)
                self.answered_at = max(self.answered_at, letter.asked_at)
                if letter.asked_at >= self.doubted_at and self.recalled:
                    self.reconciling, self.known = False, True
            case SharesRead():
                self._count_shares(letter, now)
            case SnapshotFailed():
                logger.warning("{}: reconcile failed: {}", self.blotter.market.slug, letter.why)

    def _outcome(self, heard: Outcome, now: float) -> None:
        result = heard.result
        self.note("outcome", f"{heard.key.generation}/{heard.key.counter} {result}")
        match result:
            case Rejected():
                self._doubt_terms(heard.key, result)
                reason = Reason.SIGNATURE_REFUSED if result.fault is Fault.VERSION else Reason.VENUE_REFUSED
                refusal = Refusal(reason, (("venue", result.text[:200]),))
                self._refuse(heard.key, refusal, now, result)
            case NeverSent() | Unknown():
                logger.warning("{}: order {}: {}", self.blotter.market.slug, type(result).__name__, result.why)
                self._refuse(heard.key, Refusal(Reason.VENUE_REFUSED, (("no answer", result.why[:200]),)), now)
            case Accepted():
                self._clear(heard.key)
        self.blotter.outcome(heard.key, result, now)

    def _count_shares(self, heard: SharesRead, now: float) -> None:
        if isinstance(heard.balance, Unread):
            self.stock.unread(heard.token, now)
        elif told := self.stock.read(heard.token, heard.balance, heard.asked_at, now, self.blotter.ledger):
            logger.warning("{}: {}", self.blotter.market.slug, told)
            self.note("balance", told)

    def _cancel(self, heard: CancelOutcome, now: float) -> None:
        refused: dict[str, str] = {}
        if isinstance(heard.result, Cancelled):
            for order_id in heard.result.done:
                self.blotter.cancelled(order_id, now)
            refused = dict(heard.result.refused)
        for order_id in set(heard.order_ids) - set(getattr(heard.result, "done", ())):
            logger.debug("cancel of {} refused: {}", order_id, refused.get(order_id, "no answer"))
            self.blotter.cancel_refused(order_id, now)

    def _query(self, heard: QueryOutcome, now: float) -> None:
        if isinstance(heard.result, OrderUpdate):
            self.blotter.update(heard.result, now)
        elif isinstance(heard.result, Unread):
            self.blotter.unread(heard.order_id, now)
        else:
            self.blotter.not_found(heard.order_id, heard.asked_at, now)

    def _refuse(self, key: Key, refusal: Refusal, now: float, result: Rejected | None = None) -> None:
        self.taking.told(key, refusal)
        order = self.blotter.orders.get(key)
        if order is not None:
            logger.debug("{}: {}: {}", self.blotter.market.slug, key, refusal.text())
            self.refuse((order.outcome, order.side), refusal, now, result)
            if result is not None and result.fault is Fault.BALANCE and order.side is Side.SELL:
                self.stock.doubt(order.outcome, now)

    def _doubt_terms(self, key: Key, result: Rejected) -> None:
        """What outdated terms would explain is for the feed to find out; the tracker passes it on."""
        if result.fault in EXPLAINED and (order := self.blotter.orders.get(key)) is not None:
            self.doubted.append(TermsDoubted(result.fault, result.text, order.placed_at))

    def _clear(self, key: Key) -> None:
        order = self.blotter.orders.get(key)
        if order is not None:
            self.refusals.clear((order.outcome, order.side))
