"""State and Reply come back as they were, whatever was said in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.messages import Reply
from agent.state_json import StateError, from_json, reply_from_json, reply_to_json, to_json
from dialogs.line import Expect, Line
from dialogs.state import Filled, Phase, Referral, State
from nlu.parse import TimeWindow

texts = st.text(max_size=30)
windows = st.builds(TimeWindow, days=st.tuples(st.sampled_from(["mon", "sun"])), after=st.sampled_from([None, "15:30"]))
values = st.one_of(texts, st.lists(texts, min_size=2, max_size=3).map(tuple), st.lists(windows, min_size=1, max_size=2).map(tuple))
filled = st.builds(Filled, value=values, raw=texts, source=st.sampled_from(["sms", "speech"]), confidence=st.floats(0, 1), message=st.integers(0, 99))
slots = st.dictionaries(st.sampled_from(["patient.name", "preferred_times"]), filled, max_size=2)
lines = st.lists(st.builds(Line, key=texts, text=texts, spoken=texts), max_size=2).map(tuple)
referrals = st.lists(st.builds(Referral, reference=texts, slots=slots, missing=st.just(("patient.phone",))), max_size=1).map(tuple)
phases, asked = st.sampled_from(Phase), st.one_of(st.none(), texts)
states = st.builds(State, reference=texts, phase=phases, slots=slots, asked=asked, last=lines, batch=referrals, opted_out=st.booleans())
expects, languages = st.one_of(st.none(), st.builds(Expect, slot=texts)), st.sampled_from(["en", "es"])
unhurried = settings(max_examples=40, deadline=None)


@unhurried
@given(states)
def test_a_state_comes_back_as_it_was(state: State) -> None:
    assert from_json(to_json(state)) == state


@unhurried
@given(st.builds(Reply, lines=lines, expect=expects, end=st.booleans(), language=languages))
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    assert reply_from_json(reply_to_json(reply)) == reply


def test_a_field_that_is_gone_or_new_is_no_obstacle() -> None:
    """An older or newer process of a rolling start reads the same rows."""
    assert from_json('{"form": 1, "value": {"reference": "RL-1", "of_tomorrow": 1}}') == State("RL-1")


@pytest.mark.parametrize("text", ["", "[]", '{"form": 2, "value": {}}', '{"form": 1, "value": {"phase": "x"}}', '{"value": 1}'])
def test_another_form_is_said_so(text: str) -> None:
    with pytest.raises(StateError):
        from_json(text)
    with pytest.raises(StateError):
        reply_from_json(text)
