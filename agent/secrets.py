"""The installation's own secrets: made once, kept in a file only its owner can read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Set as AbstractSet
from pathlib import Path

from agent.vault import new_key

FILE = "secrets.env"
_HEAD = "# Made by Referline. Keep a copy apart from the database's backups: without these keys its contents cannot be read.\n"


def path(data_dir: Path) -> Path:
    """Where the secrets of this installation are."""
    return data_dir / FILE


def private_dir(folder: Path) -> Path:
    """Make the folder, for its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def ensure(data_dir: Path, given: AbstractSet[str] = frozenset()) -> bool:
    """Make SECRET_KEY and ENCRYPTION_KEYS where neither `given` (what the environment sets) nor the file has them.

    Never overwrites. True when something was made.
    """
    file = path(private_dir(data_dir))
    present = given | _names(file)
    fresh = {"SECRET_KEY": secrets.token_urlsafe(48), "ENCRYPTION_KEYS": new_key()}
    lines = [f"{name}={value}\n" for name, value in fresh.items() if name not in present]
    if not lines:
        return False
    head = "" if file.exists() else _HEAD
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
        out.write(head + "".join(lines))
    return True


def add_key(data_dir: Path, key: str, *, newest: bool) -> None:
    """Put one more key into the file's ENCRYPTION_KEYS, first when it is to seal from now on. Raises FileNotFoundError."""
    file = path(data_dir)
    rows = file.read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(rows):
        if row.startswith("ENCRYPTION_KEYS="):
            keys = [k for k in row.partition("=")[2].split(",") if k and k != key]
            rows[number] = "ENCRYPTION_KEYS=" + ",".join([key, *keys] if newest else [*keys, key])
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write("\n".join(rows) + "\n")
    fresh.replace(file)


def _names(file: Path) -> set[str]:
    if not file.exists():
        return set()
    return {row.partition("=")[0].strip() for row in file.read_text(encoding="utf-8").splitlines() if "=" in row and not row.startswith("#")}
