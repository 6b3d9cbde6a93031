"""`status`: one picture from the board's last states. Asks no actor, so it answers while every actor is stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import trio
from attrs import asdict, frozen

from actors.kernel.supervisor import Supervised
from actors.market.report import MarketReport
from actors.market.tree import TreeState
from actors.messages import FeedState
from actors.model.book import Book
from actors.model.day import utc_text
from actors.model.ledger import Position
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from actors.model.plan import yes_terms
from actors.model.quote import Targets
from actors.model.ramp import Ramp, portion
from actors.model.rates import Lane
from actors.model.reason import Hint, Reason, Refusal
from actors.model.settings import Settings
from actors.model.spot import USD, Mark, age, asset_of
from actors.model.trading import Standing, Trading
from actors.shared.account import Funds
from actors.shared.approvals import Proposals
from actors.shared.departed import Departed, summed
from actors.shared.limiter import Usage
from actors.shared.settling import SettlementState
from actors.shared.streams import Oddities
from actors.stop import Stop
from actors.wiring.losses import day_shown
from actors.wiring.makers import income_shown, terms_shown
from actors.wiring.spine import Spine


@frozen
class Status:
    """Prices and amounts come out as JSON numbers in pUSD and shares; our quotes and the book in YES terms."""

    spine: Spine
    settings: Settings
    stop: Stop
    services: Mapping[str, Supervised]
    details: Mapping[str, str]
    started_at: float

    def everything(self) -> dict[str, Any]:
        """The whole bot."""
        markets = [self.market(name) for name in self.spine.trees]
        funds, gone = self.spine.board.last(Funds), summed(self.spine.board.all(Departed))
        return {
            "mode": self.settings.mode,
            "instance": self.settings.instance,
            "state": self._state(),
            "uptime_s": round(trio.current_time() - self.started_at, 1),
            "tasks": trio.lowlevel.current_statistics().tasks_living,
            "open_orders": sum(m["open_orders"] for m in markets),
            "foreign_orders": [order for m in markets for order in m["foreign_orders"]],
            "exposure": round(sum(m["exposure"] for m in markets), 6),
            "budget": self.settings.budget.total / PUSD,
            "cash": None if funds is None else funds.cash / PUSD,
            "pnl": round(sum(m["pnl"] for m in markets) + gone.pnl / PUSD, 6),
            "proposals": len((self.spine.board.last(Proposals) or Proposals()).waiting),
            "kill": self._kill(),
            "ramp": self._ramp(),
            "day": day_shown(self.spine.board, self.settings.risk),
            "admission": self.spine.admission.down,
            "venue": self.spine.skies.shown(),
            "limits": self._limits(),
            "speed": self.spine.speed.shown(),
            "services": {name: {"up": s.up, "restarts": s.crashes.total} for name, s in self.services.items()},
            "frames_refused": _sums([oddities.counts for oddities in self.spine.board.all(Oddities)]),
            "spot": {symbol: self._spot(symbol) for symbol in self.spine.spot_symbols},
            "settlement": self._settlement(),
            "income": income_shown(self.spine.board, self.spine.markets),
            "departed": {"markets": gone.markets, "trades": gone.trades, "pnl": gone.pnl / PUSD},
            "details": dict(self.details),
            "markets": markets,
        }

    def _kill(self) -> dict[str, Any] | None:
        """Since when and why which markets are SAFE; None while none is."""
        safe = [s for s in map(self._standing, self.spine.trees) if s is not None and s.trading is Trading.SAFE]
        if not safe:
            return None
        first = min(safe, key=lambda standing: standing.since)
        return {"since": utc_text(first.since), "why": first.why, "markets": [standing.market for standing in safe]}

    def _ramp(self) -> dict[str, Any] | None:
        """The part of the limits that counts, in percent, and when it grows; None where they count as a whole."""
        ramp = self.spine.board.last(Ramp) or Ramp()
        if not ramp.parts:
            return None
        left = round(max(0.0, ramp.next_at - trio.current_time()), 1) if ramp.rising else None
        return {
            "part": ramp.part,
            "parts": list(ramp.parts),
            "step": ramp.step,
            "next_in_s": left,
            "halted": ramp.halted,
        }

    def _settlement(self) -> dict[str, Any] | None:
        """What the wallet converts on the chain, and what became of it; None where nobody sends its transactions."""
        if self.spine.settling.ports.relay is None:
            return None
        return asdict(self.spine.board.last(SettlementState) or SettlementState())

    def _spot(self, symbol: str) -> dict[str, Any]:
        """A spot price in USD with its age; both empty while there is none, which means infinitely old."""
        mark = self.spine.board.last(Mark, symbol)
        if mark is None:
            return {"price": None, "age_s": None, "source": None}
        shown = round(age(mark, trio.current_time()), 1)
        return {"price": mark.price.price / USD, "age_s": shown, "source": mark.price.source}

    def market(self, name: str) -> dict[str, Any]:
        """One market."""
        board = self.spine.board
        report, book, tree = board.last(MarketReport, name), board.last(Book, name), board.last(TreeState, name)
        feed, refusal = board.last(FeedState, name), self.refusal(name)
        bids, asks = _ours(report)
        position = report.position if report else Position(name)
        live = book if book is not None and book.live else None
        return {
            "market": name,
            **self._place(name),
            "tick": (book.tick if book else 100) / PRICE_ONE,
            "state": self._market_state(name),
            "since": self._since(name),
            "reason": refusal.code if refusal else None,
            "reason_text": refusal.text() if refusal else None,
            "held": report.held.code if report and report.held else None,
            "held_text": report.held.text() if report and report.held else None,
            "actions_a_minute": report.actions if report else 0,
            "our_bid": _price(max(bids, default=None)),
            "our_ask": _price(min(asks, default=None)),
            "best_bid": _price(live.yes.best_bid) if live else None,
            "best_ask": _price(live.yes.best_ask) if live else None,
            "position": position.net / SHARE,
            "holdings": {"yes": position.yes.size / SHARE, "no": position.no.size / SHARE},
            "missing": {"yes": position.yes.barred / SHARE, "no": position.no.barred / SHARE},
            "spot": self._spot(asset) if self.spine.spot_symbols and (asset := asset_of(name)) else None,
            **terms_shown(board.last(Market, name) or self.spine.markets[name], board, trio.current_time()),
            "merged": position.merged / PUSD,
            "redeemed": position.redeemed / PUSD,
            "pnl": position.pnl(book.mid if book else None) / PUSD,
            "exposure": (report.exposure if report else 0) / PUSD,
            "open_orders": len(report.orders) if report else 0,
            "unknown_orders": report.unknown if report else 0,
            "foreign_orders": list(report.foreign) if report else [],
            "feed_age_s": round(live.age(trio.current_time()), 2) if live else None,
            "feed_state": feed.state if feed else "starting",
            "frames_refused": feed.refused if feed else {},
            "restarts": dict(tree.restarts) if tree else {},
        }

    def _place(self, name: str) -> dict[str, Any]:
        """Why the market is here, whether it is being left, and what it may tie up."""
        tenure, own = self.spine.roll.tenures[name], self.spine.roll.caps.get(name)
        cap = self.settings.budget.per_market if own is None else portion(own, self.spine.tuning.part)
        return {"origin": tenure.origin.value, "leaving": tenure.leaving, "cap": cap / PUSD}

    def trading(self, name: str) -> Trading | None:
        """As ordered last; a tracker may hear of it a moment later."""
        standing = self._standing(name)
        return standing.trading if standing else None

    def _standing(self, name: str) -> Standing | None:
        return self.spine.board.last(Standing, name)

    def _since(self, name: str) -> str | None:
        """Since when the market stands as it does, if somebody ordered that."""
        standing = self._standing(name)
        return utc_text(standing.since) if standing and standing.since else None

    def refusal(self, name: str) -> Refusal | None:
        """Why the market does not quote both sides: the rule closest to the root first; None while it does."""
        board = self.spine.board
        report, tree, targets = board.last(MarketReport, name), board.last(TreeState, name), board.last(Targets, name)
        if tree is not None and tree.state in ("parked", "lost"):
            return Refusal(Reason.PARKED, (("why", tree.why),))
        if tree is not None and tree.down and not self.stop.wanted.is_set():
            return Refusal(Reason.RESTARTING, (("down", ", ".join(tree.down)),))
        standing = self._standing(name)
        if standing is not None and standing.refusal is not None:
            if standing.trading is Trading.FLATTENING and report is not None and report.halted:
                return _halted(report)
            return standing.refusal
        if report is None:
            return Refusal(Reason.STARTING)
        if why := self.spine.roll.tenures[name].leaving:
            sells = "sold" if self.settings.on_leave == "sell" else "kept"
            return Refusal(Reason.LEAVING, (("because", why), ("what is held is", sells)))
        if report.halted:
            return _halted(report)
        if not self.spine.admission.is_open:
            return Refusal(Reason.ADMISSION_CLOSED, tuple(self.spine.admission.down.items()))
        if report.reconciling:
            return Refusal(Reason.RECONCILING)
        if targets is not None and targets.refusal is not None:
            return targets.refusal
        bids, asks = _ours(report)
        own = self._with_rate(report.refusal or report.held)
        return None if bids and asks else own or (None if targets else Refusal(Reason.STARTING))

    def _limits(self) -> dict[str, Any]:
        """How much of the venue's limits is used, as of the last request; empty before the first."""
        usage = self.spine.board.last(Usage)
        return usage.shown() if usage else {}

    def _with_rate(self, refusal: Refusal | None) -> Refusal | None:
        """The same, with what the limiter knows if it was the one that refused."""
        usage = self.spine.board.last(Usage)
        if usage is None or refusal is None or refusal.reason is not Reason.RATE_LIMIT:
            return refusal
        orders, own = usage.lanes[Lane.ORDERS], self.settings.limits
        inputs = (
            ("tokens left", f"{orders.left:.1f}"),
            ("a second", f"{orders.rate:g}"),
            ("part", f"{orders.part:.0%}"),
        )
        return Refusal(Reason.RATE_LIMIT, inputs, Hint("limits.order_rate", f"{2 * own.order_rate:g}"))

    def _market_state(self, name: str) -> str:
        """In one word: what the tree says unless it runs, else what trading says, else quoting or waiting."""
        tree, report = self.spine.board.last(TreeState, name), self.spine.board.last(MarketReport, name)
        if tree is None or report is None:
            return "starting"
        if tree.state != "running":
            return str(tree.state)
        if report.trading is not Trading.RUNNING:
            return str(report.trading.value)
        book = self.spine.board.last(Book, name)
        return "quoting" if report.resting and book is not None and book.live else "waiting"

    def _state(self) -> str:
        if self.stop.wanted.is_set():
            return "stopping"
        states = {self._market_state(name) for name in self.spine.trees}
        if len(states) == 1 and states & {"reducing", "paused", "safe", "flattening", "starting"}:
            return states.pop()
        return "running"


def _halted(report: MarketReport) -> Refusal:
    return Refusal(Reason.NOT_ACCEPTING, (("market", report.halted),))


def _ours(report: MarketReport | None) -> tuple[list[int], list[int]]:
    """Our resting bids and asks in YES terms."""
    sides: tuple[list[int], list[int]] = ([], [])
    for quote in report.resting if report else ():
        bid, price = yes_terms(quote.outcome, quote.side, quote.price)
        sides[0 if bid else 1].append(price)
    return sides


def _sums(counts: list[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def _price(price: int | None) -> float | None:
    return None if price is None else price / PRICE_ONE
