"""What goes wrong on purpose: the faults of a run, asked at the few places of the exchange where they can bite.

A fault is a value: an effect, when it bites, what it bites (docs/faults.md). A new kind is one frozen class and its name
in the list at the end of its module. Without faults nothing here costs anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import trio
from attrs import define, evolve, field

from adapters.emulator import faults_script
from adapters.emulator.events import Event, OrderMoved, PhaseMoved, TradeMoved
from adapters.emulator.faults_armed import Armed, Fault
from adapters.emulator.faults_call import Act, Call, Picky, Receive, RequestEffect, parsed
from adapters.emulator.faults_cancels import CancelEffect, RefuseCancel
from adapters.emulator.faults_engine import Restart
from adapters.emulator.faults_frames import FrameEffect, Gap
from adapters.emulator.faults_keys import BadFaults
from adapters.emulator.faults_lines import ABRUPT, Lines
from adapters.emulator.faults_listed import Listed
from adapters.emulator.faults_orders import lose_orders
from adapters.emulator.faults_requests import Delay
from adapters.emulator.faults_script import KINDS, check, parse, show, titled
from adapters.emulator.faults_sockets import ClockSkew, RefuseSocket
from adapters.emulator.faults_stage import ActEffect, Stage
from adapters.emulator.faults_trades import TradeEffect
from adapters.emulator.faults_where import Subject, of_listing, of_request, of_ticket, of_trade
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.listings import Listing
from adapters.emulator.settlement import NORMAL, Fate
from adapters.emulator.tickets import Ticket
from adapters.emulator.trades import Trade

if TYPE_CHECKING:
    from adapters.emulator.desk import Desk

__all__ = ["KINDS", "BadFaults", "Fault", "Faults", "check", "load", "parse", "show"]


@define(eq=False)
class Faults:
    """All faults of a run. `attach` starts them; before that nothing bites.

    `born` is when the exchange first gave out an API key, on trio's clock.
    """

    all: Sequence[Fault] = ()
    armed: list[Armed] = field(factory=list, init=False)
    _requests: list[Armed] = field(factory=list, init=False)
    _cancels: list[Armed] = field(factory=list, init=False)
    _trades: list[Armed] = field(factory=list, init=False)
    born: dict[str, float] = field(factory=dict, init=False)
    lines: Lines = field(init=False)
    desk: Desk = field(init=False)

    def attach(self, desk: Desk, seed: int, series: Mapping[str, int] | None = None) -> None:
        """Bind to a running exchange: every fault counts from now. `series` as in `Listed`.

        Raises BadFaults for parts that do not go together and for markets that the exchange does not have.
        """
        self.desk = desk
        faults_script.check_all(self.all, Listed(desk.exchange.listings, series or {}))
        for number, fault in enumerate(self.all):
            self.armed.append(Armed(fault, Random(f"{seed}/fault/{number}"), self._tell))
        self._requests, self._cancels, self._trades, frames, doors = (
            [armed for armed in self.armed if isinstance(armed.effect, effect)]
            for effect in (RequestEffect, CancelEffect, TradeEffect, FrameEffect, RefuseSocket)
        )
        exchange, wall = desk.exchange, desk.keys.wall
        self.lines = Lines(exchange.listings, desk.keys, exchange.schedule, frames, doors, self._socket_opened)
        exchange.stuck, exchange.settlement.fate = self.stuck, self.fate
        if self.armed:
            exchange.listeners.append(self.hear)
        desk.keys.wall = lambda: wall() + self.skew
        for armed in self.armed:
            self._begin(armed)

    @property
    def hits(self) -> Counter[str]:
        """How often each kind has bitten."""
        counts: Counter[str] = Counter()
        for armed in self.armed:
            counts[armed.fault.kind] += armed.hits
        return counts

    def unhit(self) -> list[str]:
        """A line for each fault that has never bitten: in a script that was tried out, most likely a mistake."""
        return [
            f"{titled(number, armed.fault.kind)} never hit"
            for number, armed in enumerate(self.armed, 1)
            if not armed.hits
        ]

    @property
    def skew(self) -> float:
        """Seconds the exchange's clock is off for clients."""
        return sum(a.effect.by for a in self.armed if isinstance(a.effect, ClockSkew) and a.is_open)

    async def answer(self, service: str, request: Request, receive: Receive) -> Response | None:
        """The answer to a request on its way through the faults that hit it, in their order, delays first."""
        if not self.armed:
            return receive(request, request)()
        exchange = self.desk.exchange
        subject = of_request(service, request, exchange.listings, exchange.tickets)
        due = [(armed, self._call(armed, service, request, receive)) for armed in self._requests if armed.is_open]
        due = [(armed, call) for armed, call in due if _concerns(armed, call) and armed.due(_outside(armed, subject))]
        due.sort(key=lambda pair: not isinstance(pair[0].effect, Delay))
        self._happened("request", subject)
        return self._noted(request, await _through(due, subject, request, partial(receive, request)))

    def refuses_cancel(self, ticket: Ticket) -> str:
        """The reason for `not_canceled`, or nothing."""
        if not self.armed or ticket.status != "LIVE":
            return ""
        subject, reason = of_ticket(ticket), ""
        for armed in self._cancels:
            if self._cancel_due(armed, subject, ticket):
                armed.bite(subject.name)
                reason = armed.effect.cancel(ticket, armed, self.desk) or reason
        self._happened("cancel", subject, ticket)
        return reason

    def stuck(self, order_id: str) -> bool:
        """May no cancel, heartbeat or expiry end this order?"""
        return any(
            isinstance(armed.effect, RefuseCancel) and not armed.fault.lasting and armed.keys.get(order_id, False)
            for armed in self._cancels
        )

    def fate(self, trade: Trade) -> Fate:
        """What will become of a trade of a client."""
        if self._trades and any(not leg.ticket.account.internal for leg in trade.legs):
            subject = of_trade(trade)
            for armed in self._trades:
                if armed.due(subject):
                    armed.bite(subject.name)
                    fate: Fate = armed.effect.fate()
                    return fate
        return NORMAL

    def hear(self, event: Event) -> None:
        """What the exchange did, for the faults that wait for it. The exchange's own flow is no event."""
        if isinstance(event, OrderMoved) and event.type == "PLACEMENT" and not event.ticket.account.internal:
            self._happened("order", of_ticket(event.ticket), event.ticket)
        elif isinstance(event, TradeMoved) and event.trade.status == "MATCHED":
            clients = [leg.ticket for leg in event.trade.legs if not leg.ticket.account.internal]
            if clients:
                self._happened("trade", of_trade(event.trade), *clients)
        elif isinstance(event, PhaseMoved):
            self._happened("phase", of_listing(event.listing), event.listing)

    def _begin(self, armed: Armed) -> None:
        """Windows that begin at once are open before the first request; acts wait until the books are full."""
        when, at_once = armed.fault.when, not isinstance(armed.effect, ActEffect)
        if when.on is not None:
            return
        if when.at or not at_once:
            self.desk.exchange.schedule.after(when.at, lambda: self._open(armed))
        else:
            self._open(armed)

    def _happened(self, event: str, subject: Subject, *causes: Ticket | Listing) -> None:
        """Acts never run inside the step that triggered them. Of several causes the filter's own is the one."""
        for armed in self.armed:
            if armed.opens_on(event, subject):
                cause = next((one for one in causes if _meant(armed, one)), None)
                if armed.fault.when.after or isinstance(armed.effect, ActEffect):
                    self._later(armed, cause)
                else:
                    self._open(armed, cause)

    def _later(self, armed: Armed, cause: Ticket | Listing | None) -> None:
        self.desk.exchange.schedule.after(armed.fault.when.after, lambda: self._open(armed, cause))

    def _open(self, armed: Armed, cause: Ticket | Listing | None = None) -> None:
        when, effect = armed.fault.when, armed.effect
        if when.every is not None:
            self.desk.exchange.schedule.after(when.every, lambda: self._open(armed))
        armed.open()
        stage = Stage(self.desk, armed.fault.where, armed.rng, cause)
        if isinstance(effect, ActEffect):
            if when.on is not None or armed.lucky():
                _bite(armed, effect.act(stage))
        elif isinstance(effect, Restart):
            _bite(armed, (lose_orders(stage) if effect.lose_orders else "") or "engine")
        elif isinstance(effect, ClockSkew):
            _bite(armed, "clock")
        elif isinstance(effect, Gap):
            self.desk.exchange.schedule.after(armed.fault.lasts or 0, lambda: self._end_gap(armed))

    def _end_gap(self, armed: Armed) -> None:
        if self.lines.cut(armed.fault.where, ABRUPT):
            armed.bite("connections")

    def _cancel_due(self, armed: Armed, subject: Subject, ticket: Ticket) -> bool:
        key = ticket.order.id if isinstance(armed.effect, RefuseCancel) and not armed.fault.lasting else ""
        return armed.due(subject, key)

    def _call(self, armed: Armed, service: str, request: Request, receive: Receive) -> Call:
        return Call(service, request, request, receive, armed.fault.where, armed.open_for, self.desk)

    def _noted(self, request: Request, response: Response | None) -> Response | None:
        """Remember new keys, and tell the time as the exchange's clock has it."""
        if response is None or response.status != 200:
            return response
        if request.path in ("/auth/api-key", "/auth/derive-api-key") and not request.headers.get("poly_api_key"):
            self.born.setdefault(_api_key(response), trio.current_time())
        told = parsed(response)
        if request.path == "/time" and self.skew and isinstance(told, int):
            return evolve(response, body=answer(int(told + self.skew)).body)
        return response

    def _socket_opened(self, subject: Subject) -> None:
        self._happened("socket", subject)

    def _tell(self, armed: Armed, what: str) -> None:
        fault = armed.fault
        name = fault.name or fault.kind
        self.desk.exchange.ledger.write("fault", fault=name, effect=fault.kind, hit=armed.hits, what=what)


