"""`openings.csv` as schedulers export it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.articles import KnowledgeError
from knowledge.availability import Opening
from knowledge.openings_file import load_openings

DAY = date(2026, 11, 24)


def _listed(path: Path, text: str | bytes) -> tuple[Opening, ...]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_openings(path).openings


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("date,time,location\n2026-11-24,9:30,Mesa\n", Opening(DAY, "09:30", "Mesa")),
        ("Appt Date;Start Time;Office;Service\n11/24/2026;2:30 PM;Mesa;pelvic health\n", Opening(DAY, "14:30", "Mesa", "pelvic health")),
        ("Starts at,Clinic\n2026-11-24 08:00,Mesa\n", Opening(DAY, "08:00", "Mesa")),
        ('Day\n"November 24th, 2026"\n', Opening(DAY, "")),
        ("date,time,provider\n2026-11-24,9am,Ann\n\n", Opening(DAY, "09:00")),
    ],
)
def test_columns_and_dates_are_read_as_people_write_them(tmp_path: Path, text: str, opening: Opening) -> None:
    assert _listed(tmp_path / "openings.csv", text) == (opening,)


def test_what_is_taken_is_no_opening_and_an_old_office_file_is_read(tmp_path: Path) -> None:
    rows = "Date,Time,Location,Status\n2026-11-24,9:00,Peña,Open\n2026-11-24,10:00,Peña,Booked\n"
    assert _listed(tmp_path / "openings.csv", rows.encode("cp1252")) == (Opening(DAY, "09:00", "Peña"),)


def test_the_day_of_the_export_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "openings.csv"
    path.write_text("date,time,exported at\n2026-11-24,9:00,2026-11-20 06:00\n")
    assert load_openings(path).as_of == date(2026, 11, 20)


@pytest.mark.parametrize("row", ["soon,9:30", "11/24,9:30", "2026-11-24,25:30", "2026-11-24,half past"])
def test_what_cannot_be_read_is_named_by_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(KnowledgeError, match="line 3"):
        _listed(tmp_path / "openings.csv", f"date,time\n2026-11-24,9:00\n{row}\n")
    with pytest.raises(KnowledgeError, match="header"):
        _listed(tmp_path / "openings.csv", "who,what\nAnn,eval\n")
