from __future__ import annotations

import numpy as np
import pytest

from knowledge import meaning
from knowledge.finder import build
from tests.knowledge.clinic import ASKING, articles, ids


@pytest.fixture(scope="module")
def reader() -> meaning.Meaning:
    found = meaning.standard_meaning()
    assert found is not None
    return found


def test_sentences_that_mean_the_same_are_nearer_than_others(reader: meaning.Meaning) -> None:
    asked = reader.vector("how do i get a copy of what you wrote about me")
    near, far = reader.vectors(["How do I request my medical records?", "Is there parking at the clinic?"]) @ asked
    assert near > far + 0.2


def test_a_vector_has_length_one_whatever_is_said(reader: meaning.Meaning) -> None:
    for text in ("", "?", "zzzzqqqq " * 200, "¿dónde?"):
        assert np.linalg.norm(reader.vector(text)) == pytest.approx(1.0, abs=1e-3)


def test_reading_together_and_alone_is_the_same(reader: meaning.Meaning) -> None:
    texts = ["Where are you?", "What does a visit cost without insurance, and when is it due?"]
    for row, text in zip(reader.vectors(texts), texts, strict=True):
        assert float(row @ reader.vector(text)) > 0.98


def test_nothing_in_no_articles(reader: meaning.Meaning) -> None:
    assert reader.vectors([]).shape == (0, 384)


def test_without_the_wheels_topics_and_words_answer_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "_INSTALLED", False)
    meaning.standard_meaning.cache_clear()
    try:
        assert meaning.standard_meaning() is None
        assert ids("where do i park?", by=build(articles(), ())) == ["article:park"]
    finally:
        meaning.standard_meaning.cache_clear()


def test_a_finder_may_do_without() -> None:
    (part,) = build(articles(), (), by_meaning=False).find("where do i park?", ASKING)
    assert part.answer is not None
