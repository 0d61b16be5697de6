"""Whose referral it is: found by name as people say it, never guessed."""

from __future__ import annotations

import pytest

from agent import sources
from agent.clinic import KnownSource


def known(provider: str, practice: str, email: str, *aliases: str, phone: str = "") -> KnownSource:
    return KnownSource(provider, practice, "", email, "", phone, aliases)


KNOWN = (
    known("Dr. Alan Smith", "Bay Orthopedics", "a@bay.example", "the bay center", phone="+16145550180"),
    known("Dr. Helen Marsh", "Bay Orthopedics", "a@bay.example", "the bay center", phone="+16145550180"),
    known("Dr. Maria Garcia-Lopez", "Hill Family Medicine", "b@hill.example"),
    known("Teresa Vance, NP", "Hill Family Medicine", "b@hill.example"),
    known("Dr. John Carter", "North Spine", "c@north.example"),
    known("Dr. James Carter", "South Spine", "d@south.example"),
)


@pytest.mark.parametrize(
    ("provider", "practice", "email"),
    [
        ("Dr. Smith", "", "a@bay.example"),
        ("alan smith md", "bay ortho", "a@bay.example"),
        ("Smith, Alan", "", "a@bay.example"),
        ("Dr. Smyth", "the bay center", "a@bay.example"),
        ("Terese Vance", "", "b@hill.example"),
        ("dr garcia lopez", "", "b@hill.example"),
        ("", "Bay Orthopedics", "a@bay.example"),
        ("Dr. Carter", "north spine", "c@north.example"),
        ("Dr. James Carter", "", "d@south.example"),
        ("Dr. J. Carter", "", None),
        ("Dr. Carter", "", None),
        ("Dr. Carver", "", None),
        ("Dr. Smyth", "", None),
        ("Dr. Robert Smith", "", None),
        ("Dr. Smith", "West Side Cardiology", None),
        ("Dr. Jones", "Bay Orthopedics", None),
        ("", "", None),
    ],
)
def test_the_source_behind_a_name(provider: str, practice: str, email: str | None) -> None:
    found = sources.find(KNOWN, provider, practice)
    assert (found.email if found else None) == email


def test_an_office_is_known_by_the_number_it_texts_from() -> None:
    found = sources.find(KNOWN, "", "", "+16145550180")
    assert found is not None
    assert found.email == "a@bay.example"
    assert sources.find(KNOWN, "", "", "+16145550199") is None
