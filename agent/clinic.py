"""The clinic as its folder describes it: `clinic.toml`, `articles.jsonl`, `payers.csv`, and `openings.csv` where there is one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from agent import addresses
from agent.calendar import Calendar, HolidayRule, Hours
from knowledge.articles import Article, KnowledgeError, load_articles
from knowledge.availability import OPENINGS_STALE_AFTER_DAYS, STALE_AFTER_DAYS, Availability, LeadTime
from knowledge.openings_file import Listed, load_openings
from knowledge.payers import PayerRow, load_payers, vocabulary
from nlu.vocabulary import ReferralSource, Vocabulary

OPENINGS = "openings.csv"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ZONE_NAMES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
}


class ClinicError(Exception):
    """A clinic folder that cannot be used; the message names the file and what to change."""


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A provider or practice that refers patients here, and where a thank-you reaches them."""

    provider: str
    practice: str
    specialty: str
    email: str
    fax: str
    """E.164 or empty."""
    phone: str
    """E.164 or empty: also the number their texts come from."""
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is told at once about a red flag, first in the list first."""

    name: str
    phone: str
    """E.164 or empty."""
    email: str
    calls: str = "any"
    """Which callers are put through to them when nobody is at the desk: `any` who asks for a person, `urgent` ones only, `none`."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Everything about one clinic that is not said by a caller."""

    folder: Path
    name: str
    phone: str
    """Where a person answers in open hours, E.164."""
    timezone: ZoneInfo
    timezone_name: str
    """As people say it."""
    state: str
    numbers: tuple[str, ...]
    """Numbers this line answers, E.164; empty: any."""
    desk_number: str
    """Rung first in open hours, E.164; empty: the line answers at once."""
    coordinator_emails: tuple[str, ...]
    on_call: tuple[OnCall, ...]
    referral_sources: tuple[KnownSource, ...]
    vocabulary: Vocabulary
    articles: tuple[Article, ...]
    payers: tuple[PayerRow, ...]
    availability: Availability
    """As the folder stated it when it was read; `agent.openings` keeps it up."""
    feed: str
    """Address of an iCalendar of openings, or a file in the folder; empty: none."""
    calendar: Calendar
    resume_hours: int
    """How long somebody who comes back goes on where they stopped."""
    acknowledge_minutes: int = 5
    """How long an urgent alert waits for one person on call before the next is told."""

    @property
    def resume_window(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(hours=self.resume_hours)


def _number(text: str) -> str:
    number = addresses.e164(text) if text else ""
    if number is None:
        raise ValueError("is no telephone number; write it as +16145550142")
    return number


def _mailbox(text: str) -> str:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("is no e-mail address")
    return text.strip()


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is no time zone; write it as America/New_York") from error
    return text


def _stretch(text: str) -> str:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", text)
    if not match:
        raise ValueError("write hours as 08:00-17:00")
    first, second = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
    if not (first < second <= (23, 59) and first[1] < 60 and second[1] < 60):
        raise ValueError("closing must come after opening, both between 00:00 and 23:59")
    return text


Number = Annotated[str, AfterValidator(_number)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Stretches = list[Annotated[str, AfterValidator(_stretch)]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Week(_Part):
    mon: Stretches = Field(default_factory=lambda: ["08:00-17:00"])
    tue: Stretches = Field(default_factory=lambda: ["08:00-17:00"])
    wed: Stretches = Field(default_factory=lambda: ["08:00-17:00"])
    thu: Stretches = Field(default_factory=lambda: ["08:00-17:00"])
    fri: Stretches = Field(default_factory=lambda: ["08:00-17:00"])
    sat: Stretches = []
    sun: Stretches = []


class _Holidays(_Part):
    country: str = "US"
    kept: list[str] = []
    days_after: list[str] = []


class _OnCall(_Part):
    name: str
    phone: Number = ""
    email: Mailbox = ""
    calls: Literal["any", "urgent", "none"] = "any"


class _Source(_Part):
    provider: str = ""
    practice: str = ""
    specialty: str = ""
    email: Mailbox = ""
    fax: Number = ""
    phone: Number = ""
    aliases: list[str] = []


class _LeadTime(_Part):
    days: int = Field(ge=0, le=365)
    days_most: int | None = Field(None, ge=0, le=365)
    location: str = ""
    specialty: str = ""


class _Availability(_Part):
    as_of: date | None = None
    stale_after_days: Annotated[int, Field(ge=0, le=365)] = STALE_AFTER_DAYS
    openings_stale_after_days: Annotated[int, Field(ge=0, le=60)] = OPENINGS_STALE_AFTER_DAYS
    feed: str = ""
    lead_times: list[_LeadTime] = []


class _Profile(_Part):
    """`clinic.toml`. What is left out has the default given here."""

    name: str = "our clinic"
    phone: Number = ""
    state: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    timezone: Annotated[str, AfterValidator(_zone)] = "America/New_York"
    timezone_name: str = ""
    numbers: list[Number] = []
    desk_number: Number = ""
    coordinator_emails: list[Mailbox] = []
    resume_hours: int = Field(72, ge=1, le=24 * 30)
    callback_lead_minutes: int = Field(120, ge=0, le=12 * 60)
    acknowledge_minutes: int = Field(5, ge=1, le=60)
    hours: _Week = Field(default_factory=_Week)
    special_hours: dict[Annotated[str, Field(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")], Stretches] = {}
    holidays: _Holidays = Field(default_factory=_Holidays)
    on_call: list[_OnCall] = []
    referral_sources: list[_Source] = []
    availability: _Availability = Field(default_factory=_Availability)


def load(folder: Path) -> Clinic:
    """Read a clinic folder; a file that is not there is something the clinic has not said.

    Raises ClinicError naming the file and the fix.
    """
    if not folder.is_dir():
        raise ClinicError(f"{folder}: there is no such folder; set CLINIC_DIR or --clinic to the clinic's folder")
    profile = _read(folder / "clinic.toml")
    stated = profile.availability
    try:
        articles = load_articles(folder / "articles.jsonl") if (folder / "articles.jsonl").exists() else ()
        payers = load_payers(folder / "payers.csv") if (folder / "payers.csv").exists() else ()
        openings = openings_listed(folder / OPENINGS, stated.as_of, ZoneInfo(profile.timezone))
    except KnowledgeError as error:
        raise ClinicError(str(error)) from error
    leads = tuple(LeadTime(lead.days, lead.days_most, lead.location, lead.specialty) for lead in stated.lead_times)
    sources = tuple(_known(source) for source in profile.referral_sources)
    return Clinic(
        folder=folder,
        name=profile.name,
        phone=profile.phone,
        timezone=ZoneInfo(profile.timezone),
        timezone_name=profile.timezone_name or _ZONE_NAMES.get(profile.timezone, "local time"),
        state=profile.state,
        numbers=tuple(profile.numbers),
        desk_number=profile.desk_number,
        coordinator_emails=tuple(profile.coordinator_emails),
        on_call=tuple(OnCall(person.name, person.phone, person.email, person.calls) for person in profile.on_call),
        referral_sources=sources,
        vocabulary=Vocabulary(vocabulary(payers), tuple(_spoken(source) for source in sources), profile.state),
        articles=articles,
        payers=payers,
        availability=Availability(
            stated.as_of, leads, openings.openings, stated.stale_after_days, openings.as_of, stated.openings_stale_after_days
        ),
        feed=stated.feed.strip(),
        calendar=_calendar(profile),
        resume_hours=profile.resume_hours,
        acknowledge_minutes=profile.acknowledge_minutes,
    )


def openings_listed(path: Path, stated: date | None, zone: ZoneInfo) -> Listed:
    """`openings.csv`, with the day it is of: what a column says, else the day `stated` for the lead times, else the day the file was written.

    A file that is not there lists nothing. Raises KnowledgeError.
    """
    if not path.exists():
        return Listed((), None)
    listed = load_openings(path)
    return replace(listed, as_of=listed.as_of or stated or datetime.fromtimestamp(path.stat().st_mtime, zone).date())


def _read(path: Path) -> _Profile:
    if not path.exists():
        return _Profile.model_validate({})
    try:
        return _Profile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ClinicError(f"{path}: {error}") from error
    except ValidationError as error:
        raise ClinicError("\n".join(_said(path, found["loc"], found["msg"]) for found in error.errors(include_url=False))) from error


def _said(path: Path, where: tuple[int | str, ...], message: str) -> str:
    words = message.removeprefix("Value error, ").replace("Extra inputs are", "this name is")
    return f"{path}: {'.'.join(map(str, where))}: {words}"


def _calendar(profile: _Profile) -> Calendar:
    special = {day: _hours(stretches) for day, stretches in profile.special_hours.items()}
    rule = HolidayRule(profile.holidays.country, profile.state or None, frozenset(profile.holidays.kept), frozenset(profile.holidays.days_after))
    week = tuple(_hours(getattr(profile.hours, day)) for day in _WEEKDAYS)
    return Calendar(ZoneInfo(profile.timezone), week, rule, special, timedelta(minutes=profile.callback_lead_minutes))


def _hours(stretches: list[str]) -> tuple[Hours, ...]:
    return tuple(Hours(*(time.fromisoformat(end.zfill(5)) for end in stretch.split("-"))) for stretch in stretches)


def _known(source: _Source) -> KnownSource:
    return KnownSource(source.provider, source.practice, source.specialty, source.email, source.fax, source.phone, tuple(source.aliases))


def _spoken(source: KnownSource) -> ReferralSource:
    return ReferralSource(source.provider, source.practice, source.specialty, source.aliases)
