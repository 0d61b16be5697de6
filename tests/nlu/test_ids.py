from __future__ import annotations

import pytest

from nlu import ids
from tests.nlu.heard import context, value

ASKED = context("insurance.member_id")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("W 204 118 733", "W204118733"),
        ("w as in whiskey two oh four double one eight seven double three", "W204118733"),
        ("xfk 440 218 990", "XFK440218990"),
        ("x f k then four four zero two one eight nine nine oh", "XFK440218990"),
        ("bravo kilo nine one two three four five", "BK912345"),
        ("member id 550 443 21, group 7781", "55044321"),
        ("R44 no wait R55123456", "R55123456"),
        ("U12345678 sorry, 679", "U12345679"),
        ("b de burro siete siete uno cero dos", "B77102"),
    ],
)
def test_a_member_id_typed_or_spelled(said: str, number: str) -> None:
    assert value(ids.read, said, ASKED) == number


@pytest.mark.parametrize(
    "said", ["group 771820", "rx bin 610011", "my ssn is 123 45 6789", "i'm 66", "the copay was 40", "room 1204", "i have 2 kids"]
)
def test_other_numbers_are_not_taken(said: str) -> None:
    assert value(ids.read, said, ASKED) is None


def test_a_medicare_number_is_known_by_its_shape() -> None:
    assert value(ids.read, "one e g four t e five m k seven two", context()) == "1EG4TE5MK72"
    assert ids.is_mbi("1EG4TE5MK72")
    assert not ids.is_mbi("1EG4TE5MK7B")


def test_lookalikes_are_repaired_only_where_a_format_proves_it() -> None:
    assert ids.repaired("1EG4TE5MKI2") == ("1EG4TE5MK12", True)
    assert ids.repaired("W2O4118733", "Aetna") == ("W204118733", True)
    assert ids.repaired("QO4118", "") == ("QO4118", False)


def test_a_number_may_begin_with_the_spanish_name_of_a_letter() -> None:
    assert value(ids.read, "eme tres tres cero uno dos dos nueve", context("insurance.member_id")) == "M3301229"
