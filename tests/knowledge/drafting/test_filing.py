"""Canonical questions are read as the topics they stand for, so that a passage filed under one is found by it."""

from __future__ import annotations

import pytest

from knowledge.drafting.filing import Filing
from knowledge.reading import Reader, lexicon
from knowledge.topics import standard_topics


@pytest.mark.parametrize("topic", sorted(lexicon("questions")["ask"]))
def test_each_question_is_read_as_its_topic(topic: str) -> None:
    topics = standard_topics()
    words = Reader(topics.words()).read(lexicon("questions")["ask"][topic]).words
    assert topic in topics.read(words).topics


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Plan on 75 minutes for your first visit.", "How long is the evaluation?"),
        ("12 Elm Street, Suite 4, Dayton", "Where are you located?"),
        ("We see patients ages 14 and up.", "What ages do you treat?"),
    ],
)
def test_the_shape_of_a_statement_says_what_it_answers(said: str, asked: str) -> None:
    assert asked in Filing().questions("", "", [said], alone=False)
