"""What all markets have at stake, in the hands of one life of risk: as their trackers last stated it, and grants since."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from actors.model.limits import Whole
from actors.model.market import Market
from actors.model.numbers import Cash, cost
from actors.model.quote import Quote
from actors.model.stake import Stake, worst_loss


@frozen
class Staked:
    """A market's stake (state); `seq` grows with every verdict asked for and every statement, as in `Restate`."""

    market: str
    seq: int
    stake: Stake


@frozen
class Group:
    """To what a market belongs: its event, whether one market of that excludes the others, and its strategy.

    `budget` is what it counts as before its tracker has spoken: it may hold as much from an earlier run (I13).
    """

    event: str
    exclusive: bool
    strategy: str
    budget: Cash

    @classmethod
    def of(cls, market: Market, strategy: str, budget: Cash) -> Group:
        """A market without an event is one by itself."""
        return cls(market.event_slug or market.condition_id, market.neg_risk, strategy, budget)


@frozen
class _Counted:
    """What one market adds: its losses if YES and if NO pays, and its worth."""

    losses: tuple[int, int]
    notional: Cash


@define(eq=False)
class Stakes:
    """`groups` of every market of this run, which come and go: `follow` takes that in.

    Without a grant kept until its tracker has restated, two orders judged in the same moment could pass a cap together.
    A market is marked to its mid whenever it is stated, and sums follow: with hundreds of markets, adding them up for
    each order took 7 ms.
    """

    groups: Mapping[str, Group]
    mid: Callable[[str], int | None]
    balance: Callable[[], Cash | None]
    _stated: dict[str, Staked] = field(factory=dict)
    _grants: dict[str, list[tuple[int, Quote]]] = field(factory=dict)
    _counted: dict[str, _Counted] = field(factory=dict)
    _events: dict[str, list[str]] = field(factory=dict)
    _strategies: dict[str, int] = field(factory=dict)
    _known: dict[str, Group] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.follow()

    def follow(self) -> None:
        """Add up over the markets of now."""
        for name in [name for name, group in self._known.items() if self.groups.get(name) is not group]:
            self._leave(name, self._known.pop(name))
        for name, group in self.groups.items():
            if name not in self._known:
                self._known[name] = group
                self._events.setdefault(group.event, []).append(name)
                self._strategies[group.strategy] = self._strategies.get(group.strategy, 0) + group.budget

    def _leave(self, name: str, group: Group) -> None:
        counted = self._counted.pop(name, None)
        self._strategies[group.strategy] -= counted.notional if counted else group.budget
        self._events[group.event].remove(name)
        if not self._events[group.event]:
            del self._events[group.event]
        self._stated.pop(name, None)
        self._grants.pop(name, None)

    def hear(self, staked: Staked) -> None:
        """The whole truth of a market, but for what was granted after it was stated."""
        if staked.market not in self._known:
            return  # told before it left
        self._stated[staked.market] = staked
        later = [grant for grant in self._grants.get(staked.market, ()) if grant[0] > staked.seq]
        self._grants[staked.market] = later
        self._count(staked.market)

    def worth(self) -> Cash | None:
        """The account: free collateral and what the shares held are worth, as far as markets have spoken."""
        free = self.balance()
        held = (Stake(s.stake.position).notional(self.mid(name)) for name, s in self._stated.items())
        return None if free is None else Cash(free + sum(held))

    def grant(self, market: str, quote: Quote, seq: int) -> None:
        self._grants.setdefault(market, []).append((seq, quote))
        if market in self._stated:
            self._count(market)

    def whole(self, market: str, quote: Quote) -> Whole:
        """All of it if `quote`, a buy of `market`, were placed."""
        group, price = self.groups[market], cost(quote.price, quote.size)
        event_now, event = self._losses(group, market, quote)
        return Whole(
            balance=self.balance(),
            event=event,
            event_now=event_now,
            strategy=Cash(self._strategies[group.strategy] + price),
            total=Cash(sum(self._strategies.values()) + price),
        )

    def _losses(self, group: Group, market: str, quote: Quote) -> tuple[Cash, Cash]:
        """The most the event may lose now, and with the order."""
        names = self._events[group.event]
        now = {name: self._counted[name].losses for name in names if name in self._counted}
        more = {market: self._stake(market).plus(quote).losses} if market in now else {}
        silent = sum(self.groups[name].budget for name in names if name not in now)
        exclusive = all(self.groups[name].exclusive for name in names)
        return (
            Cash(worst_loss([*now.values()], exclusive=exclusive) + silent),
            Cash(worst_loss([*(now | more).values()], exclusive=exclusive) + silent),
        )

    def _count(self, market: str) -> None:
        stake, group = self._stake(market), self.groups[market]
        counted = _Counted(stake.losses, stake.notional(self.mid(market)))
        before = self._counted[market].notional if market in self._counted else group.budget
        self._counted[market] = counted
        self._strategies[group.strategy] += counted.notional - before

    def _stake(self, market: str) -> Stake:
        return self._stated[market].stake.plus(*(quote for _, quote in self._grants.get(market, ())))
