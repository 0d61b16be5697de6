from __future__ import annotations

import pytest

from nlu import names, tagger
from tests.nlu.heard import context, value


def test_a_person_in_a_sentence_without_a_cue() -> None:
    assert value(names.read, "Jessica Turner has an appointment with you on Friday", context()) == "Jessica Turner"


@pytest.mark.parametrize(
    "said", ["Do you have anything in Santa Rosa or Carson City?", "Jessica Turner, MD wants me to come", "i saw Jessica Turner at the hospital"]
)
def test_places_and_other_people_are_left_alone(said: str) -> None:
    assert value(names.read, said, context()) is None


@pytest.mark.parametrize("said", ["my knee hurts", "jessica turner has an appointment", "I have Blue Shield", "Is Friday ok"])
def test_the_model_is_not_asked_about_most_messages(said: str) -> None:
    assert not tagger.may_name(said)
