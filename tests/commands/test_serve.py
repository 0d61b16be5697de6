"""The parts of a running line, as they are put together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from agent import attachments, file_kinds, voicemails
from agent.attached import Attachment
from agent.bootstrap import build
from agent.clinic import Clinic
from agent.store import Store
from commands.serve import listener_for
from tests.builders import NUMBER, some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader
from tests.fakes.twilio_files import a_wav
from workers import listening


def test_a_schedule_without_a_speech_model_keeps_voice_messages_and_says_so(
    tmp_path: Path, sqlite_store: Store, clinic: Clinic, clock: FakeClock
) -> None:
    settings = some_settings(tmp_path)
    agent = build(settings, clock=clock, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(), clinic=clinic, store=sqlite_store)
    assert voicemails.left(agent, "CA1", "RE" + "1" * 32, NUMBER)
    wav = file_kinds.recognised(a_wav())
    assert wav is not None
    with agent.store.transaction() as session:
        row = session.scalars(select(Attachment)).one()
        attachments.keep(session, row.id, a_wav(), wav, None, clock())
    listening.look(listener_for(agent))
    with agent.store.reading() as session:
        assert session.scalars(select(Attachment.heard)).one() == "not_transcribed"
        assert attachments.contents(session, row.id) == a_wav()
