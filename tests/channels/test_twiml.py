"""TwiML that can always be read (A6)."""

from __future__ import annotations

from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from channels.twiml import LONGEST_SAY, answer, inert, say_chunks

ANYTHING = st.text(st.characters(), max_size=300)
"""Every code point there is, lone surrogates included."""


@given(ANYTHING)
def test_any_text_gives_well_formed_xml(text: str) -> None:
    """A6."""
    document = VoiceResponse()
    for chunk in say_chunks(text + "]]> & <Dial>9005550100</Dial>"):
        document.say(chunk)
    response = answer(document)
    assert response.content_type.startswith("text/xml")
    root = ElementTree.fromstring(response.get_data())
    assert {child.tag for child in root} == {"Say"}


def test_control_characters_and_direction_overrides_are_gone() -> None:
    assert inert("a\x08b\x9fc\ud800d\u202ee\ufffe") == "a b c de "
    assert inert("tab\tline\nend") == "tab\tline\nend"


def test_a_long_speech_is_said_in_pieces() -> None:
    """A6: every <Say> holds at most 4096 characters."""
    chunks = say_chunks("One more sentence for the caller. " * 200)
    assert len(chunks) == 2
    assert all(len(chunk) <= LONGEST_SAY and chunk.endswith(".") for chunk in chunks)
    assert max(map(len, say_chunks("x" * 7000))) == LONGEST_SAY
