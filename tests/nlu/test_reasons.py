"""Why somebody comes, and the part of the body."""

from __future__ import annotations

import re

import pytest

from nlu import body_parts, reasons
from nlu.message import Message
from nlu.reasons import REASON
from tests.nlu.listening import corpus, heard


@pytest.mark.parametrize(("asked", "text", "wanted"), corpus("reasons"))
def test_a_complaint_is_read_in_lay_and_clinical_words(asked: str, text: str, wanted: tuple[str, ...]) -> None:
    reason, part = wanted or ("", "")
    got = heard(reasons.read, text, asked)
    assert got.get(body_parts.SLOT, "") == part
    assert (REASON in got) == bool(reason)
    assert set(re.findall(r"\w+", reason)) <= set(re.findall(r"\w+", str(got.get(REASON, ""))))


def test_orders_and_frequency_are_no_part_of_a_reason() -> None:
    """The reason is close to what was said, without politeness, orders and frequency."""
    assert heard(reasons.read, "neck pain, eval and treat 2x/wk x6", REASON)[REASON] == "neck pain"


def test_a_practice_called_after_a_body_part_is_no_complaint() -> None:
    assert heard(reasons.read, "i was seen at Harbor Spine & Sport") == {}


def test_shorthand_is_opened_where_it_only_cuts_a_word_short() -> None:
    message = Message.of("cerv radic M54.12")
    assert [r.value for r in reasons.in_dense_text(message, message)] == ["cervical radiculopathy M54.12", "neck"]
