from __future__ import annotations

import subprocess
import sys

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


def test_the_model_is_loaded_for_the_first_message_that_needs_it() -> None:
    """A process that reads calls never pays for it."""
    code = "import sys; from nlu.understander import build; from nlu.vocabulary import Vocabulary; build(Vocabulary()); print('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout.strip() == "False"
