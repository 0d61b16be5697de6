from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from bench.second_opinion.train import digest
from nlu import opt_out, requests, safety
from nlu.message import Message
from nlu.opinion import BUCKETS, Opinion, Question
from nlu.parse import Context, OptOut, Safety, SafetyLevel

TODAY = Context(date(2026, 11, 20))


def red_flag(text: str) -> Safety:
    return safety.read(Message.of(text), TODAY)


@pytest.mark.parametrize("name", ["danger", "requests"])
def test_a_model_belongs_to_the_sentences_beside_its_training(name: str) -> None:
    """Whoever changes a sentence trains again: `python -m bench.second_opinion.train NAME --write`."""
    assert Opinion.load(name).trained_on == digest()


def test_an_opinion_is_the_sum_of_its_weights() -> None:
    weights = np.zeros(BUCKETS, np.int8)
    weights[7] = 100
    opinion = Opinion({"yes": Question(weights, 0.1, -5.0), "no": Question(-weights, 0.1, -5.0)})
    features = np.array([7])
    assert opinion.on("yes", features) > 0.99 > 0.01 > opinion.on("no", features)
    assert opinion.likeliest(("no", "yes"), features) == "yes"


def test_nothing_said_has_an_opinion_too() -> None:
    assert 0 <= Opinion.load("danger").on("danger", np.array([], dtype=np.int64)) < 0.5


@pytest.mark.parametrize("text", ["theres a strangling feeling under my ribs and i turned white", "i plan on not being around come christmas"])
def test_what_no_rule_foresaw_is_asked_about(text: str) -> None:
    """The second opinion raises no alarm of its own: it asks "are you having that right now?"."""
    found = red_flag(text)
    assert found.level is not SafetyLevel.NONE
    assert str(found.rule).startswith("opinion.")
    assert not found.certain


@pytest.mark.parametrize(
    "text",
    [
        "maria hernandez",
        "tuesday or thursday after three",
        "blue cross ppo",
        "5 1 5 5 5 5 0 1 4 4",
        "yes",
        "my knee hurts going up stairs",
        "dr patel at bay ortho",
        "3/4/61",
    ],
)
def test_an_ordinary_answer_is_no_red_flag_and_no_request(text: str) -> None:
    assert red_flag(text).level is SafetyLevel.NONE
    assert requests.read(Message.of(text), TODAY) == requests.Requests()
    assert opt_out.read(Message.of(text)) is OptOut.NONE


def test_what_a_rule_found_is_taken_back_only_where_the_model_is_sure_and_never_of_suicide() -> None:
    nothing = np.array([], dtype=np.int64)
    sure_of_none = Opinion({"danger": Question(np.zeros(BUCKETS, np.int8), 1.0, -20.0)})
    cardiac, crisis = Safety(SafetyLevel.EMERGENCY, "cardiac", "cardiac.attack"), Safety(SafetyLevel.CRISIS, "suicide", "suicide.said")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(safety, "_OPINION", sure_of_none)
        assert safety._with_second_opinion(cardiac, nothing, 10) == Safety(history=("cardiac",))
        assert safety._with_second_opinion(crisis, nothing, 10) == crisis
        assert safety._with_second_opinion(cardiac, nothing, safety.LONG + 1) == cardiac


def test_a_long_message_is_read_in_linear_time() -> None:
    """A54: twice the words take no more than about twice the time."""
    message = Message.of("my leg is swollen and i feel numb " * 250)
    safety.features(message)
    best = min(_seconds(lambda: safety.features(message)) for _ in range(3))
    assert best < 2.0


def _seconds(run: Callable[[], object]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before
