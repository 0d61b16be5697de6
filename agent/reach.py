"""Whom to connect a caller to, now: the desk while it is staffed, the people on call otherwise. Never a number a caller said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agent.clinic import Clinic

MOST_RUNG = 3
"""People rung for one caller: a minute is as long as anybody stays on a line that only rings."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be rung."""

    name: str
    """Empty for the desk."""
    number: str
    """E.164, from the clinic's folder."""


def desk(clinic: Clinic, now: datetime) -> str | None:
    """The desk's number while somebody is there."""
    return (clinic.desk_number or None) if clinic.calendar.is_open(now) else None


def people(clinic: Clinic, now: datetime, *, urgent: bool) -> tuple[Person, ...]:
    """Who is tried, in order. While the desk is staffed people on call are left alone, unless it is urgent."""
    wanted = ("any", "urgent") if urgent else ("any",)
    on_call = [Person(one.name, one.phone) for one in clinic.on_call if one.phone and one.calls in wanted]
    staffed = desk(clinic, now)
    found = [Person("", staffed), *(on_call if urgent else [])] if staffed else on_call
    return tuple({one.number: one for one in found}.values())[:MOST_RUNG]
