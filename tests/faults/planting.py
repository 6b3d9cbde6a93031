"""How each planted bug is put into the running program: a patch of the few lines that are its opposite.

A patch replaces a method or a constant of the real code, so a bug that is planted here is one that an edit could make.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, Protocol

from attrs import evolve

from actors.ending import Ending, Exit
from actors.kernel.restarts import CrashLog
from actors.market import blotter as blotter_module
from actors.market import tracker as tracker_module
from actors.market.blotter import Blotter
from actors.market.stock import Stock
from actors.market.tracker import Tracker
from actors.market.tree import Tree
from actors.market.work import Work
from actors.messages import BookSnapshot, Draft, Fill, Place, Signed
from actors.model import plan as plan_module
from actors.model.book import Book
from actors.model.booked import Booked
from actors.model.ledger import Ledger
from actors.model.numbers import Cash, cost
from actors.model.order import Key
from actors.model.outcome import Fault, NeverSent, Placed, Rejected, Unknown
from actors.model.rates import Lane
from actors.shared.account import Account
from actors.shared.admission import Admission
from actors.shared.heartbeat import Heartbeat, _Pulse
from actors.shared.limiter import Limiter
from actors.shared.posts import Posts
from actors.shared.requests import CancelAll
from actors.shutdown import Leaving
from adapters.polymarket import lanes as lanes_module
from adapters.polymarket import placement as placement_module
from adapters.polymarket import rest as rest_module
from adapters.polymarket.auth import Requests
from adapters.polymarket.rest import RestTrading


class Patch(Protocol):
    """pytest's MonkeyPatch, as far as it is needed."""

    def setattr(self, target: object, name: str, value: object) -> None: ...


# ── orders of unknown fate ────────────────────────────────────────────────────────────────────────────────────────


def timeout_is_dead(patch: Patch) -> None:
    honest = Blotter.outcome

    def outcome(self: Blotter, key: Key, result: Placed, now: float) -> None:
        honest(self, key, NeverSent(result.why) if isinstance(result, Unknown) else result, now)

    patch.setattr(Blotter, "outcome", outcome)


def not_found_is_dead(patch: Patch) -> None:
    patch.setattr(blotter_module, "T_LATE", -1.0)


def engine_down_is_refused(patch: Patch) -> None:
    honest = placement_module.placement

    def placement(order_id: str, status: int, headers: Any, body: bytes) -> Placed:  # noqa: ANN401
        return Rejected(Fault.PAUSED, "425") if status == 425 else honest(order_id, status, headers, body)

    patch.setattr(rest_module, "placement", placement)
    patch.setattr(placement_module, "placement", placement)


def retry_signs_again(patch: Patch) -> None:
    honest = Posts._send
    drafts: dict[str, Draft] = {}
    signed_by = Posts._signed

    def signed(self: Posts, places: Sequence[Place]) -> list[tuple[Place, Signed]]:
        made = signed_by(self, places)
        drafts.update({order.order_id: place.draft for place, order in made})
        return made

    async def send(self: Posts, orders: Sequence[Signed]) -> Sequence[Placed]:
        results = await honest(self, orders)
        again = [
            self.venue.sign(drafts[order.order_id])
            for order, result in zip(orders, results, strict=True)
            if isinstance(result, Unknown)
        ]
        if again:
            await honest(self, again)
        return results

    patch.setattr(Posts, "_signed", signed)
    patch.setattr(Posts, "_send", send)


# ── journal and restarts ──────────────────────────────────────────────────────────────────────────────────────────


def send_before_journal(patch: Patch) -> None:
    honest = Posts._signed

    async def prepared(self: Posts, places: Sequence[Place]) -> list[tuple[Place, Signed]]:
        return honest(self, places)

    async def send(self: Posts, orders: Sequence[Signed]) -> Sequence[Placed]:
        return [await self.venue.place(order) for order in orders]

    patch.setattr(Posts, "_prepared", prepared)
    patch.setattr(Posts, "_send", send)


def no_recovery(patch: Patch) -> None:
    patch.setattr(Blotter, "adopt", lambda self, order: None)


def keys_repeat_after_a_restart(patch: Patch) -> None:
    from adapters.sqlite import SqliteJournal

    async def next_run(self: SqliteJournal) -> int:
        return 1

    patch.setattr(SqliteJournal, "next_run", next_run)


