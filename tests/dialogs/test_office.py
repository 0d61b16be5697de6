from __future__ import annotations

from dialogs.events import IntakeCompleted, OfficeReferred
from nlu.parse import Parse, Reading, TimeWindow, Value
from tests.dialogs.talk import EVERYTHING, Talk, keys, words


def referral(**slots: Value) -> dict[str, Reading]:
    named = {name.replace("__", "."): value for name, value in slots.items()}
    return {name: Reading(name, value, str(value)) for name, value in named.items()}


COMPLETE = {k: Reading(k, v, str(v)) for k, v in EVERYTHING.items() if k != "caller.role"}


def test_one_text_with_everything_is_one_referral_and_nothing_is_asked() -> None:
    talk = Talk()
    step = talk.say("dense text", referrals=(COMPLETE,))
    assert talk.happened(IntakeCompleted)
    assert "RL-7K3M9Q" in words(step)
    assert talk.state.slots["caller.role"].value == "referring_office"


def test_only_what_is_missing_is_asked() -> None:
    talk = Talk()
    step = talk.say("dense text", referrals=({k: v for k, v in COMPLETE.items() if k != "patient.phone"},))
    assert keys(step)[-2:] == ["office.received", "ask.patient.phone"]


def test_several_patients_are_several_referrals_in_one_reply() -> None:
    talk = Talk()
    first = referral(patient__name="Andre Moss", referral__reason="neck pain")
    step = talk.say("two pts", referrals=(first, COMPLETE))
    assert len(talk.happened(OfficeReferred)) == 2
    assert "RL-AAAAAA" in words(step)
    assert "RL-BBBBBB" in words(step)
    assert "RL-AAAAAA still needs" in words(step)


def test_a_later_detail_goes_to_the_patient_who_lacks_it() -> None:
    talk = Talk()
    lacking = {k: v for k, v in COMPLETE.items() if k != "patient.phone"}
    talk.say("two pts", referrals=({**lacking, **referral(patient__name="Andre Moss")}, COMPLETE))
    step = talk.say("440 555 0188", slots={"patient.phone": "+14405550188"})
    assert "still needs" not in words(step)
    assert {r.reference: r.missing for r in talk.state.batch} == {"RL-AAAAAA": (), "RL-BBBBBB": ()}


def test_another_referral_after_the_first_is_a_new_one() -> None:
    talk = Talk()
    talk.say("dense text", referrals=(COMPLETE,))
    talk.say("dense text", referrals=({**COMPLETE, **referral(patient__name="Andre Moss")},))
    assert talk.state.slots["patient.name"].value == "Ana Ruiz"
    assert talk.state.batch[0].slots["patient.name"].value == "Andre Moss"


def test_a_date_of_surgery_is_no_time_to_come_in() -> None:
    talk = Talk()
    readings = {name: Reading(name, value, "...") for name, value in (("patient.name", "Ana Ruiz"), ("referral.provider", "Dr. Ott"))}
    times = Reading("preferred_times", (TimeWindow(("fri",), first="2027-11-12", last="2027-11-12"),), "11/12")
    talk.hear(Parse("ref: ana ruiz R TKA 11/12, dr ott", slots={**readings, "preferred_times": times}, referrals=(readings,)))
    assert "preferred_times" not in talk.state.slots
