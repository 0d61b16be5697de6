"""The simulated person understands what the line asks, by its words alone."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench.person import Move, Person, contradicts, days, labelled, question

_LOCALES = Path(__file__).parents[2] / "dialogs" / "locales"
_NEVER_ASKED = {"caller.name"}


def _wording(language: str) -> dict[str, Any]:
    return tomllib.loads((_LOCALES / f"{language}.toml").read_text(encoding="utf-8"))


def _asks() -> list[tuple[str, str]]:
    slots = [(name, slot) for path in sorted(_LOCALES.glob("*.toml")) for name, slot in _wording(path.stem)["slot"].items()]
    return [(name, _text(ask)) for name, slot in slots if name not in _NEVER_ASKED for ask in slot["ask"]]


def _text(wording: Any) -> str:
    return str(wording if isinstance(wording, str) else wording["text"])


@pytest.mark.parametrize(("slot", "ask"), _asks())
def test_every_question_of_every_language_is_recognised(slot: str, ask: str) -> None:
    assert question(ask) == slot


@pytest.mark.parametrize("language", ["en", "es"])
def test_reading_back_is_recognised(language: str) -> None:
    assert question(_text(_wording(language)["line"]["summary"])) == "confirm"


def _row(**more: Any) -> dict[str, Any]:
    row = {
        "opening": "hi",
        "goal": {"patient.name": "Ana Ruiz", "patient.phone": "+14155550120"},
        "answers": {"patient.name": ["Ana Ruiz"], "patient.phone": ["415 555 0120", "it is 415 555 0120"]},
        "unknown_slots": [],
        "unknown_says": {"*": ["skip"]},
        "interjections": [],
        "corrections": [],
        "confirm_yes": ["yes"],
        "confirm_no": ["no"],
        "drops": None,
        "expect_status": "complete",
    }
    return {**row, **more}


def _said(person: Person, *lines: str) -> list[str | None]:
    return [person.hears(line, ended=False).say for line in ("", *lines)]


def test_a_person_answers_what_is_asked_and_stops_at_the_reference() -> None:
    person = Person(_row())
    said = _said(person, "What is the patient's full name?", "What is your e-mail address?", "Your reference is RL-7K3M9Q.")
    assert said == ["hi", "Ana Ruiz", "skip", None]


def test_a_person_interrupts_before_and_after() -> None:
    asides = [{"when": "after:patient.name", "say": "do you have parking"}, {"when": "before:patient.phone", "say": "who is asking"}]
    person = Person(_row(interjections=asides))
    phone = "What is the best phone number to call about this?"
    said = _said(person, "What is the patient's full name?", phone, phone, phone)
    assert said == ["hi", "Ana Ruiz", "do you have parking", "who is asking", "415 555 0120"]


def test_a_person_objects_to_what_was_read_back_wrong() -> None:
    person = Person(_row())
    said = _said(person, "Here is what I have. Name: Ana Ruiz. Phone: (415) 555-0129. Is that right, or what should I change?")
    assert said[1] == "no, the phone is 415 555 0120"


def test_a_person_leaves_after_the_slot_they_are_to_leave_after() -> None:
    person = Person(_row(drops={"after": "patient.name", "returns_by": "sms", "minutes_later": 35, "return_says": "sorry"}))
    person.hears("", ended=False)
    person.hears("What is the patient's full name?", ended=False)
    assert person.hears("What is the best phone number?", ended=False) == Move(hang_up=True, returns_by="sms", minutes_later=35)


def test_a_summary_is_taken_apart_by_its_labels() -> None:
    text = "Here is what I have. Name: Ana Ruiz. Referred by: Dr. Smith. Times: Tuesday after 4 PM. Is that right, or what should I change?"
    assert dict(labelled(text)) == {"Name": "Ana Ruiz", "Referred by": "Dr. Smith", "Times": "Tuesday after 4 PM"}


def test_another_wording_of_the_same_value_is_no_reason_to_object() -> None:
    row = _row(goal={"insurance.carrier": "UnitedHealthcare", "referral.provider": "Dr. Park"}, answers={"insurance.carrier": ["UHC"]})
    assert not contradicts("insurance.carrier", "United Healthcare", row)
    assert not contradicts("referral.provider", "Doctor Park", row)
    assert contradicts("referral.provider", "Dr. Mark", row)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Monday and Wednesday mornings", {"mon", "wed"}),
        ("Monday to Thursday after 3 PM", {"mon", "tue", "wed", "thu"}),
        ("entre semana por la mañana", {"mon", "tue", "wed", "thu", "fri"}),
        ("weekends", {"sat", "sun"}),
        ("afternoons", set()),
    ],
)
def test_days_are_heard(words: str, wanted: set[str]) -> None:
    assert days(words) == wanted


def test_what_was_corrected_is_not_let_pass_a_second_time() -> None:
    row = _row(
        goal={"insurance.carrier": "Cigna"},
        answers={"insurance.carrier": ["Aetna"]},
        corrections=[{"when": "after:insurance.carrier", "say": "it is Cigna", "sets": {"insurance.carrier": "Cigna"}}],
    )
    assert contradicts("insurance.carrier", "Aetna", row)
