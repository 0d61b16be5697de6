"""A referring office's dense text becomes one record per patient; an ordinary patient's message becomes none."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from nlu.message import Message
from nlu.office import OfficeReader
from nlu.parse import Context
from nlu.vocabulary import ReferralSource, Vocabulary
from tests.nlu.listening import TODAY

CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "corpus" / "office.toml").read_text(encoding="utf-8"))
READER = OfficeReader(Vocabulary())


def records(text: str, context: Context | None = None, reader: OfficeReader = READER) -> list[dict[str, Any]]:
    return [{slot: r.value for slot, r in record.items()} for record in reader.read(Message.of(text), context or Context(today=TODAY))]


@pytest.mark.parametrize("row", CORPUS["office"], ids=lambda row: row["text"][:40])
def test_every_patient_of_the_text_has_a_record_with_what_was_given(row: dict[str, Any]) -> None:
    got = records(row["text"])
    wanted = row.get("patients", [])
    assert len(got) == len(wanted)
    for patient, record in zip(wanted, got, strict=True):
        assert {slot: record.get(slot) for slot in patient} == patient


@pytest.mark.parametrize("text", CORPUS["patients"]["texts"])
def test_a_patients_own_message_is_no_referral(text: str) -> None:
    assert records(text) == []


def test_a_patient_who_is_asked_for_something_is_no_office() -> None:
    assert records("Tom Lee 3/4/61", Context(today=TODAY, asked="patient.name")) == []
    assert records("Tom Lee 3/4/61 415-555-0120 LBP eval", Context(today=TODAY, known={"caller.role": "patient"})) == []


def test_whoever_said_they_are_an_office_needs_no_shorthand() -> None:
    office = Context(today=TODAY, known={"caller.role": "referring_office"})
    assert [r["patient.name"] for r in records("Tom Lee, 415-555-0120, sore elbow", office)] == ["Tom Lee"]


def test_a_source_named_once_belongs_to_every_patient() -> None:
    got = records("2 refs from Dr Hale, Elm Ortho:\n1) Tom Lee 3/4/61 LBP 415-555-0101\n2) Ann Wu 5/6/72 L TKA 415-555-0102")
    assert [r["referral.provider"] for r in got] == ["Dr. Hale", "Dr. Hale"]
    assert [r["referral.practice"] for r in got] == ["Elm Ortho", "Elm Ortho"]
    assert [r["patient.phone"] for r in got] == ["+14155550101", "+14155550102"]


def test_a_patient_named_only_to_be_cancelled_is_left_out() -> None:
    got = records("Pls cancel Greg Nolan, he moved. New pt: Ann Wu dob 5/6/72 ph 415-555-0102 LBP")
    assert [r["patient.name"] for r in got] == ["Ann Wu"]


def test_a_known_source_is_written_the_clinics_way() -> None:
    reader = OfficeReader(Vocabulary(sources=(ReferralSource("Dr. Allan Hale", "Elm Ortho"),)))
    assert records("pt Tom Lee 3/4/61 LBP dr hale", reader=reader)[0]["referral.provider"] == "Dr. Allan Hale"


def test_a_known_source_is_recognised_by_the_family_name_alone() -> None:
    """Only with a capital, and never in the patient's own name."""
    reader = OfficeReader(Vocabulary(sources=(ReferralSource("Dr. Allan Hale"),)))
    assert records("pt Tom Lee 3/4/61 labrum repair 10/20 Hale", reader=reader)[0]["referral.provider"] == "Dr. Allan Hale"
    assert "referral.provider" not in records("pt Tom Hale 3/4/61 labrum repair 10/20", reader=reader)[0]


def test_a_date_of_surgery_is_no_date_of_birth_and_a_fax_no_telephone() -> None:
    got = records("Pt Tom Lee s/p L3-4 fusion 8/12/26. fax notes to fax 415-555-0199. cell 415-555-0120")
    assert "patient.date_of_birth" not in got[0]
    assert got[0]["patient.phone"] == "+14155550120"


def test_readings_quote_the_message() -> None:
    message = Message.of("pt: Tom Lee\ndob 3/4/61\nph 415-555-0120\ndx LBP")
    (record,) = READER.read(message, Context(today=TODAY))
    assert {slot: r.raw for slot, r in record.items()} == {slot: message.text[r.start : r.end] for slot, r in record.items()}
    assert record["patient.date_of_birth"].raw == "3/4/61"
