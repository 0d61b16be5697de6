"""Is there a person to connect this caller to, now?"""

from __future__ import annotations

from datetime import datetime

from agent.clinic import Clinic


def person(clinic: Clinic, now: datetime) -> str | None:
    """The number to try, E.164; None when nobody is there. Never a number a caller said."""
    return (clinic.desk_number or None) if clinic.calendar.is_open(now) else None
