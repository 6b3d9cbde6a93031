"""The command line: one verb per module, each imported only when it is used, so that `status` starts fast."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from actors.commands.discreet import discreet

# Literal names: the reachability test follows them.
_VERBS: dict[str, Callable[[], ModuleType]] = {
    "run": lambda: import_module("actors.commands.run"),
    "exchange": lambda: import_module("actors.commands.exchange"),
    "status": lambda: import_module("actors.commands.status"),
    "explain": lambda: import_module("actors.commands.explain"),
    "pause": lambda: import_module("actors.commands.pause"),
    "resume": lambda: import_module("actors.commands.resume"),
    "flatten": lambda: import_module("actors.commands.flatten"),
    "merge": lambda: import_module("actors.commands.merge"),
    "split": lambda: import_module("actors.commands.split"),
    "redeem": lambda: import_module("actors.commands.redeem"),
    "cancel-all": lambda: import_module("actors.commands.cancel_all"),
    "kill": lambda: import_module("actors.commands.kill"),
    "reload": lambda: import_module("actors.commands.reload"),
    "set": lambda: import_module("actors.commands.set"),
    "stop": lambda: import_module("actors.commands.stop"),
    "approve": lambda: import_module("actors.commands.approve"),
    "reject": lambda: import_module("actors.commands.reject"),
    "audit": lambda: import_module("actors.commands.audit"),
    "drill": lambda: import_module("actors.commands.drill"),
    "markets": lambda: import_module("actors.commands.markets"),
    "evaluate": lambda: import_module("actors.commands.evaluate"),
    "doctor": lambda: import_module("actors.commands.doctor"),
    "config": lambda: import_module("actors.commands.config"),
    "version": lambda: import_module("actors.commands.version"),
}


class _Verbs(click.Group):
    """Verbs by name; the module `some_verb` holds the click command `some_verb`."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - click's own
        """Without secrets in what is printed; but the exchange's results are keys that everybody knows."""
        words = sys.argv[1:] if args is None else [*args]
        with discreet(results=words[:1] != ["exchange"]):
            try:
                return super().main(words, *rest, **options)
            except OSError as problem:
                if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                raise SystemExit(f"polyactors: {problem.strerror}: make room, and try again") from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        load = _VERBS.get(cmd_name)
        if load is None:
            near = get_close_matches(cmd_name, _VERBS, n=1)
            ctx.fail(f"No such command {cmd_name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        command = getattr(load(), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.command(cls=_Verbs)
def cli() -> None:
    """polyactors: a supervised Polymarket trading bot. `run config.yaml` starts it; the rest talks to a running one."""
