from __future__ import annotations

import pytest

from nlu.message import Message
from nlu.wording import COMMA, SENTENCE, Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't", "i can not"),
        ("i cant", "i can not"),
        ("mom's knee", "mom knee"),
        ("it's bad", "it is bad"),
        ("u r gonna", "you are going to"),
        ("s/p fall", "s/p fall"),
        ("w/o pain", "without pain"),
        ("r u i z", "r u i z"),
        ("¿qué día?", "que dia"),
        ("temp 101.4", "temp 101.4"),
        ("👍", "thumbsup"),
    ],
)
def test_words_are_what_was_meant(text: str, words: str) -> None:
    assert Words.of(Message.of(text)).low == tuple(words.split())


def test_breaks_and_offsets_point_into_the_message() -> None:
    message = Message.of("No. It's fine, thanks")
    words = Words.of(message)
    assert words.low == ("no", "it", "is", "fine", "thanks")
    assert words.breaks == (SENTENCE, SENTENCE, 0, 0, COMMA)
    assert [message.text[s:e] for s, e in zip(words.starts, words.ends, strict=True)] == ["No", "It's", "It's", "fine", "thanks"]
