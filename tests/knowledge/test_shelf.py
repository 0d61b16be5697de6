from __future__ import annotations

import time

import pytest

from knowledge.articles import Article
from knowledge.finder import build
from knowledge.reading import lexicon
from knowledge.shelf import MEASURES
from tests.knowledge.clinic import ASKING, articles, ids


def test_every_measure_has_a_weight() -> None:
    assert set(lexicon("calibration")["weights"]) == set(MEASURES)


def test_an_article_that_lacks_the_thing_asked_about_does_not_answer() -> None:
    assert ids("do you sell orthotics?") == [None]
    assert ids("is there a sauna?") == [None]


def test_twins_answer_together_when_no_place_is_named() -> None:
    (part,) = build(articles(), ()).find("what are your hours?", ASKING)
    assert part.answer is not None
    assert "Tempe" in part.answer.text
    assert "Mesa" in part.answer.text


def test_the_place_named_is_the_place_answered() -> None:
    assert ids("what are the hours in mesa?") == ["article:opening-mesa"]


@pytest.mark.parametrize("size", [1000])
def test_a_thousand_articles_are_indexed_and_searched_quickly(size: int) -> None:
    """Index of 1,000 articles in seconds; a question in milliseconds. Generous bounds: the machine may be busy."""
    many = [
        Article(f"{article.id}-{n}", article.question, article.answer, article.title, article.tags)
        for n in range(size // len(articles()) + 1)
        for article in articles()
    ][:size]
    start = time.perf_counter()
    finder = build(many, ())
    built = time.perf_counter()
    for question in ("where do i park", "can i bring my dog", "do you take walk ins", "is there a pool", "how do i cancel"):
        finder.find(question, ASKING)
    assert built - start < 10
    assert time.perf_counter() - built < 1
