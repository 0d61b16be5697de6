from __future__ import annotations

import pytest

from nlu import role
from tests.nlu.heard import context, value


@pytest.mark.parametrize("said", ["it's for me", "i'm the patient", "me", "para mí", "soy la paciente"])
def test_the_patient_speaks(said: str) -> None:
    assert value(role.read, said, context("caller.role")) == "patient"


@pytest.mark.parametrize(
    "said", ["for my nephew", "i'm his stepmother", "not for me for my aunt", "es para mi abuela", "i'm the patient's daughter", "my grandson"]
)
def test_somebody_speaks_for_the_patient(said: str) -> None:
    assert value(role.read, said, context("caller.role")) == "caregiver"


@pytest.mark.parametrize(
    "said",
    ["calling from dr brandt's office", "this is Ana with Harbor Ortho, sending a referral", "i'm a nurse at Harbor Clinic", "this is doctor brandt"],
)
def test_an_office_speaks(said: str) -> None:
    assert value(role.read, said, context()) == "referring_office"


@pytest.mark.parametrize("said", ["my knee hurts", "dr brandt sent me", "both of us", "my doctor's office told me to call"])
def test_the_role_is_said_and_never_guessed(said: str) -> None:
    assert value(role.read, said, context()) is None


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("Scheduler with Prairie Hand Center", "referring_office"),
        ("her caseworker", "caregiver"),
        ("my ten year old broke his arm", "caregiver"),
        ("the patient is me", "patient"),
        ("mine, my back", "patient"),
    ],
)
def test_what_somebody_is_says_who_is_speaking(said: str, who: str) -> None:
    """Staff by their work, helpers by whose they are, a child by its age."""
    assert value(role.read, said, context("caller.role")) == who
