"""Reads a document in a process of its own: little memory, little time, no secrets in its environment, and killed when it stalls."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from knowledge.documents.document import Document, Unreadable, from_json
from knowledge.documents.formats import Progress

STALL = 5.0
"""Seconds one page may take by the clock. The process ends itself long before, by its own processor time (`child.PAGE_SECONDS`)."""
STARTING = 10.0
"""Seconds for the process itself to come up, before it has looked at the file."""
WHOLE = 40.0
"""Seconds for all pages."""
_MOST_OUT = 32 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


def _quiet(_page: int, _of: int) -> None:
    """Nobody watches."""


def read(path: Path, progress: Progress = _quiet, *, stall: float = STALL) -> Document:
    """The document at `path`. Raises Unreadable, in words, for whatever cannot be read within the bounds."""
    return _read(("knowledge.documents.child", str(path.resolve())), progress, stall)


def read_calendar(path: Path, zone: ZoneInfo, today: date) -> Document:
    """The openings in a calendar, as `calendar_feed.read` gives them. Raises Unreadable."""
    return _read(("knowledge.documents.calendar_child", str(path.resolve()), zone.key, today.isoformat()), _quiet, STALL)


def _read(arguments: Sequence[str], progress: Progress, stall: float) -> Document:
    command = [sys.executable, "-s", "-m", *arguments]
    child = subprocess.Popen(  # noqa: S603 - our own module; the only thing from outside is a path, as an argument
        command, cwd=_ROOT, env={"PYTHONIOENCODING": "utf-8"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdout is not None
    lines: queue.Queue[str | None] = queue.Queue()
    feeder = threading.Thread(target=_feed, args=(child.stdout, lines.put), daemon=True)
    feeder.start()
    try:
        return _listen(lines, progress, stall)
    finally:
        child.kill()
        child.wait()
        feeder.join()
        child.stdout.close()


def _listen(lines: queue.Queue[str | None], progress: Progress, stall: float) -> Document:
    ends, patience, page = time.monotonic() + STARTING + WHOLE, STARTING, 0
    while True:
        try:
            line = lines.get(timeout=max(0.0, min(patience, ends - time.monotonic())))
        except queue.Empty:
            raise Unreadable("it takes too long to read; it is damaged, or made to keep a machine busy", page) from None
        row = _row(line)
        if row is None:
            raise Unreadable("the reader gave up on it; it is damaged, or takes more time or memory than a document may", page)
        if "document" in row:
            return _document(row)
        if "unreadable" in row:
            raise Unreadable(str(row["unreadable"]), int(row.get("page") or 0))
        page = int(row["page"])
        patience = stall
        if page:
            progress(page, int(row["of"]))


def _row(line: str | None) -> dict[str, Any] | None:
    try:
        row = json.loads(line or "")
    except ValueError:
        return None
    return row if isinstance(row, dict) and row.keys() & {"document", "unreadable", "page"} else None


def _document(row: dict[str, Any]) -> Document:
    try:
        return from_json(json.dumps(row["document"]))
    except (ValueError, KeyError, TypeError):
        raise Unreadable("the reader gave up on it") from None


def _feed(out: IO[str], put: Callable[[str | None], None]) -> None:
    """Lines as they come, then None; a reader that talks without end is not listened to for ever."""
    left = _MOST_OUT
    while left > 0 and (line := out.readline(left)):
        left -= len(line)
        put(line)
    put(None)
