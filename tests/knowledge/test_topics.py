from __future__ import annotations

import pytest

from knowledge.reading import Reader, lexicon
from knowledge.topics import standard_topics

TOPICS = standard_topics()
READER = Reader(TOPICS.words())


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Cancellation policy", "cancel"),
        ("something came up and i can't make it", "cancel"),
        ("if another patient bails could i have their spot", "waitlist"),
        ("do i have to see my doctor before starting", "need_referral"),
        ("i leak when i jump", "pelvic"),
        ("could i pay a little each month", "payment_plan"),
        ("do i pay anything before i see you", "copay"),
        ("where do i leave my truck", "parking"),
        ("is a walker going to be a problem at the entrance", "accessibility"),
        ("money is tight", "hardship"),
    ],
)
def test_the_same_thing_is_known_in_any_words(text: str, topic: str) -> None:
    assert topic in TOPICS.read(READER.read(text).words).topics


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("should i put ice on it", "clinical"),
        ("is it normal that my knee pops", "clinical"),
        ("what time is my appointment on friday", "personal"),
        ("how many visits do i have left", "personal"),
        ("how much will medicare pay me back", "amount"),
        ("got anything open tuesday around 2", "specific_slot"),
    ],
)
def test_what_a_written_answer_must_not_be_quoted_to_is_guarded(text: str, guard: str) -> None:
    assert guard in TOPICS.read(READER.read(text).words).guards


def test_every_topic_implied_exists() -> None:
    topics = lexicon("topics")["topics"]
    assert {implied for row in topics.values() for implied in row.get("implies", ())} <= set(topics)
