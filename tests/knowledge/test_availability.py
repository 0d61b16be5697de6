from __future__ import annotations

from datetime import date

from knowledge.availability import Availability, LeadTime, Opening
from knowledge.finder import build
from tests.knowledge.clinic import ASKING, TODAY, articles, finder, ids, payers, scheduled

STATED = Availability(TODAY, (LeadTime(2), LeadTime(10, specialty="pelvic"), LeadTime(4, location="Mesa")))


def test_the_lead_time_of_the_place_and_kind_asked_about_wins() -> None:
    assert STATED.lead_time(frozenset({"pelvic"})) == LeadTime(10, specialty="pelvic")
    assert STATED.lead_time(frozenset({"mesa"})) == LeadTime(4, location="Mesa")
    assert STATED.lead_time(frozenset({"soon"})) == LeadTime(2)


def test_a_statement_goes_stale() -> None:
    assert STATED.fresh(date(2026, 12, 5))
    assert not STATED.fresh(date(2026, 12, 6))
    assert not STATED.fresh(date(2026, 11, 20)), "a date in the future is a slip, not a promise"


def test_openings_are_those_still_to_come() -> None:
    stated = Availability(
        TODAY, openings=(Opening(TODAY, "09:00"), Opening(date(2026, 11, 24), "14:30", "Mesa"), Opening(date(2026, 11, 23), "08:00", "Tempe"))
    )
    assert [opening.time for opening in stated.next_openings(TODAY, frozenset())] == ["08:00", "14:30"]
    assert [opening.time for opening in stated.next_openings(TODAY, frozenset({"mesa"}))] == ["14:30"]


def test_openings_of_an_old_list_are_not_said_and_lead_times_of_their_own_day_are() -> None:
    stated = Availability(TODAY, (LeadTime(2),), (Opening(date(2026, 11, 27), "09:00"),), openings_as_of=date(2026, 11, 17))
    assert stated.next_openings(TODAY, frozenset()) == ()
    assert stated.fresh(TODAY)


def test_a_place_without_an_opening_is_not_offered_anothers() -> None:
    stated = Availability(TODAY, (LeadTime(4, location="Tempe"),), (Opening(date(2026, 11, 24), "09:00", "Mesa"),))
    assert stated.next_openings(TODAY, frozenset({"tempe"})) == ()


def test_openings_at_two_places_each_name_theirs_and_a_day_without_a_time_has_none() -> None:
    listed = (Opening(date(2026, 11, 24), "09:00", "Mesa"), Opening(date(2026, 11, 25), "", "Tempe"))
    (part,) = build((), payers(), Availability(openings=listed)).find("when can I get in?", ASKING)
    assert part.answer is not None
    assert "Tue Nov 24 at 9:00 AM (Mesa), Wed Nov 25 (Tempe)" in part.answer.text


def test_when_can_i_get_in_is_answered_from_the_schedule_when_there_is_one() -> None:
    assert ids("when can I get in?", by=scheduled()) == ["availability"]
    (part,) = scheduled().find("how soon can you see me in Mesa?", ASKING)
    assert part.answer is not None
    assert "9 business days" in part.answer.text


def test_a_stale_schedule_says_that_a_coordinator_confirms() -> None:
    stale = build((), payers(), Availability(date(2026, 9, 1), (LeadTime(2),)))
    (part,) = stale.find("when can I get in?", ASKING)
    assert part.answer is not None
    assert "coordinator" in part.answer.text
    assert not any(sign.isdigit() for sign in part.answer.text)


def test_without_a_schedule_the_article_answers() -> None:
    assert any(article.id == "soon" for article in articles())
    assert ids("how soon can a new patient be seen?", by=finder()) == ["article:soon"]


def test_an_hour_nobody_has_listed_is_not_promised() -> None:
    assert ids("do you have anything open on thursday at 3?", by=scheduled()) == [None]
