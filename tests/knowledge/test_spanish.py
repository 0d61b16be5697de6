from __future__ import annotations

import pytest

from knowledge.reading import Reader, cut
from knowledge.spanish import in_english, is_spanish

READER = Reader(frozenset())


@pytest.mark.parametrize("text", ["¿Aceptan Acme?", "a qué hora abren mañana", "hola, cuánto cuesta la primera visita", "no tengo seguro"])
def test_spanish_is_told_from_its_little_words(text: str) -> None:
    assert is_spanish(cut(text))


@pytest.mark.parametrize("text", ["do you take Acme", "la la land", "is Jose in", "no", "ok si", ""])
def test_english_is_not_taken_for_spanish(text: str) -> None:
    assert not is_spanish(cut(text))


def test_a_spanish_question_is_put_into_the_words_of_the_lexicon() -> None:
    words = " ".join(READER.read("¿Cuánto cuesta la primera visita sin seguro?", in_english).words.low)
    assert words == "how much does it cost first visit without insurance"
