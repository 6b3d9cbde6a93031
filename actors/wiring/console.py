"""What the control socket's commands do: tell an actor, or read the board. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import frozen

from actors.kernel.supervisor import Supervised
from actors.market.tree import ACTORS, Tree
from actors.model.conversion import Kind
from actors.model.naming import called
from actors.model.quote import Targets, groundless
from actors.model.ramp import Ramp, ramp_of
from actors.model.settings import Settings
from actors.model.trading import Order, Trading, after
from actors.shared.approvals import Decide, order_text
from actors.shared.control import CommandRefused
from actors.shared.requests import CancelAll
from actors.shared.risk import Command, Heeded
from actors.stop import Stop
from actors.wiring.approvals import approvals, proposed
from actors.wiring.conversions import convert
from actors.wiring.explain import explain
from actors.wiring.spine import APPROVALS, Spine
from actors.wiring.status import Status

Args = Mapping[str, str | bool | int | None]
_SHARED = "shared"


@frozen
class Console:
    """Commands by name. `settings` are those of the start; `details` are facts of the mode (addresses, ledger) that `status`
    shows."""

    spine: Spine
    stop: Stop
    settings: Settings
    services: Mapping[str, Supervised]
    details: Mapping[str, str]
    started_at: float

    def obey(self, command: str, args: Args) -> Any:  # noqa: ANN401 - JSON
        """The command's JSON result. Raises CommandRefused."""
        verbs: dict[str, Callable[[Args], Any]] = {
            "status": lambda _: self.status().everything(),
            "explain": self._explain,
            "pause": lambda a: self._order(Order.PAUSE, a),
            "resume": self._resume,
            "flatten": self._flatten,
            **{kind.value: partial(self._convert, kind) for kind in Kind},
            "cancel-all": lambda _: self._cancel_all(),
            "kill": self._kill,
            "stop": self._stop,
            "approvals": lambda _: approvals(self.spine.board, self.spine.tuning),
            "approve": lambda a: self._decide(a, approve=True),
            "reject": lambda a: self._decide(a, approve=False),
            "drill": self._drill,
        }
        if command not in verbs:
            raise CommandRefused(f"no command {command!r}; there are {', '.join(verbs)}")
        return verbs[command](args)

    def heeded(self, command: str, args: Args) -> Heeded:
        """What risk is to be asked after `command`: with the order again where that can only stop, never start."""
        why, market = str(args.get("reason") or ""), self._market(args) if command in ("pause", "flatten") else None
        match command:
            case "kill":
                return Heeded(Command(Order.KILL, None, why))
            case "cancel-all":
                return Heeded(Command(Order.PAUSE, None, command))
            case "flatten" if args.get("cancel_only"):
                return Heeded(Command(Order.PAUSE, market, "flatten --cancel-only"))
            case "flatten" | "pause":
                return Heeded(Command(Order(command), market, why))
        return Heeded()

    def status(self) -> Status:
        """The picture of now."""
        return Status(self.spine, self.spine.tuning.settings, self.stop, self.services, self.details, self.started_at)

    def _explain(self, args: Args) -> Any:  # noqa: ANN401 - JSON
        market = self._market(args)
        if market is None:
            raise CommandRefused("explain needs a market")
        status, targets = self.status(), self.spine.board.last(Targets, market)
        grounds = targets.grounds if targets is not None else groundless
        return explain(status.market(market), status.refusal(market), self.spine.tuning.part, grounds)

    def _market(self, args: Args) -> str | None:
        """The slug of the market named, None for all. Raises CommandRefused for one that is not traded."""
        name = args.get("market")
        if name is None or name in self.spine.trees:
            return None if name is None else str(name)
        slugs = ", ".join(self.spine.trees)
        try:
            meant = called(str(name), self.spine.markets.values())
        except ValueError as problem:
            raise CommandRefused(f"market {name!r} {problem}; there are {slugs}") from None
        if len(meant) > 1:  # of a series, the window that is traded
            meant = tuple(m for m in meant if not self.spine.roll.tenures[m.slug].leaving) or meant
        if len(meant) > 1:
            raise CommandRefused(f"{name} has several markets here, name one: {', '.join(m.slug for m in meant)}")
        if not meant:
            raise CommandRefused(f"no market {name!r} here; there are {slugs}")
        return meant[0].slug

    def _order(self, order: Order, args: Args, ramp: Ramp | None = None) -> dict[str, str]:
        market = self._market(args)
        self._check_allowed(order, market)
        self.spine.mailboxes["risk"].tell(Command(order, market, str(args.get("reason") or ""), ramp=ramp))
        return {"done": f"{order.value}: {market or 'all markets'}"}

    def _check_allowed(self, order: Order, market: str | None) -> None:
        """Raise CommandRefused if the order would change nothing anywhere."""
        trading = {self.status().trading(name) or Trading.PAUSED for name in self._named(market)}
        if trading and all(after(state, order) is None for state in trading):
            ways = {
                Trading.SAFE: "the kill switch is set: use `resume --ack-kill` first",
                Trading.DRAINING: "it is stopping",
            }
            raise CommandRefused(f"{order.value} is not possible now: {ways[trading.pop()]}")

    def _resume(self, args: Args) -> dict[str, str]:
        """Resume also un-parks; after a kill it needs to be acknowledged. It may bring a ramp."""
        market, ramp = self._market(args), _ramp(args)
        status = self.status()
        safe = [m for m in self._named(market) if status.trading(m) is Trading.SAFE]
        if safe and not args.get("ack_kill"):
            raise CommandRefused(f"the kill switch is set for {', '.join(safe)}: use `resume --ack-kill`")
        for name, tree in self._named(market).items():
            if status.market(name)["state"] == "parked":
                tree.resume()
        done = self._order(Order.ACK_KILL if args.get("ack_kill") else Order.RESUME, args, ramp)
        return (
            done if ramp is None else {"done": f"{done['done']}, with {ramp.parts[0]}% of every limit: {ramp.text()}"}
        )

    def _named(self, market: str | None) -> dict[str, Tree]:
        return {name: tree for name, tree in self.spine.trees.items() if market in (None, name)}

    def _flatten(self, args: Args) -> dict[str, str]:
        if not args.get("cancel_only"):
            return self._order(Order.FLATTEN, args)
        self._order(Order.PAUSE, {**args, "reason": "flatten --cancel-only"})
        return {"done": f"cancelled and paused, positions kept: {self._market(args) or 'all markets'}"}

    def _convert(self, kind: Kind, args: Args) -> dict[str, str]:
        market = self._market(args)
        if market is None:
            raise CommandRefused(f"{kind.value} needs a market")
        return convert(self.spine, kind, market, args.get("amount"))

    def _cancel_all(self) -> dict[str, str]:
        """Every order of the account, ours or not; markets pause, or they would quote again at once."""
        self.spine.mailboxes["risk"].tell(Command(Order.PAUSE, None, "cancel-all"))
        self.spine.mailboxes["gateway"].tell(CancelAll())
        return {"done": "cancelling every order of the account, others' included; all markets are paused"}

    def _kill(self, args: Args) -> dict[str, str]:
        self._order(Order.KILL, {"reason": args.get("reason")})
        self.spine.mailboxes["gateway"].tell(CancelAll())
        if self.spine.tuning.settings.risk.on_kill == "exit":
            self.stop.kill()
            return {"done": "killed: cancelling everything; the process ends (risk.on_kill: exit)"}
        return {"done": "killed: cancelling everything; the process stays, `resume --ack-kill` starts again"}

    def _stop(self, args: Args) -> dict[str, str]:
        """Only begun when it is answered: the end takes as long as the venue and the sales do."""
        self.stop.ask("stop command", keep_positions=bool(args.get("keep_positions")))
        held = "sold" if self._sells() else "kept"
        return {
            "done": f"stopping: orders are cancelled, what is held is {held}; once `status` finds no bot it has ended"
        }

    def _sells(self) -> bool:
        """Whether a stop sells anything: not where it was told to keep it, nor after a kill."""
        flatten = self.spine.tuning.settings.on_shutdown == "flatten" and not self.stop.keep_positions
        return flatten and any(self.status().trading(name) is not Trading.SAFE for name in self.spine.trees)

    def _decide(self, args: Args, *, approve: bool) -> dict[str, str]:
        number = args.get("number")
        proposal = proposed(self.spine.board, number)
        if proposal is None:
            raise CommandRefused(f"no proposal {number}: it was answered, ran out of time, or is no longer wanted")
        self.spine.mailboxes[APPROVALS].tell(Decide(proposal.number, approve))
        said = "approved" if approve else "rejected"
        return {"done": f"{said}: {proposal.market}: {order_text(proposal.quote)}"}

    def _drill(self, args: Args) -> dict[str, str]:
        """Crash an actor at its next step, `times` lives in a row. Demo only: it is play money there."""
        if self.settings.mode != "demo":
            raise CommandRefused("drills are for demo mode: they would cost real money")
        market, actor, times = str(args.get("market")), str(args.get("actor")), args.get("times") or 1
        if not isinstance(times, int) or not 1 <= times <= 1000:
            raise CommandRefused("times is a whole number from 1 to 1000")
        if market == _SHARED:
            shared = [child.name for child in self.spine.services]
            if actor not in shared:
                raise CommandRefused(f"no shared actor {actor!r}; there are {', '.join(shared)}")
            self.services[actor].child.mailbox.crash("drill", times)
        else:
            market = self._market({"market": market}) or market
            if actor not in ACTORS:
                raise CommandRefused(f"no actor {actor!r} in a market; there are {', '.join(ACTORS)}")
            self.spine.trees[market].drill(actor, times)
        return {"done": f"crashing {market} {actor}" + (f" {times} times" if times > 1 else "")}


def _ramp(args: Args) -> Ramp | None:
    """The ramp asked for. Raises CommandRefused for one that makes no sense."""
    if args.get("ramp") is None:
        return None
    if args.get("market") is not None:
        raise CommandRefused("--ramp is of the limits of all markets: leave the market out")
    try:
        return ramp_of(str(args["ramp"]), float(str(args.get("every"))))
    except ValueError as problem:
        raise CommandRefused(str(problem)) from None
