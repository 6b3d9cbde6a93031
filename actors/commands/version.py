"""`version`: which polyactors this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

import click


@click.command()
def version() -> None:
    """Print the version."""
    try:
        click.echo(f"polyactors {installed_version('polyactors')}")
    except PackageNotFoundError:
        click.echo("polyactors (not installed: run `make run` or `pip install -e .`)")
