"""What every question of every language has in common: people, and their telephones, must be able to tell what it asks."""

from __future__ import annotations

import pytest

from channels import gsm
from dialogs.locale import Locale, SlotWords, Wording
from tests.dialogs.talk import script

LOCALES = script().locales
QUESTIONS = [
    pytest.param(code, slot, wording, id=f"{code}-{slot}-{number}")
    for code, locale in LOCALES.items()
    for slot, words in locale.slots.items()
    for number, wording in enumerate([*words.ask, *([words.more] if words.more else [])])
]
_NAME = {"en": ("name",), "es": ("nombre",)}


@pytest.mark.parametrize(("code", "slot", "wording"), QUESTIONS)
def test_a_question_is_one_question_and_ends_with_it(code: str, slot: str, wording: Wording) -> None:
    for text in (wording.text, wording.spoken):
        assert text.count("?") == 1, text
        assert text.endswith("?"), text


@pytest.mark.parametrize(("code", "slot", "wording"), [q for q in QUESTIONS if not str(q.values[1]).endswith(".name")])
def test_only_a_question_for_a_name_asks_for_a_name(code: str, slot: str, wording: Wording) -> None:
    for text in (wording.text, wording.spoken):
        asked = text.lower().rpartition(": ")[2]
        assert not any(word in asked.replace("name at example", "") for word in _NAME[code]), text


@pytest.mark.parametrize("locale", LOCALES.values(), ids=list(LOCALES))
def test_what_is_texted_loses_no_letter(locale: Locale) -> None:
    """A22: every template is GSM-7 as it stands, so nothing is folded away."""
    texts = [wording.text for variants in locale.lines.values() for wording in variants]
    for words in locale.slots.values():
        texts += [*_texted(words)]
    assert [text for text in texts if not gsm.is_gsm(text)] == []


def _texted(words: SlotWords) -> list[str]:
    wordings = [*words.ask, words.help, *([words.more] if words.more else [])]
    return [words.label, words.summary, *(wording.text for wording in wordings)]
