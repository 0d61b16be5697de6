"""Twilio at its worst while files are fetched, listened to and deleted: each has an end, and a person sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from agent import attachments, outbox, voicemails
from agent.attached import Attachment
from agent.bootstrap import Agent
from agent.models import OutboxMessage, Task
from tests.agent.record import all_leads, outgoing
from tests.builders import NUMBER, a_text
from tests.fakes.clock import FakeClock
from tests.fakes.transcribers import FakeTranscriber
from tests.fakes.twilio_api import ACCOUNT, TOKEN, TwilioApi, twilio_api
from tests.fakes.twilio_files import BREAK_OFF, JPEG, a_wav
from workers import listening, media, windows
from workers.delivery import Courier

SOUND = a_wav(0.2)


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


@pytest.fixture
def line(line: Agent, api: TwilioApi) -> Agent:
    told = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": (TOKEN,), "twilio_api_base_url": api.url}
    return replace(line, settings=line.settings.model_copy(update=told))


def couriers(line: Agent, clock: FakeClock, ears: FakeTranscriber) -> tuple[Courier, Courier]:
    """Of files, and of what is listened to."""
    errands = media.errands(line.store, clock, line.settings)
    carrier = Courier(line.store, clock, {}, line.clinic, windows.load(), errands=errands, sleep=lambda _seconds: None)
    listener = Courier(line.store, clock, {}, line.clinic, windows.load(), errands={attachments.READ: listening.Read(line, ears)})
    return carrier, listener


def persist(line: Agent, clock: FakeClock, ears: FakeTranscriber | None = None, times: int = 14) -> None:
    """Carry what is due, and let time pass, as the schedule would."""
    carrier, listener = couriers(line, clock, ears or FakeTranscriber("my name is maria lopez"))
    for _ in range(times):
        for row in outbox.due(line.store, clock(), 50):
            with line.store.reading() as session:
                if session.get_one(OutboxMessage, row).transport != outbox.MEDIA:
                    continue
            carrier.deliver(row)
        listening.look(listener)
        clock.passes(minutes=70)


def standing(line: Agent) -> list[tuple[str, str | None]]:
    with line.store.reading() as session:
        return [(row.standing, row.reason) for row in session.scalars(select(Attachment).order_by(Attachment.id))]


def tasks(line: Agent) -> set[str]:
    with line.store.reading() as session:
        return set(session.scalars(select(Task.kind)))


def attempts(line: Agent, kind: str) -> int:
    with line.store.reading() as session:
        return session.scalars(select(OutboxMessage.attempts).where(OutboxMessage.kind == kind)).one()


def events(line: Agent) -> list[str]:
    return [payload["event"] for kind, _, _, payload in outgoing(line.store) if kind == "coordinator_email"]


def test_a_recording_that_is_not_ready_yet_is_waited_for(line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """Twilio says 404 while it is still writing it."""
    assert voicemails.left(line, "CA1", api.files.recording(SOUND), NUMBER)
    api.files.script = [404, 404, 503, BREAK_OFF]
    persist(line, clock)
    assert (standing(line), api.files.kept) == ([("kept", None)], {})
    assert "voicemail" in events(line)


def test_one_that_never_comes_is_a_task_and_an_email_all_the_same(line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    assert voicemails.left(line, "CA1", "RE" + "9" * 32, NUMBER)
    persist(line, clock)
    assert standing(line) == [("lost", "gone")]
    assert {"voicemail", "undelivered"} <= tasks(line)
    assert attempts(line, attachments.FETCH) == media.UNREADY
    (lead,) = all_leads(line.store)
    assert ([one["heard"] for one in lead["attachments"]], events(line)) == (["not_transcribed"], ["voicemail"])


def test_a_wrong_password_costs_no_file_its_attempts(line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    """The channel rests, once a day a person hears of it, and what waited is fetched when it is set right."""
    line.turns.hear(a_text("my name is Maria Lopez", media=(api.files.media(JPEG),)))
    api.files.script = [401, 403, 401]
    persist(line, clock)
    assert standing(line) == [("kept", None)]
    assert "channel_stopped" in tasks(line)
    assert attempts(line, attachments.FETCH) == 1


def test_what_cannot_be_deleted_at_the_vendor_is_a_persons_task(line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    line.turns.hear(a_text("my name is Maria Lopez", media=(api.files.media(JPEG),)))
    api.files.script = [None, 400]
    persist(line, clock, times=2)
    assert standing(line) == [("kept", None)]
    assert "undelivered" in tasks(line)


def test_a_message_that_breaks_its_listener_is_told_of_and_kept(line: Agent, api: TwilioApi, clock: FakeClock) -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    assert voicemails.left(line, "CA1", api.files.recording(SOUND), NUMBER)
    persist(line, clock, FakeTranscriber("anything", before=breaks))
    (lead,) = all_leads(line.store)
    assert [(one["state"], one["heard"]) for one in lead["attachments"]] == [("kept", "not_transcribed")]
    assert events(line) == ["voicemail"]
    assert "undelivered" in tasks(line)