def restart_without_back_off(patch: Patch) -> None:
    patch.setattr(CrashLog, "pause_after", lambda self, now: 0.0)


# ── fills ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def a_repeat_counts_again(patch: Patch) -> None:
    honest, seen = Ledger.book, [0]

    def book(self: Ledger, fill: Booked) -> bool:
        seen[0] += 1
        known = (fill.trade_id, fill.order_id) in self._fills
        return honest(self, evolve(fill, trade_id=f"{fill.trade_id}/{seen[0]}") if known else fill)

    patch.setattr(Ledger, "book", book)


def a_failed_trade_stays(patch: Patch) -> None:
    patch.setattr(Ledger, "_void", lambda self, fill: None)


def fills_by_asset(patch: Patch) -> None:
    from adapters.polymarket import user_frames
    from adapters.polymarket.wire import decode
    from adapters.polymarket.wire_account import Owner, WireTrade
    from adapters.polymarket.wire_account import fills as honest

    def fills(body: Any, us: Owner) -> tuple[Fill, ...]:  # noqa: ANN401
        traded = decode(body, WireTrade).asset_id
        return tuple(fill for fill in honest(body, us) if fill.token == traded)

    patch.setattr(rest_module, "fills", fills)
    patch.setattr(user_frames, "fills", fills)


def reconcile_reads_no_trades(patch: Patch) -> None:
    async def trades(self: RestTrading, condition_id: str | None = None, after: float = 0.0) -> tuple[()]:
        return ()

    patch.setattr(RestTrading, "trades", trades)


# ── money ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def cancelling_orders_hold_no_money(patch: Patch) -> None:
    def reserved(self: Blotter) -> dict[Key, Cash]:
        return {
            key: Cash(0) if order.cancel_sent_at is not None else cost(order.price, order.at_risk)
            for key, order in self.orders.items()
            if order.side.value == "BUY"
        }

    patch.setattr(Blotter, "reserved", reserved)


def self_cross_via_the_complement(patch: Patch) -> None:
    honest = plan_module.self_trades

    def self_trades(quote: Any, order: Any) -> bool:  # noqa: ANN401
        return quote.outcome is order.outcome and honest(quote, order)

    patch.setattr(plan_module, "self_trades", self_trades)
    patch.setattr(plan_module, "_slot", lambda order: (order.key, order.side))


# ── books ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def quote_on_a_stale_book(patch: Patch) -> None:
    patch.setattr(Book, "age", lambda self, now: 0.0)
    patch.setattr(Tracker, "_good_until", lambda self, work: inf)


def ignore_the_epoch(patch: Patch) -> None:
    from actors.market.books import Books

    def retick(self: Books, tick: int, at: float, *, firm: float) -> None:
        return None

    patch.setattr(Books, "_retick", retick)


def any_book_confirms(patch: Patch) -> None:
    from actors.market.books import Books

    def confirm(self: Books, books: Sequence[BookSnapshot], asked_at: float) -> bool:
        self._heard = {outcome: max(at, asked_at) for outcome, at in self._heard.items()}
        return True

    patch.setattr(Books, "confirm", confirm)


def stalls_are_not_noticed(patch: Patch) -> None:
    from actors.market.books import Books

    patch.setattr(Books, "stall", lambda self, before, now: None)


# ── leaving, parking, crashing ────────────────────────────────────────────────────────────────────────────────────


def flat_without_reading(patch: Patch) -> None:
    async def prove(self: Leaving, foreign: set[str]) -> tuple[list[str], None]:
        return [], None

    patch.setattr(Leaving, "_prove", prove)


def exit_zero_on_refusal(patch: Patch) -> None:
    honest = Leaving._ending

    async def ending(self: Leaving) -> Ending:
        return evolve(await honest(self), code=Exit.DONE, open_orders=(), unproven=None)

    patch.setattr(Leaving, "_ending", ending)


def wait_without_a_deadline(patch: Patch) -> None:
    from actors.wiring import root as root_module

    patch.setattr(lanes_module, "TIMEOUT", None)
    patch.setattr(root_module, "_LAST_REQUEST", inf)


