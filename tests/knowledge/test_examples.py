"""Questions are compared with examples of what callers ask (`knowledge.examples`)."""

from __future__ import annotations

import pytest

from knowledge.examples import NOTHING, Examples, standard_examples
from knowledge.reading import lexicon
from knowledge.shelf import GUARDS
from knowledge.topics import standard_topics


def nearest(text: str) -> str:
    return next(iter(standard_examples().nearness(tuple(text.split()))), "")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("my sister forgot her visit on monday will she be charged", "no_show"),
        ("where would our practice get an order over to you", "send_referral"),
        ("could my teenager come by himself after school", "parent"),
        ("do you know how far out you are scheduling new people", "wait_new"),
    ],
)
def test_another_way_of_asking_is_nearest_to_its_topic(text: str, topic: str) -> None:
    assert nearest(text) == topic


def test_what_no_article_answers_draws_away() -> None:
    assert nearest("how many weeks until my wrist heals") == f"{NOTHING}clinical"


def test_words_never_seen_are_near_nothing() -> None:
    assert max(standard_examples().nearness(("zzyzx", "qwop")).values(), default=0.0) == 0.0


def test_the_nearest_come_first_and_none_is_nearer_than_one() -> None:
    near = list(standard_examples().nearness(tuple("do you take walk ins".split())).values())
    assert near == sorted(near, reverse=True)
    assert all(0 < value <= 1 for value in near)


def test_every_example_belongs_to_a_topic_or_a_guard() -> None:
    table = lexicon("examples")
    assert set(table["examples"]) <= set(standard_topics().all)
    assert set(table["nothing"]) <= set(GUARDS)


def test_a_topic_is_as_near_as_its_examples_are_on_average() -> None:
    few = Examples({"one": "where is it\nwhere are you", "two": "how much is it"}, {})
    assert next(iter(few.nearness(("where", "are", "you")))) == "one"
