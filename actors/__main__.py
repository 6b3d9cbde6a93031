"""`python -m actors VERB`: signals first, then the command line."""

import sys

from actors import signals

if sys.argv[1:2] in (["run"], ["exchange"]):
    signals.catch()  # before any slow import: a SIGTERM during start-up must still end in an orderly stop


def main() -> None:
    """The command line; a missing dependency is named with the fix."""
    try:
        from actors.commands.cli import cli

        cli()
    except ModuleNotFoundError as missing:
        top = (missing.name or "").partition(".")[0]
        if top in ("actors", "adapters"):
            raise
        print(
            f"polyactors: the package {top!r} is not installed: run `make run`, or `pip install -e .`", file=sys.stderr
        )
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
