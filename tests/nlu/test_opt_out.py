from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from nlu import opt_out
from nlu.message import Message
from nlu.parse import OptOut

CORPUS: dict[str, Any] = tomllib.loads((Path(__file__).with_name("corpus") / "requests.toml").read_text("utf-8"))["stop"]


def read(text: str) -> OptOut:
    return opt_out.read(Message.of(text))


@pytest.mark.parametrize("word", ["STOP", "StopAll", "unsubscribe", "Cancel", "END", "quit", "Revoke", "OPTOUT", "opt out"])
@pytest.mark.parametrize("around", ["{}", "{}.", " {}!! ", "{} 🛑", '"{}"', "{} please"])
def test_a_keyword_alone_revokes_consent_however_it_is_typed(word: str, around: str) -> None:
    """A20."""
    assert read(around.format(word)) is OptOut.STOP


@pytest.mark.parametrize(
    "text", ["stop by at 5", "cancel my appointment", "yes", "end of the month", "help with stairs is what i need", "when can i start"]
)
def test_a_keyword_inside_a_sentence_is_no_keyword(text: str) -> None:
    """A20."""
    assert read(text) is OptOut.NONE


@pytest.mark.parametrize(("text", "verdict"), [("START", OptOut.START), ("unstop", OptOut.START), ("HELP", OptOut.HELP), ("Info?", OptOut.HELP)])
def test_start_and_help_keywords(text: str, verdict: OptOut) -> None:
    """A20."""
    assert read(text) is verdict


def test_free_words_revoke_and_renew_consent_in_english_and_spanish() -> None:
    labels = {"yes": "stop", "no": "none", "start": "start", "help": "help"}
    rows = [(text, labels[label]) for label, texts in CORPUS.items() for text in texts]
    wrong = [text for text, want in rows if read(text) != want]
    assert len(wrong) / len(rows) <= 0.01, wrong
