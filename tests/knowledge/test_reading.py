from __future__ import annotations

import random

import pytest

from knowledge.reading import Reader, stem, telling

READER = Reader({"orthotics", "medicaid", "needling", "copay", "ppo", "exercises"})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("do u take medicade", "do you take medicaid"),
        ("were do i park 4 my visit", "where do i park for my visit"),
        ("2 weeks b4 my appt", "2 weeks before my appointment"),
        ("dry kneedling 4 weeks", "dry needling 4 weeks"),
        ("is a p p o ok", "is a ppo okay"),
        ("excersises", "exercises"),
        ("hw mch is teh copya", "how much is the copay"),
    ],
)
def test_shorthand_slips_and_spelled_letters_are_read_as_meant(written: str, meant: str) -> None:
    assert " ".join(READER.read(written).words.low) == meant


def test_what_was_written_can_be_quoted() -> None:
    heard = READER.read("Pls, do u take Medicade??")
    assert heard.written(1, 5) == "do u take Medicade"


def test_real_words_are_left_alone() -> None:
    assert READER.read("crutches stairs program").words.low == ("crutches", "stairs", "program")


@pytest.mark.parametrize(("one", "other"), [("copays", "copay"), ("policies", "policy"), ("parking", "parked"), ("running", "run")])
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_rare_words_tell_and_courtesy_does_not() -> None:
    assert telling("orthotics") > 0.9 > telling("stairs") > telling("husband") == 0.0


def test_hostile_text_is_read_without_error() -> None:
    """A54: any text, in bounded time."""
    rnd = random.Random(3)
    for _ in range(200):
        READER.read(
            "".join(chr(rnd.choice((rnd.randrange(32, 127), rnd.randrange(0x20, 0x2FFF), 0xD800, 0x1F600))) for _ in range(rnd.randrange(60)))
        )
    READER.read("a" * 100_000)
