"""Who in a message could be a provider, before anybody asks who of them sends the patient."""

from __future__ import annotations

import pytest

from nlu.message import Message
from nlu.provider_names import candidates


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("dr alma reyes and doctor holt", ["Dr. Alma Reyes", "Dr. Holt"]),
        ("Carol Finch MD", ["Dr. Carol Finch"]),
        ("a nurse practitioner named Amy Chen", ["Amy Chen, NP"]),
        ("my doctor's name is kowalski", ["Dr. Kowalski"]),
        ("the doctor on call, i think her name was osborne", ["Dr. Osborne"]),
        ("el doctor ruiz de northgate", ["Dr. Ruiz"]),
        ("el doctor ruiz de leon", ["Dr. Ruiz de Leon"]),
        ("do you folks do massage", []),
        ("it was some doctor i don't recall", []),
    ],
)
def test_a_title_letters_a_trade_or_a_cue_make_a_provider(said: str, names: list[str]) -> None:
    """Words beside a title that are no name ("doctor i don't") make none."""
    message = Message.of(said)
    assert [provider.value for provider in candidates(message.text, message.low)] == names
