"""How many texts the line answers in a day: a flood from many numbers must end before the clinic's money does.

Counted by each web process for itself, in hours: no row is read or written for it. What must be said for somebody's safety is
never held back by it, and calls are answered whatever is texted.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_DAY = timedelta(days=1)

log = logging.getLogger("referline.allowance")


@dataclass(slots=True)
class _Hour:
    """One hour's replies."""

    began: datetime
    replies: int = 0


class Allowance:
    """Replies by text of the last day, and whether there may be one more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._hours: deque[_Hour] = deque()
        self._spent = 0
        self._refused: datetime | None = None
        self._lock = threading.Lock()

    def spend(self, now: datetime) -> bool:
        """Count one reply. False, and nothing counted, when the day's are used up; that is logged once an hour, for somebody to look."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            while self._hours and self._hours[0].began <= hour - _DAY:
                self._spent -= self._hours.popleft().replies
            if self._spent < self._most:
                if not self._hours or self._hours[-1].began != hour:
                    self._hours.append(_Hour(hour))
                self._hours[-1].replies += 1
                self._spent += 1
                return True
            first, self._refused = self._refused != hour, hour
        if first:
            log.error("the texts of a day are used up: no text is answered until some are older", extra={"most": self._most})
        return False
