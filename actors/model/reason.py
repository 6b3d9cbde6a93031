"""Why a market is not quoted: one code per rule, the rule in words, and the config key that would change it."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen


class Reason(Enum):
    """The rule behind a missing quote; the value is its text. Codes are the lower-case names."""

    STARTING = "the market has just started and is reconciling with the venue"
    NO_BOOK = "no complete book of both outcomes has arrived yet"
    STALE_BOOK = "nothing has confirmed the book within `feed.stale` seconds"
    STALE_SPOT = "the spot price that the market resolves on is missing or older than `feed.spot_stale` seconds"
    REST_ONLY = "the market socket delivers no book, REST stands in: only what reduces the position is quoted"
    ONE_SIDED = "one side of the book is empty, so there is no fair price"
    CROSSED = "the book's bid is at or above its ask: it cannot be trusted"
    SPREAD_TOO_WIDE = "the book's spread is above `strategy.max_spread`"
    PRICE_OUT_OF_RANGE = "the mid price is outside `strategy.min_price` to `strategy.max_price`"
    SIZE_BELOW_MINIMUM = "`strategy.size` is below the market's minimum order size"
    INVENTORY_LIMIT = "the net position has reached `strategy.limit`"
    SHORT_OF_MEANS = "free collateral, shares for sale and time limits leave less than the smallest order"
    BAND_TOO_NARROW = "a band of `strategy.bands` leaves less than an order between its smallest and its average amount"
    NO_EDGE = "both outcomes together do not leave `strategy.min_edge_threshold` after fees and allowances"
    EDGE_NOT_REALISED = "the last arbitrages have earned less than `strategy.min_realised` a pair: no more in this run"
    JUST_TRADED = "an arbitrage has just ended: the book has to show first what it has left"
    LEG_OPEN = "one leg of an arbitrage is open, and there is no way out of it yet that may be taken"
    NO_ROOM = "post-only prices leave no room on this side of the book"
    JUMPED = "the price has just jumped: both sides wait for `strategy.cool` seconds"
    RESTING = "this side has moved within the last `strategy.rest` seconds"
    ENDING = "the market is about to end: nothing is opened any more"
    PAUSED = "paused on command, until `resume`"
    DRAINING = "the bot is shutting down"
    FLATTENING = "the market is being flattened on command"
    REDUCING = "only what reduces the position is quoted"
    SAFE = "the kill switch is set, until `resume --ack-kill`"
    PARKED = "this market is given up for now: retried later or on `resume`"
    RESTARTING = "an actor of this market has crashed and is being started again"
    ADMISSION_CLOSED = "a shared actor is down or not yet restored, or the venue takes no orders"
    RECONCILING = "the orders are being compared with the venue"
    UNKNOWN_ORDERS = "too many orders have an unknown outcome (`risk.max_unknown`)"
    RISK_ORDER_SIZE = "the order is larger than `risk.max_order_size`"
    RISK_ORDER_NOTIONAL = "the order's notional is above `risk.max_order_notional`"
    RISK_POSITION = "the fill could take the position past `risk.max_position`"
    RISK_ORDER_COUNT = "the market already has `risk.max_orders_per_market` orders"
    RISK_ORDER_SHARE = "the order would take more than `risk.max_order_share` percent of the free balance"
    RISK_EVENT = "the order could let the event lose more than `risk.max_event_loss`"
    RISK_STRATEGY = "the order would take the strategy past `risk.max_strategy_notional`"
    RISK_TOTAL = "the order would take all markets past `risk.max_total_notional`"
    BUDGET_MARKET = "the market's budget (its own, or `budget.per_market`) has no room for the order"
    BUDGET_TOTAL = "the whole budget (`budget.total`) has no room for the order"
    RATE_LIMIT = "a local rate (`limits`) is used up; the audit trail's `slowed` rows name the key"
    ORDER_CEILING = "the account already has `limits.max_open_orders` orders"
    SELF_TRADE = "the order could trade with one of ours that may still be open"
    NOT_HELD = "more would be sold than is held, confirmed and not on offer already"
    SPREAD_NARROW = "the spread is below `strategy.skip_below` or `strategy.stop_below`"
    TOO_LATE = "the market ends within `strategy.before_end`"
    NEXT_TAKE = "the strategy's next order is not due yet"
    TAKE_OPEN = "an order that trades at once is under way, or nobody knows yet what became of one"
    ATTEMPTS_OVER = "the strategy has made all its attempts (`strategy.iterations`)"
    SPENT = "what the strategy may spend in this market is used up (`strategy.max_spend`)"
    MIN_LIFE = "an order of this side is younger than `limits.min_life`"
    DEDUPE = "the same order was placed less than `limits.dedupe` ago"
    CHURN = "the market has used up `limits.actions_per_minute`"
    ASK_UNANSWERED = "risk, budget or limiter did not answer in time"
    AWAITING_APPROVAL = "the order waits for a person's approval (`approval.orders`)"
    NOT_APPROVED = "the order was not approved: it was rejected, or nobody answered in time"
    RETUNED = "the settings have just been changed: the order is decided anew"
    OFF_GRID = "the order's price or size is off the venue's grid"
    VENUE_CLOSED = "the venue takes no such order for now, or another one tries first"
    VENUE_REFUSED = "the venue refused the last order"
    FEES_UNKNOWN = "what the market charges takers is not known: nothing is taken there but what reduces a position"
    SIGNATURE_REFUSED = "the venue refused an order's signature: the market's terms are being read again"
    HOURLY_LOSS = "an hour has lost `risk.pause_hourly_loss` or `risk.max_hourly_loss`"
    DAILY_LOSS = "the day has lost `risk.pause_daily_loss` or `risk.max_daily_loss`"
    DRAWDOWN = "the PnL has fallen by `risk.pause_drawdown` or `risk.max_drawdown` from its peak"
    BALANCE_LOSS = "the day has lost `risk.max_balance_loss` percent of the balance it began with"
    LOW_BALANCE = "the free balance is below `risk.min_balance`"
    ERROR_RATE = "too many orders went unanswered (`risk.breakers.error_rate`)"
    ERROR_STREAK = "too many orders in a row went unanswered (`risk.breakers.error_streak`)"
    REJECT_RATE = "the venue refused too many orders (`risk.breakers.reject_rate`)"
    SLOW_RATE = "the venue answered too many orders late (`risk.breakers.slow_rate`)"
    LOSS_STREAK = "too many closing trades in a row lost (`risk.breakers.loss_streak`)"
    PICKED_OFF = "the price keeps moving against own fills (`risk.breakers.markout`)"
    OUTSIDE_HOURS = "a window is not quoted right after it opens, nor right before it ends"
    NOT_UP_DOWN = "the market is no window of an up/down series: `value` knows no price of it"
    BET_HELD = "the window has its bet: it waits for the end"
    SETTLEMENT_UNKNOWN = "the venue does not say by which average the window settles"
    TIME_LEFT = "the time left is outside `strategy.least_left` to `strategy.most_left`"
    CLOCK_BEHIND = "prices come before their time: this machine's clock is behind by more than 0.25 s"
    STALE_STREAM = "the settlement price is missing or older than `strategy.stream_stale`"
    BOOK_TOO_OLD = "nothing has confirmed the book within `strategy.book_stale`"
    THIN_BOOK = "the book offers less than `strategy.min_depth` on a side"
    IMBALANCED = "one side of the book outweighs the other by more than `strategy.max_imbalance`"
    MOVING = "the mid has moved by more than `strategy.max_move` within a minute"
    TOXIC_FLOW = "the flow of trades is more one-sided than `strategy.max_vpin`"
    BAD_MARKOUT = "the price has run away from own fills by more than `strategy.max_markout` a share"
    VOLATILITY_UNKNOWN = "too few settlement prices have been heard to know their volatility"
    TOO_VOLATILE = "the settlement price is more volatile than `strategy.max_volatility`"
    STRIKE_UNKNOWN = "the settlement prices at the window's start, or of its last average, were not all heard"
    MODEL_OFF = "model and book differ by more than `strategy.max_gap`: it is the model that is taken to be wrong"
    EDGE_TOO_SMALL = (
        "the expected gain is less than `strategy.min_edge` or twice the chance's error (`strategy.error`, price's age)"
    )
    EDGE_BELOW_FEES = "the expected gain before the fee is less than `strategy.edge_to_fee` fees"
    BALANCE_UNKNOWN = "the account's balance has not been read yet"
    ASK_TOO_SMALL = "`strategy.touch_share` of the best ask is less than the smallest order"
    BET_LIMIT = "what may be bet on the window is less than the smallest order"
    CORRELATED = "an open bet elsewhere moves more alike than `strategy.max_correlation`"
    EDGE_TOO_YOUNG = "the edge has stood for less than `strategy.edge_for`: the book may know what is not heard yet"
    LEAVING = "the market is being left: its orders are cancelled, and it goes once nothing is held"
    NOT_ACCEPTING = "the market does not take orders, or is being decided, or has ended"

    @property
    def code(self) -> str:
        return self.name.lower()


@frozen
class Hint:
    """A configuration change that would lift the rule: set `key` to `value` (as it would stand in YAML)."""

    key: str
    value: str


@frozen
class Refusal:
    """One rule that held a quote back, with what it was judged on and what would change it."""

    reason: Reason
    inputs: tuple[tuple[str, str], ...] = field(default=())
    hint: Hint | None = None

    @property
    def code(self) -> str:
        return self.reason.code

    def text(self) -> str:
        """One line: the rule, then its inputs."""
        inputs = ", ".join(f"{name} {value}" for name, value in self.inputs)
        return f"{self.reason.value} ({inputs})" if inputs else self.reason.value
