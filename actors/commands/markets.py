"""`markets list | search | rank`: what the venue lists, and what of it is worth trading; `on | off`: what the bot trades."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from actors.commands.config import load_or_exit
from actors.commands.link import NoAnswer, ask, fail
from actors.commands.options import order, to_bot
from actors.model.candidate import Candidate
from actors.model.day import utc_text
from actors.model.listing import Listing
from actors.model.numbers import PRICE_ONE, PUSD, SHARE
from actors.model.settings import Settings

if TYPE_CHECKING:
    from actors.pricing.choice import Ranked
    from actors.pricing.exclusive import Set
    from actors.wiring.browse import Browse

F = TypeVar("F", bound=Callable[..., Any])
_Row = dict[str, Any]


def _asking(command: F) -> F:
    """Adds where to ask, and how to print."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print a JSON list."),
        click.option("--limit", type=click.IntRange(1, 20_000), default=20, show_default=True, help="At most so many."),
        click.option("--instance", default="default", show_default=True, help="A bot whose exchange to ask."),
        click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Cover a value of the file."),
        click.option("--clob-url", help="Address of the order books, for `rank`, if --url is given."),
        click.option("--url", help="Gamma's address; else venue.gamma_url, else that of the running bot."),
        click.option(
            "--config", "file", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True
        ),
    ):
        command = option(command)
    return command


@click.group()
def markets() -> None:
    """Look for markets: what is listed, what a search finds, what is worth trading; switch them on and off."""


@markets.command("list")
@_asking
def listing(as_json: bool, limit: int, **where: Any) -> None:  # noqa: ANN401 - the options of _asking
    """The open markets with the most volume."""
    browse, _ = _browse(**where)
    _print(
        [_shown(one) for one in _told(lambda: browse.busiest(limit))], as_json, _LISTED, none="no open market is listed"
    )


@markets.command()
@click.argument("words", nargs=-1, required=True)
@_asking
def search(words: tuple[str, ...], as_json: bool, limit: int, **where: Any) -> None:  # noqa: ANN401 - as above
    """The open markets whose texts hold all WORDS."""
    browse, _ = _browse(**where)
    found = _told(lambda: browse.search(" ".join(words), limit))
    _print([_shown(one) for one in found], as_json, _LISTED, none="no open market has all these words")


@markets.command()
@_asking
def rank(as_json: bool, limit: int, **where: Any) -> None:  # noqa: ANN401 - as above
    """The markets worth trading by the `discover` section of the configuration, best first; why others are not."""
    browse, settings = _browse(**where)
    choice = _told(lambda: browse.choice(settings))
    _print([_judged(one, settings) for one in choice.ranked[:limit]], as_json, _RANKED)
    click.echo(choice.text(), err=True)


@markets.command()
@click.argument("event")
@_asking
def sets(event: str, as_json: bool, limit: int, **where: Any) -> None:  # noqa: ANN401 - as above
    """What a share of each outcome of the neg-risk EVENT (its slug) together would earn at the best prices.

    Every YES pays 1, every NO all but 1; NO of some markets convert into cash and YES of the others. Trades nothing.
    """
    browse, _ = _browse(**where)
    _print(
        [_summed(one) for one in _told(lambda: browse.sets(event))[:limit]], as_json, _SETS, none="no set can be priced"
    )


@markets.command()
@click.argument("market")
@to_bot
def on(market: str, instance: str, socket: str | None, as_json: bool) -> None:
    """Start trading MARKET (slug, id, address, or a series such as btc-updown-5m) while the bot runs.

    It outlives a restart, until `markets off`: the configuration stays as it is, the journal remembers.
    """
    order("markets", instance, socket, as_json, market=market, on=True)


@markets.command()
@click.argument("market")
@to_bot
def off(market: str, instance: str, socket: str | None, as_json: bool) -> None:
    """Leave MARKET: cancel its orders, sell what is held (on_leave), and forget it once it is empty.

    It outlives a restart, also for a market that the configuration names, until `markets on`.
    """
    order("markets", instance, socket, as_json, market=market, on=False)


def _browse(
    file: Path, overrides: tuple[str, ...], url: str | None, clob_url: str | None, instance: str
) -> tuple[Browse, Settings]:
    from actors.wiring.browse import Browse

    settings = load_or_exit(file, overrides).settings
    return _told(lambda: Browse.at(settings, url, clob_url, _details(instance, settings.control.socket))), settings


