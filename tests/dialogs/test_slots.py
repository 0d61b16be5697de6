"""Values as people read and say them, in every language."""

from __future__ import annotations

import pytest

from dialogs.kinds import KINDS
from nlu.parse import TimeWindow, Value
from tests.dialogs.talk import script

CASES: list[tuple[str, Value, str, str]] = [
    ("phone", "+14405550123", "(440) 555-0123", "4 4 0, 5 5 5, 0 1 2 3"),
    ("code", "W1234567", "W1234567", "W 1 2, 3 4 5, 6 7"),
    ("email", "ana.r@example.com", "ana.r@example.com", "ana dot r at example dot com"),
    ("date", "1980-02-03", "February 3, 1980", "February 3, 1980"),
    ("provider", "Dr. Lee", "Dr. Lee", "Doctor Lee"),
    ("provider", "none", "no referral", "no referral"),
    ("name", ("Ana Ruiz", "Ana Ruis"), "Ana Ruiz or Ana Ruis", "Ana Ruiz or Ana Ruis"),
    ("times", (TimeWindow(("mon", "wed"), "morning"),), "Monday and Wednesday mornings", "Monday and Wednesday mornings"),
    ("times", (TimeWindow(("mon", "tue", "wed", "thu", "fri"), after="15:30"),), "weekdays after 3:30 PM", "weekdays after 3:30 PM"),
    ("times", (TimeWindow(),), "any time", "any time"),
    ("role", "patient", "yourself", "yourself"),
]


@pytest.mark.parametrize(("kind", "value", "written", "spoken"), CASES)
def test_values_are_written_and_said_as_people_do(kind: str, value: Value, written: str, spoken: str) -> None:
    locale = script().locales["en"]
    assert KINDS[kind].written(value, locale) == written
    assert KINDS[kind].spoken(value, locale) == spoken


@pytest.mark.parametrize("code", ["en", "es"])
def test_every_kind_of_the_intakes_exists_and_every_slot_has_words(code: str) -> None:
    played = script()
    for intake in played.intakes.values():
        for slot in intake.slots:
            assert slot.kind in KINDS
            assert played.locales[code].slots[slot.name].ask


@pytest.mark.parametrize("code", ["en", "es"])
def test_no_prompt_asks_for_a_word_the_carrier_takes_as_an_opt_out(code: str) -> None:
    locale = script().locales[code]
    for words in locale.slots.values():
        for wording in words.ask:
            assert not {"STOP", "END", "QUIT", "CANCEL", "YES"} & set(wording.text.replace(".", " ").split())


def test_values_of_closed_lists_are_said_in_the_callers_language() -> None:
    spanish = script().locales["es"]
    assert KINDS["text"].written("low back", spanish) == "espalda baja"
    assert KINDS["payer"].written("Self-pay", spanish) == "sin seguro, pago propio"
