"""A hand-made run for the judge: the bot, its user and a stranger on two markets; the test writes every line and tap."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from attrs import define, field

from actors.model.numbers import PUSD, Cash, format_cash, format_size, parse_price, parse_size
from actors.model.settings import BudgetSettings
from tests.faults.judge import Judge

BOT, STRANGER = "0xB07", "0x57A"
YES, NO, OTHER_YES, OTHER_NO = "101", "102", "201", "202"
_MARKETS = {YES: "m1", NO: "m1", OTHER_YES: "m2", OTHER_NO: "m2"}


@define(eq=False)
class Tale:
    """Starts funded and recovered: life 1 has read orders and trades and has both books."""

    caps: BudgetSettings = BudgetSettings(Cash(20 * PUSD), Cash(30 * PUSD))
    now: float = 0.0
    journal: set[str] = field(factory=set)
    judge: Judge = field(init=False)
    cash: int = 1000 * PUSD
    shares: dict[str, int] = field(factory=dict)
    _ids: count[int] = field(factory=lambda: count(1))
    _trades: dict[str, list[dict[str, Any]]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.judge = Judge(BOT, self.caps, self.journal.__contains__, lambda: self.now, secrets=("0xdeadbeefcafe",))
        for market, slug, tokens in (("m1", "alpha", [YES, NO]), ("m2", "beta", [OTHER_YES, OTHER_NO])):
            self.line("market", market=market, slug=slug, tokens=tokens, tick="0.01", min_size="5", neg_risk=False)
        self.balance("funded")
        self.live(1)

    @property
    def broken(self) -> list[str]:
        """The invariants broken so far, in order."""
        return [breach.invariant for breach in self.judge.breaches]

    @property
    def text(self) -> str:
        return "\n".join(breach.text for breach in self.judge.breaches)

    # ── the exchange ──────────────────────────────────────────────────────────────────────────────────────────────

    def line(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        written = json.dumps({"id": next(self._ids), "t": 1000 + self.now, "kind": kind, **fields})
        self.judge.hear(json.loads(written))

    def arrive(
        self,
        order_id: str,
        side: str = "BUY",
        price: str = "0.4",
        size: str = "10",
        *,
        token: str = YES,
        life: str = "GTC",
        post_only: bool = True,
        who: str = BOT,
    ) -> str:
        self.line(
            "order",
            order=order_id,
            address=who,
            market=_MARKETS[token],
            token=token,
            side=side,
            price=price,
            size=size,
            life=life,
            post_only=post_only,
            expiration=0,
        )
        return order_id

    def cancel(self, order_id: str, *, who: str = BOT, remaining: str = "10") -> None:
        self.line("cancel", order=order_id, address=who, market="m1", remaining=remaining, reason="asked")

    def kill(self, order_id: str, *, who: str = BOT) -> None:
        self.line("kill", order=order_id, address=who, market="m1", reason="nothing to match")

    def trade(
        self,
        name: str,
        order_id: str,
        side: str = "BUY",
        price: str = "0.4",
        size: str = "10",
        *,
        token: str = YES,
        takes: bool = False,
    ) -> str:
        """A leg of the bot's account against the stranger's."""
        paid = parse_price(price) * parse_size(size) // 10_000
        ours = {"order": order_id, "address": BOT, "token": token, "side": side, "size": size, "price": price}
        ours |= {"cash": format_cash(-paid if side == "BUY" else paid), "fee": "0"}
        theirs = {**ours, "order": "theirs", "address": STRANGER, "cash": "0"}
        taker, maker = (ours, theirs) if takes else (theirs, ours)
        self.line("trade", trade=name, market=_MARKETS[token], taker=taker, makers=[maker])
        self._trades.setdefault(name, []).append(ours)
        return name

    def settle(self, name: str, *statuses: str) -> None:
        """MINED moves the balances, and states them."""
        for status in statuses or ("MINED", "CONFIRMED"):
            self.line("settle", trade=name, market="m1", status=status)
            if status == "MINED":
                for leg in self._trades[name]:
                    size, sign = parse_size(leg["size"]), 1 if leg["side"] == "BUY" else -1
                    paid = parse_price(leg["price"]) * size // 10_000
                    self.cash, self.shares[leg["token"]] = (
                        self.cash - sign * paid,
                        self.shares.get(leg["token"], 0) + sign * size,
                    )
                self.balance(f"trade {name}")

    def balance(self, why: str = "look") -> None:
        shares = {token: format_size(size) for token, size in self.shares.items() if size}
        self.line("balance", address=BOT, cash=format_cash(self.cash), shares=shares, why=why)

    def fault(self, effect: str, what: str) -> None:
        self.line("fault", fault=effect, effect=effect, hit=1, what=what)

    # ── the bot's side ────────────────────────────────────────────────────────────────────────────────────────────

    def live(self, number: int) -> None:
        """A life begins and does all that it must before its first order."""
        self.judge.life(number)
        self.judge.read("orders", self.now)
        self.judge.read("trades", self.now)
        self.see()

    def see(self) -> None:
        for token in _MARKETS:
            self.judge.framed(token)

    def post(
        self,
        order_id: str,
        side: str = "BUY",
        price: str = "0.4",
        size: str = "10",
        *,
        token: str = YES,
        life: str = "GTC",
        post_only: bool = True,
        by: int = 1,
        body: bytes = b"",
    ) -> str:
        """Journal it and let it leave."""
        cash, amount = str(parse_price(price) * parse_size(size) // 10_000), str(parse_size(size))
        maker, taker = (cash, amount) if side == "BUY" else (amount, cash)
        order = {"tokenId": token, "side": side, "makerAmount": maker, "takerAmount": taker}
        self.journal.add(order_id)
        self.judge.posted(
            order_id,
            body or json.dumps({"order": order, "orderType": life, "postOnly": post_only}).encode(),
            by,
        )
        return order_id

    def place(self, order_id: str, *terms: str, answer: bool = True, **more: Any) -> str:  # noqa: ANN401 - as `post`
        """Post it, let it arrive, and let the answer come back."""
        self.post(order_id, *terms, **more)
        more.pop("by", None)
        self.arrive(order_id, *terms, **more)
        if answer:
            self.judge.answered(order_id, 200, b'{"success":true}')
        return order_id

    def buy(self, name: str, price: str = "0.4", size: str = "10", **more: Any) -> None:  # noqa: ANN401 - as `post`
        """The bot buys shares that are confirmed."""
        self.place(f"buy {name}", "BUY", price, size, **more)
        self.trade(name, f"buy {name}", "BUY", price, size, **more)
        self.settle(name)
