"""ICD-10-CM codes a physical-therapy clinic sees, and the body part each stands for.

Source: ICD-10-CM (CDC/NCHS, public domain). Many codes carry the region in a fixed place: M25.56- is a knee, M54.2 a neck.
Table: `lexicons/icd10.csv`, longest matching beginning first.
"""

from __future__ import annotations

import csv

from nlu.gazetteer import LEXICONS


def _table() -> dict[str, str]:
    with (LEXICONS / "icd10.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["body_part"] for row in csv.DictReader(file)}


_PARTS = _table()


def body_part(code: str) -> str | None:
    """The region of a code such as `M54.50`; None when the code names none."""
    bare = code.upper().replace(".", "")
    for length in range(min(len(bare), 6), 2, -1):
        part = _PARTS.get(bare[:length])
        if part is not None:
            return part or None
    return None
