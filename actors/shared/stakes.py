"""What all markets have at stake, in the hands of one life of risk: as their trackers last stated it, and grants since."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, field, frozen

from actors.model.limits import Caps, Whole
from actors.model.market import Market
from actors.model.numbers import Cash
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
    """To what a market belongs: its event, whether one market of that excludes the others, and its strategy."""

    event: str
    exclusive: bool
    strategy: str

    @classmethod
    def of(cls, market: Market, strategy: str) -> Group:
        """A market without an event is one by itself."""
        return cls(market.event_slug or market.condition_id, market.neg_risk, strategy)


@define(eq=False)
class Stakes:
    """`groups` of every market of this run; `unread` is what one counts as whose tracker has not spoken (I13).

    Without a grant kept until its tracker has restated, two orders judged in the same moment could pass a cap together.
    """

    groups: Mapping[str, Group]
    unread: Cash
    mid: Callable[[str], int | None]
    balance: Callable[[], Cash | None]
    _stakes: dict[str, Staked] = field(factory=dict)
    _grants: dict[str, list[tuple[int, Quote]]] = field(factory=dict)

    def hear(self, staked: Staked) -> None:
        """The whole truth of a market, but for what was granted after it was stated."""
        self._stakes[staked.market] = staked
        later = [grant for grant in self._grants.get(staked.market, ()) if grant[0] > staked.seq]
        self._grants[staked.market] = later

    def worth(self) -> Cash | None:
        """The account: free collateral and what the shares held are worth, as far as markets have spoken."""
        free = self.balance()
        held = (Stake(s.stake.position).notional(self.mid(name)) for name, s in self._stakes.items())
        return None if free is None else Cash(free + sum(held))

    def grant(self, market: str, quote: Quote, seq: int) -> None:
        self._grants.setdefault(market, []).append((seq, quote))

    def whole(self, market: str, quote: Quote, caps: Caps) -> Whole:
        """All of it if `quote` of `market` were placed; what no cap limits is not added up, for markets can be many."""
        own, nothing = self.groups[market], Cash(0)
        event = [name for name, group in self.groups.items() if group.event == own.event]
        strategy = [name for name, group in self.groups.items() if group.strategy == own.strategy]
        events, strategies = caps.max_event_loss is not None, caps.max_strategy_notional is not None
        totals = caps.max_total_notional is not None
        return Whole(
            balance=self.balance(),
            event=self._loss(event, own, market, quote) if events else nothing,
            event_now=self._loss(event, own, market) if events else nothing,
            strategy=self._notional(strategy, market, quote) if strategies else nothing,
            total=self._notional(list(self.groups), market, quote) if totals else nothing,
        )

    def _loss(self, names: list[str], group: Group, market: str, *more: Quote) -> Cash:
        known = [self._stake(name).plus(*(more if name == market else ())) for name in names if name in self._stakes]
        silent = sum(self.unread for name in names if name not in self._stakes)
        return Cash(worst_loss(known, exclusive=group.exclusive) + silent)

    def _notional(self, names: list[str], market: str, quote: Quote) -> Cash:
        known = [name for name in names if name in self._stakes]
        stakes = {name: self._stake(name).plus(*([quote] if name == market else [])) for name in known}
        silent = self.unread * (len(names) - len(known))
        return Cash(sum(stake.notional(self.mid(name)) for name, stake in stakes.items()) + silent)

    def _stake(self, market: str) -> Stake:
        return self._stakes[market].stake.plus(*(quote for _, quote in self._grants.get(market, ())))