def load(path: Path, listed: Listed | None = None) -> Faults:
    """The faults of a JSON file. Raises BadFaults with everything not understood, OSError if it cannot be read."""
    return Faults(faults_script.load(path, listed))


async def _through(
    due: Sequence[tuple[Armed, Call]], subject: Subject, request: Request, receive: Callable[[Request], Act]
) -> Response | None:
    """One step of the way: the first fault, which decides whether and how the request goes on."""
    if not due:
        return receive(request)()
    (armed, call), rest = due[0], due[1:]
    effect: RequestEffect = armed.effect
    further: list[Response | None] = []

    async def go(on: Request) -> Response | None:
        further.append(await _through(rest, subject, on, receive))
        return further[-1]

    if not _looks_inside(armed):
        armed.bite(subject.name)
    response = await effect.answer(evolve(call, request=request), go)
    if _looks_inside(armed) and response is not further[-1]:
        armed.bite(subject.name)
    return response


def _looks_inside(armed: Armed) -> bool:
    """Does the effect itself look for its market in the answer, and change nothing if it is not there?"""
    return bool(getattr(armed.effect, "INSIDE", ()))


def _outside(armed: Armed, subject: Subject) -> Subject:
    """The subject with the filter keys that are judged before the answer is known."""
    inside = getattr(armed.effect, "INSIDE", ())
    return evolve(subject, keys=tuple(key for key in subject.keys if key not in inside))


def _meant(armed: Armed, cause: Ticket | Listing) -> bool:
    return armed.fault.where.matches(of_ticket(cause) if isinstance(cause, Ticket) else of_listing(cause))


def _concerns(armed: Armed, call: Call) -> bool:
    effect = armed.effect
    return not isinstance(effect, Picky) or effect.concerns(call)


def _bite(armed: Armed, what: str) -> None:
    if what:
        armed.bite(what)


def _api_key(response: Response) -> str:
    body = parsed(response)
    return str(body.get("apiKey")) if isinstance(body, dict) else ""
