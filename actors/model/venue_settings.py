"""Where the venue is: its addresses as settings. Never dials one; `Settings.venue` holds the value."""

from __future__ import annotations

from attrs import field, frozen, validators

from actors.model.validity import Conflict, about, address, not_blank, one_of

_https, _wss = validators.optional(address("https")), validators.optional(address("wss"))
_text = validators.optional(not_blank)
_WITHOUT_CLOB = "must belong to the exchange of venue.clob_url: set that, too"
_OF_THE_EXCHANGE = (
    "belongs to the exchange, and venue.clob_url names one that runs already: give it to `actors exchange`"
)

_OF_A_CHILD = "needs the exchange that the bot starts, which tells its relayer's key: leave venue.clob_url out"


@frozen
class VenueSettings:
    """Addresses; empty = the mode's own (demo: the exchange it starts; live: Polymarket). Plain http and ws only on this machine."""

    clob_url: str | None = field(default=None, validator=_https, metadata=about("order and book REST"))
    gamma_url: str | None = field(default=None, validator=_https, metadata=about("names of markets and events"))
    data_url: str | None = field(default=None, validator=_https, metadata=about("positions as reported, for doctor"))
    market_ws_url: str | None = field(default=None, validator=_wss, metadata=about("book socket"))
    user_ws_url: str | None = field(default=None, validator=_wss, metadata=about("own orders and trades socket"))
    spot_ws_url: str | None = field(
        default=None, validator=_wss, metadata=about("spot price socket: PolyBolt, or RTDS where there is no path")
    )
    relayer_url: str | None = field(
        default=None, validator=_https, metadata=about("sends the transactions of contract wallets")
    )
    wallet: str = field(
        default="eoa",
        validator=one_of("eoa", "proxy", "safe", "deposit"),
        metadata=about("demo: which wallet of the practice account trades; all but eoa settle through the relayer"),
    )
    flow: str | None = field(default=None, validator=_text, metadata=about("demo: who else trades; a family or a file"))
    faults: str | None = field(default=None, validator=_text, metadata=about("demo: file of faults to inject"))

    def __attrs_post_init__(self) -> None:
        if self.clob_url is None:
            self._refuse(
                ("market_ws_url", "user_ws_url", "gamma_url", "data_url", "spot_ws_url", "relayer_url"), _WITHOUT_CLOB
            )
        else:
            self._refuse(("flow", "faults"), _OF_THE_EXCHANGE)
            if self.wallet != "eoa":
                raise Conflict("wallet", _OF_A_CHILD)
            if self.market_ws_url is None or self.user_ws_url is None:
                raise Conflict("clob_url", "needs venue.market_ws_url and venue.user_ws_url, all three of one exchange")

    def _refuse(self, names: tuple[str, ...], why: str) -> None:
        for name in names:
            if getattr(self, name) is not None:
                raise Conflict(name, why)
