"""The rules for an order at the moment its first byte leaves the bot, by what crossed the wire before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf

from attrs import define, field, frozen

from actors.model.limit_settings import LimitSettings
from actors.model.numbers import PRICE_ONE, format_price
from tests.faults.breach import shares, short
from tests.faults.case import Case
from tests.faults.markets import Listed
from tests.faults.posts import Post, Terms, read_terms

LATE_CLOSE = 20.0  # s after which the bot must have noticed that a market takes no more orders
_STORM, _STORM_WINDOW = 60, 10.0  # posts of one market in so many seconds that no strategy needs
_BEATS = 20.0  # s after which a missed heartbeat must have been noticed: four beats
_WAITING = 1.0  # s after a stall in which everything that waited in a socket has been read
_STAMPED = 0.001  # s: frames carry whole milliseconds
_EPSILON = 1e-6


@define(eq=False)
class Shown:
    """What one life of the bot has been shown so far, and when (s); `reads` by what was read, when it was asked.

    `books` is when the newest sight of a token's book was taken, by frame or REST; of `confirmed` a REST book is no
    part that differs from what the socket showed. Nobody ran from `stalled_from` to `stalled_at`. `down` are those of its shared actors that are down or not restored yet, and since when.
    """

    number: int = 0
    since: float = 0.0
    books: dict[str, float] = field(factory=dict)
    confirmed: dict[str, float] = field(factory=dict)
    stalled_from: float = -inf
    stalled_at: float = -inf
    reads: dict[str, float] = field(factory=dict)
    down: dict[str, float] = field(factory=dict)
    posts: int = 0


@frozen
class Window:
    """At most `most` posts in any `seconds`."""

    seconds: float
    most: int
    times: deque[float] = field(factory=deque)

    def add(self, now: float) -> int:
        """How many there are in the window that ends now."""
        self.times.append(now)
        while self.times[0] <= now - self.seconds:
            self.times.popleft()
        return len(self.times)


@define(eq=False)
class Wire:
    """Judges every post; `expired_at` is when the exchange last took the bot's heartbeat for missed."""

    case: Case
    journalled: Callable[[str], bool]
    stale: float
    limits: LimitSettings
    shown: Shown = field(factory=Shown)
    expired_at: float = -inf
    _rates: list[Window] = field(init=False)
    _storms: dict[str, Window] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._rates = self._windows()  # the clock may not run yet

    def begin(self, number: int) -> None:
        """A new life knows nothing yet, and its limits are full."""
        self.shown, self._rates = Shown(number, self.case.now), self._windows()
        self._storms.clear()

    def _windows(self) -> list[Window]:
        own = self.limits
        return [Window(w, int(own.order_burst + own.order_rate * w)) for w in (1.0, 10.0)]

    def framed(self, token: str, sent_at: float) -> None:
        """What waited through a stall is as old as its beginning (F24)."""
        shown, now = self.shown, self.case.now
        waited = now - shown.stalled_at < _WAITING and sent_at + _STAMPED < shown.stalled_at
        at = shown.stalled_from if waited else now
        for seen in (shown.books, shown.confirmed):
            seen[token] = max(seen.get(token, -inf), at)

    def booked(self, token: str, asked_at: float, *, equal: bool) -> None:
        for seen in (self.shown.books, self.shown.confirmed)[: 1 + equal]:
            seen[token] = max(seen.get(token, -inf), asked_at)

    def stalled(self, before: float) -> None:
        shown, now = self.shown, self.case.now
        again = before - shown.stalled_at < _WAITING
        shown.stalled_from, shown.stalled_at = shown.stalled_from if again else before, now
        shown.down = {actor: now if at >= before else at for actor, at in shown.down.items()}

    def read(self, what: str, asked_at: float) -> None:
        """Answers to questions of an earlier life count for nothing."""
        if asked_at >= self.shown.since - _EPSILON:
            self.shown.reads[what] = max(self.shown.reads.get(what, -inf), asked_at)

    def down(self, actor: str, life: int) -> None:
        """A shared actor has ended, or is to be restored first; of a former life it means nothing."""
        if life == self.shown.number:
            self.shown.down[actor] = self.case.now

    def up(self, actor: str, life: int) -> None:
        if life == self.shown.number:
            self.shown.down.pop(actor, None)

    def post(self, order_id: str, body: bytes, life: int) -> Post:
        """Judge it and remember it."""
        now, terms = self.case.now, read_terms(body)
        market = self.case.markets.by_token.get(terms.token) if terms else None
        post = Post(order_id, body, terms, market, life, now, market.tick if market else 0)
        self._recovered(post)
        self._served(post)
        if not self.journalled(order_id):
            self._tell("I2", "leaves although the journal does not hold it", post)
        known = self.case.posts.by_id.get(order_id)
        if known is not None:
            self._again(known, post)
        elif terms is not None:
            self._replaces(post, terms)
        self._rate(post)
        self._content(post)
        if known is None:
            self.case.posts.send(post)
        self.shown.posts += 1
        return post

    def _content(self, post: Post) -> None:
        if post.terms is None:
            self._tell("I16", "is no order that anybody could read", post)
        elif post.market is None:
            self._tell("I17", f"is for token {post.terms.token[:10]}…, which the exchange does not list", post)
        else:
            self._fresh(post, post.market, post.terms)
            self._accepting(post, post.market)
            self._regular(post, post.market, post.terms)

    def _tell(self, invariant: str, what: str, post: Post) -> None:
        self.case.evidence.tell(invariant, f"a post {what}", post.order_id)

    def _recovered(self, post: Post) -> None:
        """I13: first the venue's orders and trades are read, by this life; I18: and again after a missed heartbeat."""
        if post.life < self.shown.number:
            self._tell("I13", f"is sent by life {post.life}, which ended when life {self.shown.number} began", post)
        asked = {what: self.shown.reads.get(what, -inf) for what in ("orders", "trades")}
        missing = [what for what, at in asked.items() if at == -inf]
        if missing:
            began = f"{post.at - self.shown.since:.3f} s after this life of the bot began"
            self._tell("I13", f"leaves {began}, which has not read the account's {' and '.join(missing)} yet", post)
        elif post.at - self.expired_at > _BEATS and min(asked.values()) < self.expired_at:
            missed = f"{post.at - self.expired_at:.1f} s after the exchange missed the bot's heartbeat"
            self._tell("I18", f"leaves {missed}, and orders and trades have not been read since", post)

    def _served(self, post: Post) -> None:
        """I8: nothing new while an actor that orders depend on is down; what was let through in that very step is on its way."""
        late = {actor: post.at - at for actor, at in self.shown.down.items() if post.at - at > _EPSILON}
        if late:
            who = ", ".join(f"{actor} ({since:.3f} s)" for actor, since in sorted(late.items()))
            self._tell("I8", f"leaves while {who} is down or not restored yet", post)

    def _again(self, known: Post, post: Post) -> None:
        """I3: a resend is the same bytes, and only while nobody can know what became of the first."""
        first = f"at {known.at:.3f} s by life {known.life}"
        if known.body != post.body:
            self._tell("I3", f"carries an id that was used {first} for another order", post)
        elif known.refused or known.arrived or not known.may_arrive(post.at):
            fate = "refused" if known.refused else "at the exchange" if known.arrived else "written off"
            self._tell("I3", f"repeats the one sent {first}, which was {fate} by then", post)

    def _replaces(self, post: Post, terms: Terms) -> None:
        """I3: nothing new on a token's side while an order there may still arrive."""
        for other in self.case.posts.pending(post.at):
            same = other.terms is not None and (other.terms.token, other.terms.side) == (terms.token, terms.side)
            if same and other.in_doubt(post.at, self.shown.number):
                fate = "nobody answered" if other.status is None else f"the answer was HTTP {other.status}"
                first = f"order {short(other.order_id)} of {post.at - other.at:.1f} s ago may still arrive ({fate})"
                where = f"{terms.side} {self.case.markets.label(terms.token)}"
                self._tell("I3", f"is a new order on {where} while {first}", post)

    def _fresh(self, post: Post, market: Listed, terms: Terms) -> None:
        """Where REST stands in for the socket, its books need not equal anything, but only sales may leave on them."""
        books = self.shown.confirmed if terms.side == "BUY" else self.shown.books
        for token in market.tokens:
            age = post.at - books.get(token, -inf)
            if age > self.stale + _EPSILON:
                seen = f"was last confirmed {age:.3f} s before" if age < inf else "this life has never seen"
                self._tell("I10", f"leaves on a book of {self.case.markets.label(token)} that {seen}", post)

    def _accepting(self, post: Post, market: Listed) -> None:
        if market.closed_at is not None and post.at - market.closed_at > LATE_CLOSE:
            ago = f"{post.at - market.closed_at:.1f} s after it stopped taking orders"
            self._tell("I17", f"for {market.slug} leaves {ago}", post)

    def _regular(self, post: Post, market: Listed, terms: Terms) -> None:
        """Ticks are judged on arrival, where the current one is known."""
        if terms.price is None and not terms.immediate:
            self._tell("I16", f"asks for {shares(terms.size)} at a price finer than any tick", post)
        elif terms.price is not None and not 0 < terms.price < PRICE_ONE:
            self._tell("I16", f"asks for a price of {format_price(terms.price)}, which is not between 0 and 1", post)
        if terms.size < market.min_size:
            least = f"less than the minimum of {market.slug}, {shares(market.min_size)}"
            self._tell("I16", f"is for {shares(terms.size)}, {least}", post)

    def taken(self, market: str) -> None:
        """The exchange has taken an order there: what was sent before was no storm of refusals."""
        self._storms.pop(market, None)

    def _rate(self, post: Post) -> None:
        """I14 for the account, I7 for one market: no refusal is retried in a storm."""
        for window in self._rates:
            if (sent := window.add(post.at)) == window.most + 1:
                allowed = f"the limits allow {window.most}"
                self._tell("I14", f"is number {sent} within {window.seconds:g} s; {allowed}", post)
        if post.market is not None:
            storm = self._storms.setdefault(post.market.id, Window(_STORM_WINDOW, _STORM))
            if (sent := storm.add(post.at)) == _STORM + 1:
                self._tell("I7", f"is number {sent} for {post.market.slug} within {_STORM_WINDOW:g} s: a storm", post)
