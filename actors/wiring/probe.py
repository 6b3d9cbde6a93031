"""`doctor --probe`: one order of the smallest size, deep in the book and post-only, seen on the user channel, cancelled, proven gone.

It goes the way of every order: a durable intent before the first byte, and no answer is no refusal. Whatever fails once it
has left, it is cancelled by id until a read shows that it is gone, or named; and the venue ends it by itself soon, for
whoever is killed meanwhile. What the gateway would check is checked here: nothing else runs, so nobody else can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import trio
from attrs import define, field, frozen

from actors.messages import BookSnapshot, Draft, OrderUpdate, Signed
from actors.model.day import utc_text
from actors.model.limits import Caps, too_large
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import Price, Size, cost, format_cash, format_price, format_size
from actors.model.order import Key
from actors.model.outcome import Accepted, NeverSent, Placed, Rejected, Unread
from actors.model.settings import Settings
from actors.ports import Disconnected, JournalBroken
from actors.records import Intent, Note
from actors.wiring.examination import Examination, Row
from actors.wiring.grove import Generations
from actors.wiring.places import PlaceError, held
from actors.wiring.venue import Ports, PreflightFailed, UnknownMarkets, find_markets

_DEEP = 10  # ticks below the best bid, at least
_LASTS = 240  # s: a GTD order ends 60 s early, and must state 180 s at least when it arrives (polymarket.md §3.8)
_HEARD_WITHIN = 10.0  # s
# s between cancels: for as long as an order that nobody has answered for may still arrive (architecture.md §3)
_PAUSES = (0.0, 0.5, 1.0, 2.0, *[5.0] * 12)
_SEEN, _GONE = "probe seen", "probe gone"
_TAKEN = "another bot (process {pid}) trades this account: stop it first, one engine per account"


@define(eq=False)
class _Ear:
    """The user channel, as far as one order goes."""

    order_id: str
    connected: trio.Event = field(factory=trio.Event)
    heard: trio.Event = field(factory=trio.Event)
    lost: str = ""

    async def listen(self, ports: Ports) -> None:
        try:
            async with ports.user_channel.connect() as events:
                self.connected.set()
                async for batch in events:
                    if any(event.order_id == self.order_id for event in batch):
                        self.heard.set()
        except Disconnected as problem:
            self.lost = str(problem)
            self.connected.set()


@frozen
class _Deep:
    """An order that nobody should ever meet."""

    market: Market
    outcome: Outcome
    draft: Draft
    bid: Price

    def text(self) -> str:
        price, size = format_price(self.draft.price), format_size(self.draft.size)
        return (
            f"BUY {size} {self.outcome.value} at {price} in {self.market.slug}, where {format_price(self.bid)} is bid"
        )


@frozen
class _Verdict:
    """What one look says of the order: whether it can trade no more, and whether it has."""

    gone: bool
    why: str
    filled: bool = False


@frozen
class Probe:
    """Once, at the venue of `examination`; `stop` is set when somebody wants the end, and only makes it shorter."""

    examination: Examination
    stop: trio.Event

    async def rows(self) -> list[Row]:
        """One for each step; the last one says what became of the order, if one left."""
        live, places = self.examination.live, self.examination.places
        venue = await live.locate()
        account = f"{venue.host}-{live.address}"
        where = places.of_account(live.settings, account)
        try:
            with held(places.account_lock(account), _TAKEN):
                async with live.ports(venue, where, self.examination.hide, self.examination.seams) as ports:
                    return await self._probed(ports)
        except (PreflightFailed, UnknownMarkets, PlaceError, JournalBroken) as problem:
            return [("probe", False, f"no order was placed: {problem}")]

    async def _probed(self, ports: Ports) -> list[Row]:
        deep = await self._chosen(ports)
        signed = ports.trading.sign(deep.draft)
        await ports.journal.commit([await _intent(ports, deep, signed)])
        ear = _Ear(signed.order_id)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ear.listen, ports)
            with trio.move_on_after(_HEARD_WITHIN):
                await ear.connected.wait()
            placed = await ports.trading.place(signed)
            rows = [_placed(deep, signed, placed)]
            if isinstance(placed, Rejected | NeverSent):
                await self._close(ports, deep, signed)
            else:
                rows += [await self._seen(ear), await self._withdrawn(ports, deep, signed)]
            nursery.cancel_scope.cancel()
        return rows

    async def _chosen(self, ports: Ports) -> _Deep:
        """Of all tokens the one that is bid for highest, at one tick. Raises PreflightFailed."""
        settings = self.examination.live.settings
        markets = await find_markets(ports.public, [m.market for m in settings.markets])
        open_ = [market for market in markets if not market.unquotable(ports.wall())]
        books = await ports.public.books([token for market in open_ for token in market.tokens])
        if isinstance(books, Unread):
            raise PreflightFailed(f"the books could not be read: {books.why}; try again")
        best = max(_deep(open_, books, int(ports.wall()) + _LASTS), key=lambda deep: deep.bid, default=None)
        if best is None:
            raise PreflightFailed(
                f"no market has a bid {_DEEP} ticks above the lowest price: name another in `markets`"
            )
        return _within(settings, best)

    async def _seen(self, ear: _Ear) -> Row:
        async with trio.open_nursery() as nursery:
            for event in (ear.heard, self.stop):
                nursery.start_soon(_wait_for, event, nursery.cancel_scope)
            nursery.cancel_scope.deadline = trio.current_time() + _HEARD_WITHIN
        if ear.heard.is_set():
            return _SEEN, True, "the user channel has told of it"
        why = "you stopped it" if self.stop.is_set() else ear.lost or f"not within {_HEARD_WITHIN:g} s"
        return (
            _SEEN,
            False,
            f"the user channel has not told of it ({why}): fills would be noticed late; look at venue.user_ws_url",
        )

    async def _withdrawn(self, ports: Ports, deep: _Deep, signed: Signed) -> Row:
        """Cancelled until a read proves that it is gone. No answer proves anything, nor does one that knows no such order soon."""
        verdict = _Verdict(False, "it was never read")
        for pause in _PAUSES:
            await trio.sleep(pause)
            await ports.trading.cancel([signed.order_id])
            found = await ports.trading.order(signed.order_id)
            verdict = _verdict(signed.order_id, found, await ports.trading.open_orders())
            if verdict.gone and found is not None:
                break
        if not verdict.gone:
            ends = utc_text(deep.draft.expires - 60)
            how = f"cancel it on polymarket.com; the venue ends it at {ends}"
            return _GONE, False, f"order {signed.order_id} may be open ({verdict.why}): {how}"
        await self._close(ports, deep, signed)
        return _GONE, not verdict.filled, verdict.why

    async def _close(self, ports: Ports, deep: _Deep, signed: Signed) -> None:
        """It is over, so no later run has to look for it; one that is not told only looks in vain."""
        try:
            await ports.journal.commit([Note("closed", deep.market.slug, signed.order_id, ports.wall())])
        except JournalBroken:
            return


def _verdict(order_id: str, found: OrderUpdate | Unread | None, live: Sequence[OrderUpdate] | Unread) -> _Verdict:
    """By both reads: one of them alone may be older than the order."""
    for read in (found, live):
        if isinstance(read, Unread):
            return _Verdict(False, read.why)
    assert not isinstance(found, Unread)
    assert not isinstance(live, Unread)
    if order_id in {order.order_id for order in live} or (found is not None and found.status == "LIVE"):
        return _Verdict(False, "the venue still shows it as open")
    if found is None:
        return _Verdict(True, f"the venue has known no such order for {sum(_PAUSES):g} s: it never arrived")
    if found.matched:
        had = format_size(Size(found.matched))
        return _Verdict(True, f"it is over, but {had} shares were bought: they are yours to sell", True)
    return _Verdict(True, f"cancelled, and the venue shows it as {found.status} and among no open orders")


async def _wait_for(event: trio.Event, scope: trio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


def _deep(markets: Iterable[Market], books: Iterable[BookSnapshot], expires: int) -> list[_Deep]:
    bids = {book.token: max((price for price, _ in book.bids), default=0) for book in books}
    return [
        _Deep(market, outcome, _draft(market, outcome, expires), Price(bid))
        for market in markets
        for outcome in Outcome
        if (bid := bids.get(market.token(outcome), 0)) >= (1 + _DEEP) * market.tick
    ]


def _draft(market: Market, outcome: Outcome, expires: int) -> Draft:
    return Draft(
        token=market.token(outcome),
        neg_risk=market.neg_risk,
        side=Side.BUY,
        price=market.tick,
        size=market.min_size,
        type="GTD",
        post_only=True,
        expires=expires,
        tick=market.tick,
    )


def _within(settings: Settings, deep: _Deep) -> _Deep:
    """As every order it stays within the caps. Raises PreflightFailed."""
    price, size = Price(deep.draft.price), deep.market.min_size
    refusal = too_large(price, size, Caps.of(settings.risk))
    if refusal is not None:
        raise PreflightFailed(refusal.text())
    if cost(price, size) > settings.budget.per_market:
        raise PreflightFailed(f"it would cost {format_cash(cost(price, size))} pUSD, more than budget.per_market")
    return deep


async def _intent(ports: Ports, deep: _Deep, signed: Signed) -> Intent:
    draft, market = deep.draft, deep.market
    key = Key(Generations(await ports.journal.next_run())(), 1)
    return Intent.of(key, market.slug, market.condition_id, draft, signed, ports.wall())


def _placed(deep: _Deep, signed: Signed, placed: Placed) -> Row:
    what = "probe placed"
    match placed:
        case Accepted():
            return what, True, f"{deep.text()}: order {signed.order_id}"
        case Rejected():
            return what, False, f"{deep.text()}: the venue refuses it: {placed.text}"
        case NeverSent():
            return what, False, f"{deep.text()}: it was not sent: {placed.why}; try again"
    return what, False, f"{deep.text()}: whether order {signed.order_id} was taken is not known: {placed.why}"