def _told(read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is read
    """What was read; exit 1 with a clear line if there is nobody to ask."""
    from actors.wiring.browse import NoVenue

    try:
        return read()
    except NoVenue as problem:
        fail(str(problem))


def _details(instance: str, path: str | None) -> Mapping[str, str]:
    """Where a running bot's exchange listens; empty if none runs."""
    try:
        return {str(name): str(value) for name, value in ask(instance, "status", path)["details"].items()}
    except NoAnswer:
        return {}


def _shown(one: Listing) -> _Row:
    told = one.activity
    return {
        "market": one.slug,
        "question": one.question,
        "event": one.event.slug if one.event else None,
        "gamma_id": one.gamma_id,
        "condition_id": one.condition_id,
        "version": one.version.value,
        "takes_orders": one.open and one.accepting,
        "bid": None if told.bid is None else told.bid / PRICE_ONE,
        "ask": None if told.ask is None else told.ask / PRICE_ONE,
        "volume_24h": told.volume_day / PUSD,
        "volume": told.volume / PUSD,
        "rewards_per_day": one.rewards.per_day / PUSD,
        "ends": None if one.ends_at is None else utc_text(one.ends_at),
    }


def _judged(one: Ranked, settings: Settings) -> _Row:
    """A listing with its book at the time it was judged, and both scores."""
    candidate: Candidate = one.candidate
    bids, asks = candidate.depth
    return {
        **_shown(candidate.listing),
        "bid": candidate.bids[0].price / PRICE_ONE,
        "ask": candidate.asks[0].price / PRICE_ONE,
        "depth_bid": bids / PUSD,
        "depth_ask": asks / PUSD,
        "quality": round(one.quality, 2),
        "income": round(one.income, 6),
        "by": settings.discover.score,
    }


def _summed(one: Set) -> _Row:
    return {
        "set": one.kind,
        "edge": round(one.edge, 6),
        "sets": one.size / SHARE,
        "annual": None if one.annual is None else round(one.annual, 4),
        "no_of": list(one.no_of),
    }


_Column = tuple[str, int, Callable[[_Row], str]]
_MARKET: _Column = ("market", 40, lambda row: str(row["market"]))
_COMMON: tuple[_Column, ...] = (
    ("bid/ask", 13, lambda row: "/".join("-" if row[s] is None else f"{row[s]:g}" for s in ("bid", "ask"))),
    ("volume 24h", 12, lambda row: f"{row['volume_24h']:,.0f}"),
    ("ends", 12, lambda row: "-" if row["ends"] is None else str(row["ends"])[:10]),
)
_LISTED = (_MARKET, *_COMMON, ("  question", 0, lambda row: f"  {row['question']}"))
_RANKED = (
    _MARKET,
    ("quality", 8, lambda row: f"{row['quality']:.1f}"),
    ("income", 9, lambda row: f"{row['income']:.4f}"),
    *_COMMON,
    ("depth", 14, lambda row: f"{row['depth_bid']:,.0f}/{row['depth_ask']:,.0f}"),
)

_SETS: tuple[_Column, ...] = (
    ("set", 14, lambda row: str(row["set"])),
    ("edge", 9, lambda row: f"{row['edge']:+.4f}"),
    ("sets", 11, lambda row: f"{row['sets']:,.2f}"),
    ("a year", 9, lambda row: "-" if row["annual"] is None else f"{row['annual']:+.0%}"),
    ("  NO bought of", 0, lambda row: f"  {', '.join(row['no_of']) or '-'}"),
)


def _print(rows: list[_Row], as_json: bool, columns: Iterable[_Column], *, none: str = "") -> None:
    """A table, or `none` to stderr in the place of an empty one."""
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if not rows:
        if none:
            click.echo(none, err=True)
        return
    shown = [*columns]
    for cells in ([name for name, _, _ in shown], *([text(row) for _, _, text in shown] for row in rows)):
        first, *rest = (f"{cell:>{width}}" for cell, (_, width, _) in zip(cells, shown, strict=True))
        click.echo(f"{first.strip():<{shown[0][1]}}{''.join(rest)}".rstrip())
