"""Voice messages: from the tone to what a coordinator reads."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agent import attachments, file_kinds, voicemails
from agent.attached import Attachment
from agent.attachments import Standing
from agent.bootstrap import Agent
from agent.models import Alert, Conversation, Task
from agent.transcripts import lines
from agent.vault import VaultError
from dialogs.step import Kind
from tests.agent.conftest import Build
from tests.agent.record import all_leads, how_many, outgoing
from tests.builders import NUMBER, a_text, in_call
from tests.fakes.transcribers import FakeTranscriber

RECORDING = "RE" + "0" * 31 + "1"
WAV = file_kinds.recognised(b"RIFF0000WAVE")
SOUND = b"RIFF0000WAVEsound"
assert WAV is not None


def left(agent: Agent, call: str = "CA1") -> str:
    """A message is left and fetched; the attachment's id."""
    assert WAV is not None
    assert voicemails.left(agent, call, RECORDING, NUMBER)
    with agent.store.transaction() as session:
        row = session.scalars(select(Attachment)).one()
        attachments.keep(session, row.id, SOUND, WAV, None, agent.clock())
        return row.id


def heard(agent: Agent) -> str | None:
    with agent.store.reading() as session:
        return session.scalars(select(Attachment.heard)).one()


def mails(agent: Agent) -> list[str]:
    return [payload["event"] for kind, _, _, payload in outgoing(agent.store) if kind == "coordinator_email"]


def test_what_was_said_on_the_machine_is_on_the_lead_of_its_call(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    attachment = left(agent)
    ears = FakeTranscriber("insurance.carrier=Cigna")
    voicemails.read(agent, attachment, ears)
    (lead,) = all_leads(agent.store)
    assert (lead["slots"]["insurance.carrier"]["value"], lead["slots"]["insurance.carrier"]["source"]) == ("Cigna", "speech")
    assert (ears.heard, heard(agent)) == ([SOUND], "transcribed")
    with agent.store.reading() as session:
        said = [line for line in lines(session, session.scalars(select(Conversation.id)).one()) if line["who"] == "caller"]
    assert [(line["text"], line.get("voicemail")) for line in said] == [("patient.name=Ann Lee", None), ("insurance.carrier=Cigna", True)]


def test_it_is_listened_to_in_the_language_of_its_call(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "#spanish"))
    ears = FakeTranscriber(None)
    voicemails.read(agent, left(agent), ears)
    assert (ears.languages, heard(agent)) == (["es"], "not_transcribed")


def test_read_twice_it_counts_once(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    attachment = left(agent)
    for text in ("insurance.carrier=Cigna", "insurance.carrier=Aetna"):
        voicemails.read(agent, attachment, FakeTranscriber(text))
    (lead,) = all_leads(agent.store)
    assert lead["slots"]["insurance.carrier"]["value"] == "Cigna"


def test_a_reader_killed_between_the_turn_and_its_note_of_it_repeats_nothing(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    attachment = left(agent)
    voicemails.read(agent, attachment, FakeTranscriber("insurance.carrier=Cigna"))
    with agent.store.transaction() as session:
        session.get_one(Attachment, attachment).heard = None
    before = (all_leads(agent.store), outgoing(agent.store))
    voicemails.read(agent, attachment, FakeTranscriber("insurance.carrier=Cigna"))
    after = (all_leads(agent.store), outgoing(agent.store))
    assert [row[:2] for row in after[1]] == [row[:2] for row in before[1]]
    assert after[0][0]["slots"] == before[0][0]["slots"]
    assert heard(agent) == "transcribed"


def test_without_ears_it_is_kept_and_says_so(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    attachment = left(agent)
    voicemails.read(agent, attachment, FakeTranscriber(None))
    (lead,) = all_leads(agent.store)
    assert [(one["state"], one["heard"]) for one in lead["attachments"]] == [("kept", "not_transcribed")]
    with agent.store.reading() as session:
        assert attachments.contents(session, attachment) == SOUND


def test_one_that_was_never_fetched_is_told_of_all_the_same(agent: Agent) -> None:
    voicemails.left(agent, "CA1", RECORDING, NUMBER)
    with agent.store.transaction() as session:
        row = session.scalars(select(Attachment)).one()
        attachments.refuse(session, row.id, Standing.LOST, "gone", None, agent.clock())
    voicemails.read(agent, row.id, FakeTranscriber("never heard"))
    assert heard(agent) == "not_transcribed"


def test_who_did_not_want_to_go_on_is_left_alone_by_their_own_voice(agent: Agent) -> None:
    """What came after the call keeps its place: reading the message later begins nothing and greets nobody."""
    agent.turns.hear(in_call(Kind.OPENING))
    attachment = left(agent)
    agent.turns.hear(in_call(Kind.HANGUP))
    agent.turns.hear(a_text("patient.email=ann@home.example"))
    voicemails.read(agent, attachment, FakeTranscriber("insurance.carrier=Cigna"))
    with agent.store.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
        assert (conversation.door, conversation.session) == ("sms", None)
    assert how_many(agent.store, Conversation) == [1]
    assert set(all_leads(agent.store)[0]["slots"]) == {"patient.email", "insurance.carrier"}


def test_a_message_belongs_to_its_own_call_also_when_another_has_begun(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee #complete"))
    attachment = left(agent)
    agent.turns.hear(in_call(Kind.HANGUP))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Bob Ray", call="CA2"))
    voicemails.read(agent, attachment, FakeTranscriber("insurance.carrier=Cigna"))
    first, second = all_leads(agent.store)
    assert ("insurance.carrier" in first["slots"], "insurance.carrier" in second["slots"]) == (True, False)


def test_a_red_flag_in_it_is_an_alert_as_in_any_turn(agent: Agent) -> None:
    """A59: in the transaction of the turn, with its notices."""
    attachment = left(agent)
    voicemails.read(agent, attachment, FakeTranscriber("#urgent"))
    assert how_many(agent.store, Alert) == [1]
    assert "urgent" in mails(agent)


def test_a_recording_without_a_usable_id_is_not_kept(agent: Agent) -> None:
    """Nothing that is no RecordingSid gets into an address we ask for."""
    for recording in ("", "RE1", "RE" + "x" * 32, "../../Messages", RECORDING + "/..", RECORDING + "\n"):
        assert not voicemails.left(agent, "CA1", recording, NUMBER)
    assert how_many(agent.store, Attachment, Task) == [0, 0]


def test_a_recording_that_was_tampered_with_is_not_listened_to(agent: Agent, build_on: Build) -> None:
    attachment = left(agent)
    with agent.store.transaction() as session:
        session.get_one(Attachment, attachment).about = b"\x01" * 60
    with pytest.raises(VaultError):
        voicemails.read(agent, attachment, FakeTranscriber("anything"))
