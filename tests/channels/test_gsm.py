"""What a text costs and how it is cut (A22)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import gsm

REFERENCE = [
    # body, encoding, units, parts: 3GPP TS 23.038 and Twilio's "SMS Character Limit"
    ("", "GSM-7", 0, 0),
    ("a", "GSM-7", 1, 1),
    ("a" * 160, "GSM-7", 160, 1),
    ("a" * 161, "GSM-7", 161, 2),
    ("a" * 306, "GSM-7", 306, 2),
    ("a" * 307, "GSM-7", 307, 3),
    ("€" * 80, "GSM-7", 160, 1),
    ("€" * 81, "GSM-7", 162, 2),
    ("[" + "a" * 159, "GSM-7", 161, 2),
    ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the pair would be parted after 153, so the first part holds 152
    ("Señor Núñez".replace("ú", "u"), "GSM-7", 11, 1),
    ("¿Cómo está?".replace("ó", "o").replace("á", "a"), "GSM-7", 11, 1),
    ("é" * 160, "GSM-7", 160, 1),
    ("á", "UCS-2", 1, 1),
    ("“quoted”", "UCS-2", 8, 1),
    ("á" * 70, "UCS-2", 70, 1),
    ("á" * 71, "UCS-2", 71, 2),
    ("á" * 134, "UCS-2", 134, 2),
    ("á" * 135, "UCS-2", 135, 3),
    ("😀", "UCS-2", 2, 1),
    ("😀" * 35, "UCS-2", 70, 1),
    ("😀" * 36, "UCS-2", 72, 2),
    ("😀" * 66, "UCS-2", 132, 2),
    ("😀" * 67, "UCS-2", 134, 3),  # 33 to a part: an emoji is not parted either
    ("a" * 160 + "—", "UCS-2", 161, 3),
]


@pytest.mark.parametrize(("body", "encoding", "units", "count"), REFERENCE)
def test_segments_agree_with_the_reference_table(body: str, encoding: str, units: int, count: int) -> None:
    """A22."""
    assert gsm.segments(body) == gsm.Segments(encoding, units, count)  # type: ignore[arg-type]


def test_the_alphabet_has_the_standards_size() -> None:
    """3GPP TS 23.038: 128 positions, one of them the escape; form feed and nine others in the extension table."""
    assert len(gsm.BASIC) == 127
    assert len(gsm.EXTENDED) == 10
    assert not gsm.BASIC & gsm.EXTENDED


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("It’s “fine” — really…", 'It\'s "fine" - really...'),
        ("María Hernández, ¿mañana?", "Maria Hernandez, ¿mañana?"),
        ("Aquí está su última cita; el día y la hora", "Aqui esta su ultima cita; el dia y la hora"),
        ("Mon\u00a08\u202fam \u2013 noon", "Mon 8 am - noon"),
        ("Nguyễn Đức", "Nguyen Đuc"),
        ("e\u0301xito", "éxito"),
    ],
)
def test_look_alikes_and_accents_become_plain(written: str, sent: str) -> None:
    assert gsm.fold(written) == sent


def test_what_has_no_plain_twin_is_kept() -> None:
    assert gsm.fold("see you 😀 谢谢") == "see you 😀 谢谢"


def test_a_short_reply_is_one_body() -> None:
    assert gsm.bodies("We open at 8. See you then!") == ["We open at 8. See you then!"]
    assert gsm.bodies("  ") == []


def test_a_long_reply_is_cut_between_sentences() -> None:
    sentence = "We are open on weekdays from seven thirty in the morning until half past five. "
    cut = gsm.bodies(sentence * 9)
    assert len(cut) == 3
    assert all(body.endswith(".") and len(body) <= gsm.COMFORTABLE for body in cut)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=9000))
def test_no_body_is_longer_than_the_api_takes(text: str) -> None:
    """A22: bodies over 1600 never reach the API; up to 8000 characters nothing is lost but space."""
    cut = gsm.bodies(text)
    assert len(cut) <= gsm.MOST_BODIES
    assert all(0 < len(body) <= gsm.LONGEST for body in cut)
    if len(text) <= gsm.LONGEST:
        assert "".join("".join(cut).split()) == "".join(text.split())


@given(st.text(max_size=500))
def test_folding_never_costs_more(text: str) -> None:
    assert gsm.is_gsm(gsm.fold(text)) or not gsm.is_gsm(text)


def test_a_title_ends_no_sentence() -> None:
    """Nobody is sent "Referred by: Dr." in one text and the name in the next."""
    summary = (
        "Here is what I have. Name: Ana Ruiz; Reason: "
        + "knee pain " * 20
        + "; Phone: (614) 555-0120; Referred by: Dr. Kent; Insurance: Cigna; Plan: PPO. Is that right?"
    )
    parts = gsm.bodies(summary)
    assert len(parts) == 2
    assert not parts[0].endswith("Dr.")
    assert parts[0].endswith(";")
