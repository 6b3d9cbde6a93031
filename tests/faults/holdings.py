"""What the account holds by its trades and what that cost: average cost, failed trades never happened."""

from __future__ import annotations

from collections import defaultdict

from attrs import define, field, frozen


@frozen
class Fill:
    """One leg. `change` is signed size units, `paid` signed cash units (negative: received); `t` ledger seconds."""

    trade: str
    token: str
    t: float
    change: int
    paid: int
    own: bool

    @property
    def turn(self) -> tuple[int, bool]:
        """When it counts: the venue states trade times in whole seconds, and within one purchases come first."""
        return int(self.t), self.change < 0


@define
class Average:
    """Signed shares at signed average cost: a trade the other way takes its part of the cost with it."""

    size: int = 0
    cost: int = 0

    def add(self, change: int, paid: int) -> None:
        closed = min(abs(change), abs(self.size)) if self.size * change < 0 else 0
        part = self.cost * closed // abs(self.size) if closed else 0
        spent = paid * closed // abs(change) if closed else 0
        self.size, self.cost = self.size + change, self.cost - part + paid - spent


@define(eq=False)
class Pool:
    """The fills of one token. `every` is the account's, `own` the bot's part of it: it sells its own shares first."""

    fills: list[Fill] = field(factory=list)
    every: Average = field(factory=Average)
    own: Average = field(factory=Average)

    @property
    def cost(self) -> int:
        """What the bot's shares cost. Shares are fungible: whichever attribution is the kinder one counts."""
        return max(0, min(self.own.cost, self.every.cost))

    def add(self, fill: Fill) -> None:
        in_turn = not self.fills or self.fills[-1].turn <= fill.turn
        self.fills.append(fill)
        if in_turn:
            self._count(fill)
        else:
            self.fills.sort(key=lambda known: known.turn)
            self._add_up()

    def void(self, trade: str) -> bool:
        """Take the trade's fills out again; True if a purchase is gone of which something was sold since."""
        gone = [fill for fill in self.fills if fill.trade == trade]
        bought = min((fill.t for fill in gone if fill.change > 0), default=None)
        self.fills = [fill for fill in self.fills if fill.trade != trade]
        self._add_up()
        return bought is not None and any(fill.change < 0 and fill.t >= bought for fill in self.fills)

    def _add_up(self) -> None:
        self.every, self.own = Average(), Average()
        for fill in self.fills:
            self._count(fill)

    def _count(self, fill: Fill) -> None:
        self.every.add(fill.change, fill.paid)
        if not fill.own:
            return
        sold = min(-fill.change, max(0, self.own.size))
        change = fill.change if fill.change > 0 else -sold
        self.own.add(change, fill.paid if fill.change > 0 else 0)


@define(eq=False)
class Holdings:
    """By token. `moved` came or went without a trade (split, merge, redeem); `confirmed` may back a sell of the bot:
    confirmed purchases and what was moved in, less what the bot sold. What others take of it is not the bot's doing.
    """

    pools: dict[str, Pool] = field(factory=dict)
    moved: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    confirmed: defaultdict[str, int] = field(factory=lambda: defaultdict(int))

    def pool(self, token: str) -> Pool:
        return self.pools.setdefault(token, Pool())

    def matched(self, fill: Fill) -> None:
        self.pool(fill.token).add(fill)
        if fill.own and fill.change < 0:
            self.confirmed[fill.token] += fill.change

    def confirm(self, fill: Fill) -> None:
        self.confirmed[fill.token] += max(0, fill.change)

    def fail(self, fill: Fill) -> bool:
        """As `Pool.void`."""
        if fill.own and fill.change < 0:
            self.confirmed[fill.token] -= fill.change
        return self.pool(fill.token).void(fill.trade)

    def move(self, token: str, change: int) -> None:
        self.moved[token] += change
        self.confirmed[token] += max(0, change)

    def there(self, token: str) -> int:
        """Shares by matched trades and moves."""
        return self.pool(token).every.size + self.moved[token]

    def held(self, token: str) -> int:
        """Shares by trades, as far as they are still there: what somebody merged away cannot be sold."""
        return min(self.pool(token).every.size, self.there(token))
