from __future__ import annotations

from datetime import date

import pytest

from channels.speech.grammar import material
from channels.speech.spoken_numbers import MAKERS, made
from nlu import understander
from nlu.name_words import FIRST, LAST
from nlu.parse import Context
from nlu.vocabulary import Vocabulary

LISTS = material(Vocabulary(), (), {"first": tuple(FIRST), "last": tuple(LAST)}).lists
READERS = understander.build(Vocabulary())


@pytest.mark.parametrize("kind", list(MAKERS))
def test_sayings_are_the_same_every_time_and_in_words(kind: str) -> None:
    sayings = made(kind, 50, LISTS)
    assert sayings == made(kind, 50, LISTS)
    assert len(set(sayings)) > 25
    assert all(word.replace("'", "").isalpha() and word.islower() for saying in sayings for word in saying.split())


@pytest.mark.parametrize(("kind", "slot"), [("phone", "patient.phone"), ("date", "patient.date_of_birth"), ("member_id", "insurance.member_id")])
def test_the_readers_understand_what_is_made_up(kind: str, slot: str) -> None:
    """What the recogniser is taught to hear is what the readers can read."""
    sayings = made(kind, 100, LISTS)
    read = [READERS.read(saying, Context(date(2026, 11, 21), asked=slot, channel="voice")) for saying in sayings]
    assert sum(slot in parse.slots for parse in read) >= 90
