"""How deep a property looks: its count is that of the whole suite, and `make test` tries a quarter of it."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

WHOLE = 100  # Hypothesis's own count, which a property without settings has in the whole suite
QUICK = 25


def register() -> None:
    """The profile `whole`, in force unless `--hypothesis-profile=quick` is given.

    Cores are shared with other workers and processes: an example that takes two seconds is a finding, one that takes
    Hypothesis's fifth of a second may be a neighbour.
    """
    settings.register_profile("quick", max_examples=QUICK, deadline=2_000)
    settings.register_profile("whole", max_examples=WHOLE, deadline=2_000)
    settings.load_profile("whole")


def examples(count: int) -> int:
    """How many examples a property of `count` has under the profile in force."""
    return max(1, count * settings().max_examples // WHOLE)


def seeded(count: int) -> settings:
    """For properties of a seed alone, whose examples are long runs: there is nothing to shrink in a seed."""
    return settings(
        max_examples=examples(count),
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
