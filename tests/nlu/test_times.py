from __future__ import annotations

import pytest

from nlu import times
from nlu.parse import TimeWindow
from tests.nlu.heard import context, value, window

ASKED = context("preferred_times")
WEEK = "mon tue wed thu fri"


@pytest.mark.parametrize(
    ("said", "windows"),
    [
        ("afternoons", [window(part="afternoon")]),
        ("any day but monday", [window("tue wed thu fri")]),
        ("except tuesday and thursday", [window("mon wed fri")]),
        ("fridays don't work", [window("mon tue wed thu")]),
        ("not mornings", [window(after="12:00")]),
        ("any weekday before my class which starts at two", [window(WEEK, before="14:00")]),
        ("mornings, but fridays only afternoons", [window("mon tue wed thu", "morning"), window("fri", "afternoon")]),
        ("around noon", [window(part="midday", after="12:00")]),
        ("any time wednesday or first thing friday", [window("wed"), window("fri", "morning")]),
        ("wknds", [window("sat sun")]),
        ("whatever's easiest for you", [window()]),
        ("between lunch and four", [window(after="12:00", before="16:00")]),
        ("make it ten not eleven", [window(part="morning", after="10:00")]),
        ("M, W or Th mornings", [window("mon wed thu", "morning")]),
        ("after work", [window(part="evening")]),
        ("tues/thurs at 9", [window("tue thu", "morning", "09:00")]),
        ("not before 330 on wednesdays", [window("wed", after="15:30")]),
        ("tuesday or friday after two but not before three on friday", [window("tue", after="14:00"), window("fri", after="15:00")]),
        ("Mon 8-10 or Wed 2-4", [window("mon", after="08:00", before="10:00"), window("wed", after="14:00", before="16:00")]),
        ("weekdays before half past nine", [window(WEEK, before="09:30")]),
        ("tuesday mornings or after 4", [window("tue", "morning"), window("tue", after="16:00")]),
        ("evenings mon-wed, sat anytime", [window("mon tue wed", "evening"), window("sat")]),
        ("thursdays, no wait, fridays", [window("fri")]),
        ("tomorrow at noon", [window("sat", "midday", "12:00", first="2026-11-21", last="2026-11-21")]),
        ("the week after thanksgiving, mornings", [window(part="morning", first="2026-11-30", last="2026-12-04")]),
        ("dec 7 or 8", [window("mon", first="2026-12-07", last="2026-12-07"), window("tue", first="2026-12-08", last="2026-12-08")]),
        ("starting january 4th", [window(first="2027-01-04")]),
        ("lunes y miercoles por la mañana", [window("mon wed", "morning")]),
        ("antes de las diez menos los viernes", [window("mon tue wed thu", before="10:00")]),
        ("whenever", [window()]),
    ],
)
def test_wishes(said: str, windows: list[TimeWindow]) -> None:
    assert value(times.read, said, ASKED) == tuple(windows)


@pytest.mark.parametrize(
    "said",
    [
        "my surgery was on the 14th",
        "what time do you open tomorrow",
        "three times a week for six weeks",
        "my shoulder hurts at night",
        "the drive takes forty minutes",
        "call me back",
        "ok",
    ],
)
def test_what_is_no_wish(said: str) -> None:
    assert value(times.read, said, ASKED) is None


@pytest.mark.parametrize(
    "said",
    [
        "i saw my doctor on monday",
        "i fell yesterday and hurt my wrist",
        "good morning, my hip hurts",
        "had a cast until may",
        "i turned 70 on the 3rd",
    ],
)
def test_history_told_unasked_is_no_wish(said: str) -> None:
    assert value(times.read, said, context()) is None


def test_a_wish_told_unasked_is_taken() -> None:
    assert value(times.read, "new patient, bad knee. can i do wednesdays", context()) == (window("wed"),)


def test_a_day_said_behind_a_rejected_one_replaces_it_at_the_read_back() -> None:
    assert value(times.read, "no not monday wednesday", context("preferred_times", confirming=True)) == (window("wed"),)


def test_what_happens_on_a_day_is_no_wish_for_it() -> None:
    assert value(times.read, "the stitches come out and my cast comes off in three weeks", ASKED) is None
