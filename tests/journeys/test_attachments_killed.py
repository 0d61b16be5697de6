"""Those who fetch, delete and listen are killed in the middle of it: nothing is lost, and nothing is attached twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from agent import attachments, voicemails
from agent.attached import Attachment, AttachmentPiece
from agent.bootstrap import Agent
from agent.models import OutboxMessage
from dialogs.step import Kind
from tests.agent.record import all_leads, how_many, outgoing
from tests.builders import NUMBER, a_text, in_call
from tests.fakes.redis_process import redis_process
from tests.fakes.twilio_api import ACCOUNT, TOKEN, TwilioApi, twilio_api
from tests.fakes.twilio_files import DELETE_AND_HANG, HANG_HALFWAY, a_wav
from tests.journeys.delivery_process import Site, kill, site

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 2500


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, api: TwilioApi) -> Iterator[Site]:
    account = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_from": "+16145550142", "twilio_api_base_url": api.url}
    with redis_process(tmp_path), site(tmp_path, **account) as running:
        yield running


def a_photo(here: Site, api: TwilioApi) -> Agent:
    """A text with a photo came, and the bell was rung for it."""
    line = here.agent()
    line.turns.hear(a_text("patient.name=Ann Lee", media=(api.files.media(PHOTO),)))
    with line.store.reading() as session:
        assert session.scalars(select(Attachment.standing)).one() == "coming"
    ring(here)
    return line


def ring(here: Site) -> None:
    here.bell().ring(attachments_due(here))


def attachments_due(here: Site) -> list[str]:
    return [row.id for row in map(here.desk.row, all_rows(here)) if row.transport == "media"]


def all_rows(here: Site) -> list[str]:
    with here.desk.store.reading() as session:
        return list(session.scalars(select(OutboxMessage.id)))


def asked(api: TwilioApi, method: str, count: int = 1) -> Callable[[], bool]:
    return lambda: [kind for kind, _ in api.files.asked].count(method) >= count


def settled(here: Site) -> bool:
    """Everything was fetched and deleted."""
    with here.desk.store.reading() as session:
        return all(session.scalars(select(Attachment.forgotten_at)))


def whole(line: Agent, content: bytes = PHOTO) -> None:
    """One attachment, all of it, once."""
    with line.store.reading() as session:
        found = session.scalars(select(Attachment.id)).one()
        assert attachments.contents(session, found) == content
    assert how_many(line.store, AttachmentPiece) == [-(-len(content) // 262_144)]


def test_killed_in_the_middle_of_the_file(here: Site, api: TwilioApi) -> None:
    """Half a file was here: none of it is kept, and the next one fetches it whole."""
    api.files.script = [HANG_HALFWAY]
    worker = here.start_worker()
    line = a_photo(here, api)
    here.wait_until(asked(api, "GET"))
    kill(worker)
    assert how_many(line.store, AttachmentPiece) == [0]
    here.start_schedule()
    here.start_worker()
    here.wait_until(lambda: settled(here))
    whole(line)
    assert api.files.kept == {}


@pytest.mark.parametrize("how", [HANG_HALFWAY, DELETE_AND_HANG])
def test_killed_before_the_vendor_has_deleted_it_or_before_we_know(here: Site, api: TwilioApi, how: str) -> None:
    """Kept once; deleted in the end, and an answer "not found" to the second request says it was."""
    api.files.script = [None, how]
    line = a_photo(here, api)
    schedule = here.start_schedule(redis=False)
    here.wait_until(asked(api, "DELETE"))
    kill(schedule)
    whole(line)
    here.start_schedule(redis=False)
    here.wait_until(lambda: settled(here))
    whole(line)
    assert (api.files.kept, [method for method, _ in api.files.asked]) == ({}, ["GET", "DELETE", "DELETE"])


def test_with_redis_gone_the_schedule_fetches(here: Site, api: TwilioApi) -> None:
    """A28."""
    line = a_photo(here, api)
    here.start_schedule(redis=False)
    here.wait_until(lambda: settled(here))
    whole(line)


def test_who_wakes_after_its_lease_attaches_nothing(here: Site, api: TwilioApi) -> None:
    """A27: somebody else has fetched it meanwhile."""
    api.files.script = [HANG_HALFWAY]
    worker = here.start_worker()
    line = a_photo(here, api)
    here.wait_until(asked(api, "GET"))
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    here.start_schedule(redis=False)
    here.wait_until(lambda: settled(here))
    api.files.released.set()
    os.kill(worker.pid, signal.SIGCONT)
    row = line.store
    bell = here.bell()
    bell.ring(attachments_due(here))
    here.wait_until(lambda: bell._queue.count == 0)
    whole(line)
    assert len(all_leads(row)[0]["attachments"]) == 1


def test_killed_while_listening_to_a_voice_message(here: Site, api: TwilioApi) -> None:
    """The message counts once: one line of the transcript, one e-mail, one value."""
    line = here.agent()
    (here.folder / "deaf").touch()
    line.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    assert voicemails.left(line, "CA1", api.files.recording(a_wav(1.0)), NUMBER)
    here.start_schedule(redis=False)
    listener = here.start_listener()
    here.wait_until((here.folder / "listening").exists)
    kill(listener)
    (here.folder / "deaf").unlink()
    here.start_listener()
    here.wait_until(lambda: bool(heard(line)))
    here.wait_until(lambda: settled(here))
    whole(line, a_wav(1.0))
    (lead,) = all_leads(line.store)
    assert lead["slots"]["insurance.carrier"]["value"] == "Cigna"
    assert api.files.kept == {}
    assert [kind for kind, *_ in outgoing(line.store)].count(attachments.READ) == 1


def heard(line: Agent) -> str | None:
    with line.store.reading() as session:
        return session.scalars(select(Attachment.heard)).one()
