"""Whatever the text, the readers return: no exception, in bounded time, with offsets inside the message."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import reasons
from nlu.carriers import CarrierReader
from nlu.message import LONGEST, Message
from nlu.office import OfficeReader
from nlu.parse import Context
from nlu.providers import ProviderReader
from nlu.vocabulary import Vocabulary
from tests.nlu.listening import TODAY

CARRIERS, PROVIDERS, OFFICE = CarrierReader(Vocabulary()), ProviderReader(Vocabulary()), OfficeReader(Vocabulary())
WORDS = st.sampled_from(
    [
        *"pt Dr. dr lee DOB 3/4/61 415-555-0101 LBP s/p R TKA Medicare BCBS ppo and or not ref: mom fax de la a b c 12 W100200300 o'brien".split(),
        *", . / - ( ) ; & 's Jr St. J. \n".split(" "),
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=40).map(" ".join))
ASKED = st.sampled_from(
    [None, "insurance.carrier", "insurance.plan", "referral.provider", "referral.practice", "referral.reason", "referral.body_part", "patient.name"]
)


@given(TEXTS, ASKED, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_reading_quotes_the_message(text: str, asked: str | None, confirming: bool) -> None:
    message = Message.of(text)
    context = Context(today=TODAY, asked=asked, confirming=confirming)
    readings = [*CARRIERS.read(message, context), *PROVIDERS.read(message, context), *reasons.read(message, context)]
    for record in OFFICE.read(message, Context(today=TODAY)):
        readings += record.values()
    for reading in readings:
        assert reading.raw == message.text[reading.start : reading.end]
        assert 0 < reading.confidence <= 1
        assert reading.value


@pytest.mark.parametrize(
    "text",
    ["dr " * 4000, "pt Tom Lee 415-555-0101 LBP. " * 400, "a b c d " * 1500, "-" * 12_000, "W1" * 5000, "smith, " * 2000, "medicare and " * 900],
)
def test_reading_time_is_bounded(text: str) -> None:
    """Patterns are linear: the longest message that is read takes no more than a few seconds even on a busy machine."""
    message, context = Message.of(text), Context(today=TODAY)
    start = time.perf_counter()
    for reader in (CARRIERS.read, PROVIDERS.read, reasons.read, OFFICE.read):
        reader(message, context)
    assert len(message.text) <= LONGEST
    assert time.perf_counter() - start < 4
