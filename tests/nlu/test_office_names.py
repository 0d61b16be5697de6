"""Patients' names in dense text, whatever the lettering and the order."""

from __future__ import annotations

import pytest

from nlu import office_names
from nlu.message import Message


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("CHEN, AI-HUA\nDOB 1/2/53", ["Ai-Hua Chen"]),
        ("NAME: ORTEGA, ALMA R | DOB 1/2/53", ["Alma R. Ortega"]),
        ("pt tom lee dob 3/4/61", ["Tom Lee"]),
        ("pt: Wm. Garcia Jr", ["William Garcia Jr."]),
        ("Pt Otto de la Torre, dob 1/2/53", ["Otto de la Torre"]),
        ("Park Min-Ho. dob 2/3/92", ["Min-Ho Park"]),
        ("Pt: Marie St. Clair, DOB 4/18/39", ["Marie St Clair"]),
        ("Patients Mona & Rima Saleh", ["Mona Saleh", "Rima Saleh"]),
        ("pt Tom Lee, mom Elena Lee 415", ["Tom Lee"]),
        ("Trish Moore here, pt Tom Lee", ["Tom Lee"]),
        ("no patients today", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [n.name for n in office_names.find(Message.of(text), (), (), ())] == names