def park_keeps_the_orders(patch: Patch) -> None:
    patch.setattr(Work, "may_quote", property(lambda self: self.trading.value == "running" and self.closing is None))
    patch.setattr(Work, "decided_anew", True)
    patch.setattr(tracker_module, "_DOUBT_PULLS", inf)

    def take(self: Work, letter: object, now: float, honest: Any = Work.take) -> None:  # noqa: ANN401
        honest(self, letter, now)
        if self.targets is not None:
            self.targets = evolve(self.targets, valid_until=inf)
        if self.book is not None:
            self.book = evolve(self.book, confirmed_at=now)

    patch.setattr(Work, "take", take)


def a_crash_cancels_other_markets(patch: Patch) -> None:
    honest = Tree._tracker_down

    def tracker_down(self: Tree, why: str) -> None:
        self.gateway.tell(CancelAll())
        honest(self, why)

    patch.setattr(Tree, "_tracker_down", tracker_down)


# ── the venue's limits and its dead-man switch ────────────────────────────────────────────────────────────────────


def cancels_share_the_orders_bucket(patch: Patch) -> None:
    honest = Limiter._buckets

    def buckets(self: Limiter, now: float) -> Any:  # noqa: ANN401
        made = honest(self, now)
        made[Lane.CANCELS] = made[Lane.ORDERS]
        return made

    patch.setattr(Limiter, "_buckets", buckets)


def heartbeat_of_the_blind(patch: Patch) -> None:
    patch.setattr(_Pulse, "stuck", lambda self, now: [])


def missed_beats_mean_nothing(patch: Patch) -> None:
    patch.setattr(Heartbeat, "_lose", lambda self, pulse: None)


def admission_never_closes(patch: Patch) -> None:
    patch.setattr(Admission, "is_open", property(lambda self: True))


def reconnect_without_doubt(patch: Patch) -> None:
    patch.setattr(Account, "_in_doubt", lambda self, why: None)
    patch.setattr(tracker_module, "_RECONCILE_EVERY", inf)


# ── secrets ───────────────────────────────────────────────────────────────────────────────────────────────────────


def requests_are_logged(patch: Patch) -> None:
    from loguru import logger

    honest = Requests.headers

    def headers(self: Requests, timestamp: int, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        made = honest(self, timestamp, method, path, body)
        if path == "/heartbeats" or method == "DELETE":
            logger.info("{} {} {}", method, path, made)
        return made

    patch.setattr(Requests, "headers", headers)


def credentials_in_the_journal(patch: Patch) -> None:
    known: list[str] = []
    honest, note = Requests.headers, Work.note

    def headers(self: Requests, timestamp: int, method: str, path: str, body: bytes = b"") -> dict[str, str]:
        known[:] = [self.credentials.passphrase]
        return honest(self, timestamp, method, path, body)

    patch.setattr(Requests, "headers", headers)
    patch.setattr(Work, "note", lambda self, kind, text: note(self, kind, f"{text} as {known}"))


# ── bad input, and who may run ────────────────────────────────────────────────────────────────────────────────────


def nan_is_a_price(patch: Patch) -> None:
    from actors.model import numbers

    honest = numbers.parse_scaled

    def parse_scaled(text: str, *rest: Any, **more: Any) -> int:  # noqa: ANN401
        return 0 if text.lower() == "nan" else honest(text, *rest, **more)

    patch.setattr(numbers, "parse_scaled", parse_scaled)


def a_second_instance_may_run(patch: Patch) -> None:
    import fcntl

    patch.setattr(fcntl, "flock", lambda descriptor, how: None)


def requests_are_cut_short(patch: Patch) -> None:
    """A requester that gives up takes its answer for a refusal: the order is taken to be refused after a second."""
    honest = Posts._send

    async def send(self: Posts, orders: Sequence[Signed]) -> Sequence[Placed]:
        import trio

        with trio.move_on_after(1.0):
            return await honest(self, orders)
        return [NeverSent("given up") for _ in orders]

    patch.setattr(Posts, "_send", send)


def unconfirmed_shares_back_sales(patch: Patch) -> None:
    from actors.model.ledger import Holding

    patch.setattr(Holding, "sellable", property(lambda self: max(0, self.size)))


def moved_shares_are_not_seen(patch: Patch) -> None:
    patch.setattr(Stock, "doubt", lambda self, outcome, now: None)


def a_sale_frees_money_at_once(patch: Patch) -> None:
    patch.setattr(Ledger, "tied_up", property(lambda self: self.position.inventory_cost))
