from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.outbox import Claimed
from tests.fakes.outbox_desk import ABOUT
from workers.compose import compose
from workers.failures import Permanent

NOW = datetime(2026, 6, 16, tzinfo=UTC)
GSM_7 = re.compile(r"[A-Za-z0-9 @$_!\"#%&'()*+,\-./:;<=>?\n]*")
WORDS = tomllib.loads((Path(__file__).parents[2] / "workers" / "wording" / "messages.toml").read_text("utf-8"))


def row(kind: str, transport: str = "email", to: str | None = "desk@clinic.example", **payload: str) -> Claimed:
    return Claimed("0199-row", 1, kind, transport, to, payload, "RL-7K3M9Q", 1, False, NOW, NOW)


@pytest.mark.parametrize("event", ["complete", "partial", "changed", "urgent", "unacknowledged", "person"])
def test_a_coordinator_gets_the_reference_and_the_link(event: str) -> None:
    message = compose(row("coordinator_email", event=event, **ABOUT))
    assert "RL-7K3M9Q" in message.subject
    assert ABOUT["link"] in message.text
    assert f'href="{ABOUT["link"]}"' in message.html


@pytest.mark.parametrize("level", ["urgent", "emergency", "crisis"])
def test_an_alert_to_the_on_call_is_one_plain_text_message(level: str) -> None:
    """A22: GSM-7 and one part, with a clinic's name and an address of ordinary length."""
    message = compose(row("urgent_alert", "sms", "+16145550171", level=level, **ABOUT))
    assert len(message.text) <= 160
    assert GSM_7.fullmatch(message.text)
    assert (message.subject, message.html) == ("", "")
    assert "reply OK RL-7K3M9Q" in message.text


@pytest.mark.parametrize("level", ["urgent", "emergency", "crisis"])
def test_an_alert_by_e_mail_says_where_to_acknowledge_it(level: str) -> None:
    """A64: nobody reads answers to our e-mails."""
    message = compose(row("urgent_alert", level=level, **ABOUT))
    assert "text OK RL-7K3M9Q" in message.text
    assert "RL-7K3M9Q" in message.subject


@pytest.mark.parametrize(
    ("provider", "practice", "greeted"), [("Dr. Alan Smith", "Bay Ortho", "Dr. Alan Smith"), ("", "Bay Ortho", "Bay Ortho"), ("", "", "colleague")]
)
def test_a_thank_you_greets_whom_it_knows(provider: str, practice: str, greeted: str) -> None:
    facts = {"reference": "RL-7K3M9Q", "clinic": "Riverside", "phone": "+16145550142"}
    message = compose(row("physician_thank_you", provider=provider, practice=practice, **facts))
    assert greeted in message.text.splitlines()[0]
    assert "(614) 555-0142" in message.text


def test_a_line_break_in_a_name_does_not_reach_the_subject() -> None:
    facts = {"provider": "", "practice": "", "clinic": "Riverside", "phone": "+16145550142"}
    message = compose(row("physician_thank_you", reference="RL-1\r\nBcc: x@y.example", **facts))
    assert "\n" not in message.subject


def test_markup_in_a_name_is_text() -> None:
    """A52."""
    message = compose(row("coordinator_email", event="complete", **ABOUT | {"clinic": "<script>alert(1)</script>"}))
    assert "<script>" not in message.html


def test_an_answer_is_texted_as_it_was_written() -> None:
    message = compose(row("answer_text", "sms", "+16145550199", text="We open at {8} & close at 5."))
    assert message.text == "We open at {8} & close at 5."


def test_braces_in_a_fact_are_only_braces() -> None:
    """A52: what a fact holds is never taken for wording."""
    message = compose(row("coordinator_email", event="complete", **ABOUT | {"clinic": "{link.__class__}"}))
    assert "{link.__class__}" in message.text


@pytest.mark.parametrize("broken", [row("unheard_of"), row("coordinator_email", event="complete"), row("coordinator_email", event="odd", **ABOUT)])
def test_a_row_without_its_facts_cannot_be_written(broken: Claimed) -> None:
    with pytest.raises(Permanent):
        compose(broken)


def test_a_repeat_says_so() -> None:
    claimed = row("coordinator_email", event="complete", **ABOUT)
    assert not compose(claimed).again
    assert compose(replace(claimed, ambiguous=True)).again


def test_no_wording_asks_for_more_than_rows_carry() -> None:
    """No health data can get in: only these facts exist."""
    facts = {"reference", "link", "clinic", "provider", "practice", "phone", "text", "greeting"}
    asked = {name for variants in WORDS.values() for words in variants.values() for name in re.findall(r"{(\w+)}", str(words))}
    assert asked <= facts
