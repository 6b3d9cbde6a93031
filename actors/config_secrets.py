"""The names under which secrets are given, and their values kept out of texts. Standard library only: every command has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SECRETS = (
    "PRIVATE_KEY",
    "FUNDER_ADDRESS",
    "SIGNATURE_TYPE",
    "CLOB_API_KEY",
    "CLOB_API_SECRET",
    "CLOB_API_PASSPHRASE",
    "RELAYER_API_KEY",
    "KEYSTORE_FILE",
    "KEYSTORE_PASSWORD",
    "KEYSTORE_PASSWORD_FILE",
)
PUBLIC = ("FUNDER_ADDRESS", "SIGNATURE_TYPE", "KEYSTORE_FILE", "KEYSTORE_PASSWORD_FILE")  # of them, what may be seen

_HIDDEN = "***"
_SHORTEST_SECRET = 8


def secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The values in `environ` that must never be printed."""
    names = [name for name in SECRETS if name not in PUBLIC]
    return tuple(value for name in names if len(value := environ.get(name, "").strip()) >= _SHORTEST_SECRET)


def hidden(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return text
