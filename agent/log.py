"""Logging: one JSON object per line, or one readable line, on standard error. Messages are static; ids go in fields.

What a caller said never reaches a log: an exception is logged by its type and place, never by its message,
because messages of drivers and parsers quote what they were given.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_QUIET = ("twilio.http_client", "urllib3", "alembic", "werkzeug")
"""These write addresses, numbers or noise at INFO."""


class JsonLines(logging.Formatter):
    """One JSON object per record; line breaks in a value cannot start a forged line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        row: dict[str, object] = {"at": _at(record), "level": record.levelname.lower(), "logger": record.name, "message": record.getMessage()}
        row |= _fields(record)
        if record.exc_info:
            row["error"] = place(record.exc_info[1])
        return json.dumps(row, ensure_ascii=True, default=str)


class Console(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record."""
        fields = " ".join(f"{key}={json.dumps(value, default=str)}" for key, value in _fields(record).items())
        error = f" error={place(record.exc_info[1])}" if record.exc_info else ""
        message = record.getMessage().replace("\n", " ").replace("\r", " ")
        return f"{_at(record)[11:19]} {record.levelname.lower():8}{record.name}: {message}{' ' if fields else ''}{fields}{error}"


def configure(form: Literal["json", "console"], level: int = logging.INFO) -> None:
    """Send every logger of this process to standard error in one form. Call once, at the start of a command."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Console())
    # None of these is printed, and asking for them takes as long as writing the line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def place(error: BaseException | None) -> str:
    """`OperationalError at store.py:112 in transaction`: enough to find the fault, nothing of what was said."""
    if error is None:
        return ""
    frames = traceback.extract_tb(_innermost(error.__traceback__))
    where = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}"


def _innermost(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
