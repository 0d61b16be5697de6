"""The same process for a calendar: told the file, the clinic's time zone and its date. Run by `knowledge.documents.bounded`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from knowledge.documents import calendar_feed, child

if __name__ == "__main__":
    path, zone, today = Path(sys.argv[1]), ZoneInfo(sys.argv[2]), date.fromisoformat(sys.argv[3])
    child.answer(lambda: lambda _progress: calendar_feed.read(path, zone, today))
