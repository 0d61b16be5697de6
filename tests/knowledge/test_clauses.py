from __future__ import annotations

import pytest

from knowledge.clauses import clauses, says_nothing, small_talk
from knowledge.reading import Reader

READER = Reader({"acme", "ppo"})


def asks(text: str) -> list[str]:
    heard = READER.read(text)
    return [heard.written(clause.first, clause.last) for clause in clauses(heard) if clause.asks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("do you take acme and how long is a session", ["do you take acme", "how long is a session"]),
        ("I was sent by Dr. Ruiz; do you take Acme, and when can I get in?", ["do you take Acme", "when can I get in"]),
        ("um can i park there do you have a ramp", ["can i park there", "do you have a ramp"]),
        ("Good morning, is there a shower? Thanks, Lee", ["is there a shower"]),
        ("how soon after a fall can i come in", ["how soon after a fall can i come in"]),
        ("how much weight can i lift", ["how much weight can i lift"]),
        ("tell me what time you open", ["tell me what time you open"]),
        ("do you take acme if not who does", ["do you take acme", "if not who does"]),
        ("what street is it on and what days are you open", ["what street is it on", "what days are you open"]),
        ("I need 1) your hours, 2) the fax number and 3) where to park", ["I need", "your hours", "the fax number", "where to park"]),
        ("street address and do you take acme", ["street address", "do you take acme"]),
        ("does Dr. Stone treat backs", ["does Dr. Stone treat backs"]),
    ],
)
def test_a_message_is_cut_into_what_it_asks(text: str, expected: list[str]) -> None:
    assert asks(text) == expected


@pytest.mark.parametrize("text", ["my knee hurts since march", "it's Dana Lopez", "blue cross, member id x123"])
def test_a_statement_asks_nothing(text: str) -> None:
    assert asks(text) == []


def test_a_statement_may_ask() -> None:
    assert asks("i only have acme so idk if you can help") != []


def test_courtesy_is_small_talk() -> None:
    assert small_talk(READER.read("ok thank you so much, have a great weekend").words)
    assert not small_talk(READER.read("thanks, where do i park").words)


def test_some_clauses_say_nothing() -> None:
    assert says_nothing(("is", "that", "right"))
    assert not says_nothing(("does", "it", "hurt"))
