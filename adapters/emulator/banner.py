"""What the exchange says about itself: where it listens, what is in force, and what it counted by its end. Text only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from actors.model.numbers import PUSD, format_price, format_size
from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED, FUNDING, TestWallet
from adapters.emulator.emulator import Emulator
from adapters.emulator.routes_relayer import key_of

_SOCKETS = {"/ws/market": "market", "/ws/user": "user", "/ws": "spot", "/": "rtds"}  # path: name in the banner

_ADDRESSES = ("clob_url", "gamma_url", "data_url", "relayer_url", "market_ws_url", "user_ws_url", "spot_ws_url")


def banner_of(emulator: Emulator, host: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """All a client needs to begin; `ports` are by service, `sockets` among them."""
    at = f"[{host}]" if ":" in host else host
    rest = {f"{name}_url": f"http://{at}:{port}" for name, port in ports.items() if name != "sockets"}
    sockets = {
        f"{name}_ws_url": f"ws://{at}:{ports['sockets']}{path}"
        for path, name in _SOCKETS.items()
        if path in emulator.channels
    }
    return {
        **dict.fromkeys(_ADDRESSES),
        **rest,
        **sockets,
        "markets": [
            {
                "slug": listing.market.slug,
                "condition_id": listing.market.condition_id,
                "token_ids": list(listing.market.tokens),
                "tick": format_price(listing.market.tick),
                "min_size": format_size(listing.market.min_size),
            }
            for listing in emulator.exchange.listings.all
        ],
        "accounts": [_account(wallet, emulator.desk.keys.seed) for wallet in FUNDED],
    }


def _account(key: TestWallet, seed: int) -> dict[str, str]:
    """A throw-away key, the wallets that it owns (all funded alike), and what it shows the relayer."""
    owned = wallets.of(key.address)
    own = {"proxy": owned.proxy, "safe": owned.safe, "deposit_wallet": owned.deposit}
    relayer = {"relayer_api_key": key_of(seed, key.address)}
    return {"private_key": key.private_key, "address": key.address, **own, **relayer}


def summary_of(emulator: Emulator) -> dict[str, Any]:
    """What is worth telling at the end, all numbers as JSON numbers (`unmet_shares` in shares); {} for nothing.

    With faults, `unhit` are the lines of those that never bit.
    """
    counted = {} if emulator.flow is None else emulator.flow.summary()
    told: dict[str, Any] = {key: float(value) if isinstance(value, str) else value for key, value in counted.items()}
    faults = emulator.desk.faults
    return told | ({"unhit": faults.unhit()} if faults.all else {})


def print_json(told: Mapping[str, Any]) -> None:
    """One line: the banner, or at the end `{"summary": …}`."""
    _print(json.dumps(told))


def print_summary(told: Mapping[str, Any]) -> None:
    """The same for a person."""
    lines = _ending(told["summary"]) if "summary" in told else _greeting(told)
    if lines:
        _print("\n".join(lines))


def _greeting(banner: Mapping[str, Any]) -> list[str]:
    urls = [(key.removesuffix("_url"), url) for key, url in banner.items() if key.endswith("_url") and url]
    urls.sort(key=lambda named: urlsplit(named[1]).port or 0)
    return [
        "Polymarket emulator (practice only: public keys, invented money)",
        *(f"  {name:<9} {url}" for name, url in urls),
        *(f"  market    {m['slug']:<14} tick {m['tick']:<6} {m['condition_id']}" for m in banner["markets"]),
        *(f"  account   {a['address']}  key {a['private_key']}" for a in banner["accounts"]),
        f"  in force  {_in_force(banner['in_force'])}",
        f"  every wallet of a key (its own address, proxy, Safe, deposit wallet) holds {FUNDING // PUSD:,} pUSD",
        "  token ids, wallets and keys: --json; stop with Ctrl-C",
    ]


def _in_force(options: Mapping[str, Any]) -> str:
    flow = f"flow {options['flow']}"
    if options["speed"] is not None:
        flow += f" at speed {options['speed']:g}{' in a loop' if options['loop'] else ''}"
    faults = _count(options["faults"], "fault") if options["faults"] else "no faults"
    ledger = f"ledger {options['ledger']}" if options["ledger"] else "no ledger"
    return ", ".join([f"seed {options['seed']}", flow, faults, f"limits {options['limits']}", ledger])


def _ending(summary: Mapping[str, Any]) -> list[str]:
    recording = [_recording(summary)] if "rows" in summary else []
    return recording + list(summary.get("unhit", []))


def _recording(counted: Mapping[str, Any]) -> str:
    unmet, rounds = Decimal(str(counted["unmet_shares"])).normalize(), counted["rounds"]
    return ", ".join(
        [
            f"recording: {_count(counted['rows'], 'row')}",
            f"{_count(counted['prints'], 'print')} played",
            f"{_count(counted['seeded'], 'level')} seeded",
            f"{counted['pruned']:,} pruned",
            f"{unmet:,f} printed shares met nobody",
            f"played to its end {_count(rounds, 'time')}" if rounds else "not played to its end",
        ]
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _print(text: str) -> None:
    """To stdout if anybody still listens there: a reader who has left does not change how the exchange ends."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
