"""Body parts of ICD-10-CM codes."""

from __future__ import annotations

import pytest

from nlu import icd10


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("M54.50", "low back"),
        ("M54.2", "neck"),
        ("M25.561", "knee"),
        ("M75.01", "shoulder"),
        ("M72.2", "foot"),
        ("G56.01", "wrist"),
        ("H81.11", "balance/vestibular"),
        ("N39.3", "pelvic floor"),
        ("S93.401A", "ankle"),
        ("S72.001D", "hip"),
        ("S42.211A", "shoulder"),
        ("S92.151A", "ankle"),
        ("M62.81", None),
        ("E11.9", None),
    ],
)
def test_a_code_stands_for_a_region_or_for_none(code: str, part: str | None) -> None:
    """Source: ICD-10-CM (CDC/NCHS)."""
    assert icd10.body_part(code) == part
