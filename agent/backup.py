"""A copy of the whole record in one file, made while the line is open. What is sealed stays sealed; the keys are not in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from agent.store import Store

_LIMIT = 3600
"""Seconds `pg_dump` may take."""


class BackupError(Exception):
    """No backup was made; the message says why."""


def make(store: Store, file: Path) -> None:
    """Write the backup, for its owner only; an existing file is never overwritten. Raises BackupError."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupError(f"{file}: {os.strerror(error.errno or 0)}") from error
    try:
        if store.sqlite_path is not None:
            _copy_sqlite(store.sqlite_path, file)
        else:
            _dump_postgresql(store, file)
    except BaseException:
        file.unlink()
        raise


def _copy_sqlite(source: Path, file: Path) -> None:
    """By SQLite's online backup, which sees one moment; copying the file would miss what is still in its log."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(file)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"SQLite could not copy the record: {error}") from error


def _dump_postgresql(store: Store, file: Path) -> None:
    tool = shutil.which("pg_dump")
    if tool is None:
        raise BackupError("pg_dump was not found; install PostgreSQL's client programs")
    url = store.url.set(drivername="postgresql")
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    address = url.set(password=None).render_as_string()
    command = [tool, "--format=custom", f"--file={file}", f"--dbname={address}"]
    try:
        done = subprocess.run(command, env=password, capture_output=True, text=True, timeout=_LIMIT, check=False)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired as error:
        raise BackupError(f"pg_dump took longer than {_LIMIT} seconds") from error
    if done.returncode != 0:
        raise BackupError(f"pg_dump failed: {done.stderr.strip()}")
