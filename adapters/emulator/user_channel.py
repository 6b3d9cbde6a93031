"""The private user channel (polymarket.md §7): an account's own orders and trades, to whoever holds its key."""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import define, field

from adapters.emulator import wire_orders
from adapters.emulator.accounts import Account
from adapters.emulator.compact import compact_text
from adapters.emulator.events import Event, KeyDeleted, OrderMoved, TradeMoved
from adapters.emulator.keys import Keys
from adapters.emulator.owned import addresses
from adapters.emulator.sockets import Outlet, Unwelcome

_NORMAL = 1000


@define(eq=False)
class UserChannel:
    """`sessions` by the lower-case addresses of their key's wallets, in order of arrival."""

    keys: Keys
    wall: Callable[[], float]
    sessions: dict[str, dict[UserSession, None]] = field(factory=dict)

    def open(self, outlet: Outlet) -> UserSession:
        return UserSession(self, outlet)

    def hear(self, event: Event) -> None:
        """Publish what the exchange just did to the accounts it concerns; a deleted key's sessions end."""
        if isinstance(event, OrderMoved):
            sessions = self._sessions(event.ticket.account)
            if sessions:
                self._push(
                    sessions, event.ticket.listing.market.condition_id, wire_orders.order_event(event, self.wall())
                )
        elif isinstance(event, TradeMoved):
            self._trade_moved(event)
        elif isinstance(event, KeyDeleted):
            sessions = {session: None for group in self.sessions.values() for session in group}
            for session in sessions:
                if session.key == event.key:
                    session.end()

    def _trade_moved(self, event: TradeMoved) -> None:
        """Every session hears of the trade once, from its own side; who is both sides hears it as the taker."""
        told: dict[UserSession, None] = {}
        parties = {leg.ticket.account.address: leg.ticket.account for leg in event.trade.legs}
        for account in parties.values():
            sessions = {session: None for session in self._sessions(account) if session not in told}
            if sessions:
                frame = wire_orders.trade_event(event.trade, account, self.wall())
                self._push(sessions, event.trade.listing.market.condition_id, frame)
                told |= sessions

    def _sessions(self, account: Account) -> dict[UserSession, None]:
        return self.sessions.get(account.address.lower(), {})

    def _push(self, sessions: dict[UserSession, None], condition_id: str, frame: wire_orders.Json) -> None:
        text = compact_text(frame)
        for session in sessions:
            if session.markets is None or condition_id in session.markets:
                session.outlet.push(text)


@define(eq=False)
class UserSession:
    """One client. `markets` None means all markets of the account; address and key are empty before the login."""

    channel: UserChannel
    outlet: Outlet
    address: str = ""
    key: str = ""
    markets: set[str] | None = None

    def received(self, text: str) -> None:
        """The login, a change of markets, or a PING. Raises Unwelcome for wrong credentials."""
        if text == "PING":
            self.outlet.push("PONG")
            return
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            frame = None
        if not isinstance(frame, dict):
            self.outlet.push("INVALID OPERATION")
        elif not self.address:
            self._login(frame)
        else:
            self._change(frame)

    def closed(self) -> None:
        for address in self._addresses():
            sessions = self.channel.sessions.get(address, {})
            sessions.pop(self, None)
            if not sessions:
                self.channel.sessions.pop(address, None)

    def end(self) -> None:
        """Hear nothing more from this instant on, and close normally: the venue's close code is not documented."""
        self.closed()
        self.outlet.end(_NORMAL)

    def _login(self, frame: dict[str, object]) -> None:
        auth = frame.get("auth")
        parts = [auth.get(name) if isinstance(auth, dict) else None for name in ("apiKey", "secret", "passphrase")]
        credential = self.channel.keys.proven(*(str(part) for part in parts))
        if credential is None or str(frame.get("type")).lower() != "user":
            raise Unwelcome
        self.address, self.key = credential.address.lower(), credential.key
        self.markets = _markets(frame) or None
        for address in self._addresses():
            self.channel.sessions.setdefault(address, {})[self] = None

    def _addresses(self) -> list[str]:
        return [address.lower() for address in addresses(self.address)] if self.address else []

    def _change(self, frame: dict[str, object]) -> None:
        """A subscription to all markets stays one: there is nothing to add to it."""
        if self.markets is None:
            return
        if frame.get("operation") == "subscribe":
            self.markets |= _markets(frame)
        elif frame.get("operation") == "unsubscribe":
            self.markets -= _markets(frame)


def _markets(frame: dict[str, object]) -> set[str]:
    markets = frame.get("markets")
    return {str(market) for market in markets} if isinstance(markets, list) else set()
