"""Questions are grouped only when one answer serves them all: it is texted to everybody who asked."""

from __future__ import annotations

from knowledge.alike import Likeness


def _groups(*texts: str) -> list[list[str]]:
    return [[texts[place] for place in group] for group in Likeness().groups(texts)]


def test_the_same_question_in_other_words_is_one_group() -> None:
    assert _groups("do you have a sauna", "hi is there a sauna there?", "do you treat horses")[0] == [
        "do you have a sauna",
        "hi is there a sauna there?",
    ]


def test_another_company_or_another_aspect_is_another_question() -> None:
    questions = ("do you take Northwind", "do you take Bluefin", "do you do dry needling", "how much is dry needling")
    assert len(_groups(*questions)) == len(questions)


def test_what_says_nothing_is_like_nothing() -> None:
    assert len(_groups("and that?", "what about it", "ok")) == 3
