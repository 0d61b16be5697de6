from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.knowledge.clinic import ASKING, TALKING, finder, ids, questions


def test_most_questions_of_another_clinic_are_answered_and_few_wrongly() -> None:
    """Transfer: another state, another business style, other words than those the sample clinic uses."""
    counts: Counter[str] = Counter()
    for row in questions():
        parts = finder().find(row["text"], ASKING)
        cited = {part.answer.id for part in parts if part.answer}
        for part in row["parts"]:
            if part["answer"] == "none":
                counts["abstained" if len(cited) < len(row["parts"]) else "wrong"] += 1
            elif part["answer"] in cited:
                counts["right"] += 1
            else:
                counts["missed" if not cited else "other"] += 1
    answerable = counts["right"] + counts["missed"] + counts["other"]
    assert counts["right"] / answerable >= 0.8, counts
    assert counts["abstained"] / (counts["abstained"] + counts["wrong"]) >= 0.9, counts
    assert (counts["wrong"] + counts["other"]) / counts.total() <= 0.06, counts


@pytest.mark.parametrize("text", ["", "   ", "🙂", "...", "\x00\ud800"])
def test_nothing_said_asks_nothing(text: str) -> None:
    assert finder().find(text, ASKING) == ()


@pytest.mark.parametrize("text", ["my name is Rosa Diaz", "it's my left knee, since june", "I have Cigna", "tuesday after 3"])
def test_a_fact_in_the_middle_of_an_intake_asks_nothing(text: str) -> None:
    assert ids(text, TALKING) == []


def test_facts_beside_questions_leave_exactly_the_questions() -> None:
    text = "I was referred by Dr. Smith at the ortho center; do you take Aetna, and where do I park?"
    assert ids(text, TALKING) == ["payer:Aetna:PPO", "article:park"]


def test_courtesy_is_small_talk_and_not_kept_as_unanswered() -> None:
    (part,) = finder().find("thank you so much!", TALKING)
    assert part.small_talk
    assert part.answer is None


def test_an_expired_article_never_answers() -> None:
    spring = replace(ASKING, today=date(2026, 3, 10))
    assert ids("is there a spring special?", spring) == ["article:spring"]
    assert ids("is there a spring special?") == [None]


def test_clinical_advice_is_never_quoted_from_an_article() -> None:
    """A61: nothing the finder answers is advice."""
    for text in (
        "should i ice my knee after surgery?",
        "is it safe to run with a stress fracture?",
        "what's wrong with my hip?",
        "will i need surgery?",
    ):
        assert ids(text) == [None], text


def test_personal_records_are_not_answered_from_articles() -> None:
    for text in ("what time is my session tomorrow?", "how many sessions do i have left?", "did you get my referral?"):
        assert ids(text) == [None], text


def test_the_same_words_give_the_same_answer() -> None:
    for row in questions()[::9]:
        assert finder().find(row["text"], ASKING) == finder().find(row["text"], ASKING)


def test_random_text_raises_nothing() -> None:
    """A54: no exception on any text."""
    rnd = random.Random(11)
    words = "do you take aetna ? and park , . not 2 4 a b c when how medicaid <b> \ud83d 💥 ' \" ñ".split(" ")
    for _ in range(300):
        finder().find(" ".join(rnd.choice(words) for _ in range(rnd.randrange(1, 25))), ASKING)


def test_spanish_questions_are_answered_in_spanish() -> None:
    (part,) = finder().find("¿Aceptan Cigna?", ASKING)
    assert part.answer is not None
    assert "verificar" in part.answer.text
    assert ids("¿tienen alberca?") == ["article:pool"]


def test_two_things_joined_by_and_are_two_questions() -> None:
    assert ids("do you have parking and can i bring my dog") == ids("where do i park") + ids("can i bring my dog")
    assert ids("do you do cupping or acupuncture") == [ids("do you do cupping")[0], ids("do you do acupuncture")[0]]


@pytest.mark.parametrize(
    ("topic", "text", "wanted"),
    [
        ("payer:Cigna:PPO", "what about aetna ppo?", "payer:Aetna:PPO"),
        ("payer:Aetna:PPO", "do i need a referral?", "payer:Aetna:PPO"),
        ("article:opening-tempe", "and for the one in mesa?", "article:opening-mesa"),
    ],
)
def test_what_was_answered_last_is_what_a_follow_up_is_about(topic: str, text: str, wanted: str) -> None:
    assert wanted in ids(text, replace(ASKING, topic=topic))


def test_a_follow_up_about_something_unknown_is_not_answered_from_what_was_said_last() -> None:
    assert ids("what about acupuncture?", replace(ASKING, topic="article:park")) == [None]
