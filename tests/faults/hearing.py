"""The exchange's ledger, line by line: what each line changes in the case, and which rules it calls for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from actors.model.numbers import parse_cash, parse_price, parse_size
from tests.emulator.ledger_reader import signed
from tests.faults.arrivals import judge_arrival
from tests.faults.breach import short
from tests.faults.case import Case
from tests.faults.evidence import FILL_BEFORE_ANSWER, FILL_WITH_CANCEL, GHOST_AFTER_SALE, TICK_OVER_RESTING
from tests.faults.exposures import Exposures
from tests.faults.holdings import Fill
from tests.faults.liveness import Liveness
from tests.faults.orders import Arrived
from tests.faults.wire import Wire

Line = Mapping[str, Any]

_CLAIMED_WITHIN = 1.0  # s after an order of nobody's in which the fault that placed it must have said so
_MOVES = ("split", "merge", "convert", "redeem", "reward", "rebate")


@define(eq=False)
class Hearing:
    """Lines about others cost a look at their address. `ended_with` is the exit code once the bot has left."""

    address: str
    case: Case
    journalled: Callable[[str], bool]
    exposures: Exposures
    liveness: Liveness
    wire: Wire
    ended_with: int | None = None
    _trades: dict[str, list[Fill]] = field(factory=dict)
    _mined: set[str] = field(factory=set)
    _unclaimed: dict[str, float] = field(factory=dict)
    _acts: dict[str, Callable[[Line], None]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._acts = {
            "market": self.case.markets.listed,
            "order": self._order,
            "cancel": self._end,
            "expire": self._end,
            "kill": self._kill,
            "trade": self._trade,
            "settle": self._settle,
            "balance": self._balance,
            "transfer": self._transfer,
            "tick": self._tick,
            "phase": self._phase,
            "heartbeat": self._heartbeat,
            "fault": self._fault,
            **dict.fromkeys(_MOVES, self._move),
        }

    def hear(self, line: Line) -> None:
        act = self._acts.get(line["kind"])
        if act is not None:
            act(line)

    def unclaimed(self, *, everything: bool = False) -> None:
        """I2: what is neither in the journal nor the user's doing is an order that left without a record."""
        late = [one for one, at in self._unclaimed.items() if everything or self.case.now - at > _CLAIMED_WITHIN]
        for order_id in late:
            del self._unclaimed[order_id]
            text = f"order {short(order_id)} of the account is in no journal, and no fault has placed it"
            self.case.evidence.tell("I2", text, order_id)

    def _ours(self, line: Line) -> bool:
        return bool(line["address"].lower() == self.address)

    # ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _order(self, line: Line) -> None:
        if not self._ours(line):
            return
        self.unclaimed()
        order_id, now = line["order"], self.case.now
        journalled, sent = self.journalled(order_id), order_id in self.case.posts.by_id
        arrived = self.case.orders.arrive(line, own=journalled or sent)
        if not arrived.own:
            self._unclaimed[order_id] = now
        else:
            if not journalled:
                self.case.evidence.tell("I2", f"the exchange has order {short(order_id)}, the journal not", order_id)
            self.wire.taken(arrived.order.market)
            self._own_order(arrived)
        self.exposures.judge(arrived.order.market, order_id)

    def _own_order(self, arrived: Arrived) -> None:
        order = arrived.order
        judge_arrival(self.case, arrived, self.case.posts.arrive(order))
        self.liveness.rests(arrived)
        if self.ended_with is not None:
            text = f"order {short(order.id)} reached the exchange after the bot had ended with code {self.ended_with}"
            self.case.evidence.tell("I5", text, order.id)

    def _end(self, line: Line) -> None:
        if not self._ours(line):
            return
        ended = self.case.orders.end(line["order"], line["t"])
        if ended is None:
            return
        self.liveness.ended(ended)
        if ended.own and not ended.immediate and ended.filled_at == line["t"]:
            self.case.evidence.met(FILL_WITH_CANCEL)
        self.exposures.judge(ended.order.market, ended.order.id)

    def _kill(self, line: Line) -> None:
        if self._ours(line):
            self.case.posts.kill(line["order"])

    # ── trades ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _trade(self, line: Line) -> None:
        """A trade counts once, however often it is told."""
        legs = [leg for leg in (line["taker"], *line["makers"]) if self._ours(leg)]
        if not legs or line["trade"] in self._trades:
            return
        if self._ours(line["taker"]):
            self._takes(line["taker"])
        self._trades[line["trade"]] = [self._fill(line, leg) for leg in legs]
        self.exposures.judge(line["market"], legs[0]["order"])

    def _takes(self, leg: Line) -> None:
        taker = self.case.orders.by_id.get(leg["order"])
        if taker is None or not taker.own or (taker.immediate and not taker.buys):
            return
        if taker.immediate and self.case.markets.takes(taker.order.token):
            return
        kind = "post-only order" if taker.post_only else f"{taker.life} {taker.order.side} order"
        bought = f"took {leg['size']} shares at {leg['price']}; only sales that reduce a position may take"
        self.case.evidence.tell("I15", f"{kind} {short(taker.order.id)} of the bot {bought}", taker.order.id)

    def _fill(self, line: Line, leg: Line) -> Fill:
        order_id, t, size = leg["order"], line["t"], parse_size(leg["size"])
        arrived = self.case.orders.by_id.get(order_id)
        own = arrived is not None and arrived.own
        change = size if leg["side"] == "BUY" else -size
        fill = Fill(line["trade"], leg["token"], t, change, -signed(leg["cash"]), own)
        self.case.holdings.matched(fill)
        if arrived is not None:
            self._count(arrived, line, leg, size)
        return fill

    def _count(self, arrived: Arrived, line: Line, leg: Line, size: int) -> None:
        ended_before = arrived.ended_at
        beyond = self.case.orders.fill(arrived.order.id, size, line["t"])
        if ended_before is None and arrived.ended_at is not None:
            self.liveness.ended(arrived)
        if not arrived.own:
            return
        self.exposures.filled(arrived, parse_price(leg["price"]), beyond)
        post = self.case.posts.by_id.get(arrived.order.id)
        self.case.evidence.met(FILL_BEFORE_ANSWER, post is not None and post.answered_at is None)
        self.case.evidence.met(FILL_WITH_CANCEL, ended_before == line["t"])

    def _settle(self, line: Line) -> None:
        fills = self._trades.get(line["trade"])
        if not fills:
            return
        if line["status"] == "MINED" and line["trade"] not in self._mined:
            self._mined.add(line["trade"])
            self.case.chain.settle(fills)
        elif line["status"] == "CONFIRMED":
            for fill in fills:
                self.case.holdings.confirm(fill)
        elif line["status"] == "FAILED":
            self._trades[line["trade"]] = []  # voided once and for ever
            ghosts = [self.case.holdings.fail(fill) and fill.own for fill in fills]
            self.case.evidence.met(GHOST_AFTER_SALE, any(ghosts))
            self.exposures.judge(line["market"])

    # ── the chain ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _balance(self, line: Line) -> None:
        if self._ours(line):
            for invariant, text in self.case.chain.differences(line):
                self.case.evidence.tell(invariant, text)

    def _move(self, line: Line) -> None:
        if self._ours(line):
            for token, change in self.case.chain.move(line).items():
                self.case.holdings.move(token, change)

    def _transfer(self, line: Line) -> None:
        if self._ours(line):
            self.case.chain.pay(-parse_cash(line["cash"]))
        if line["recipient"].lower() == self.address:
            self.case.chain.pay(parse_cash(line["cash"]))

    # ── the rest ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _tick(self, line: Line) -> None:
        market = self.case.markets.by_id[line["market"]]
        market.tick = parse_price(line["new"])
        self.case.evidence.met(TICK_OVER_RESTING, bool(self.case.orders.own_in(market.id)))

    def _phase(self, line: Line) -> None:
        market = self.case.markets.by_id[line["market"]]
        if market.closed_at is None:
            market.closed_at = self.case.now

    def _heartbeat(self, line: Line) -> None:
        if line["status"] == "expired" and self._ours(line):
            self.wire.expired_at = self.case.now

    def _fault(self, line: Line) -> None:
        self.case.evidence.faults[line["effect"]] += 1
        self._unclaimed.pop(line["what"].removeprefix("order "), None)
