"""Pictures and voice messages in the record, on both databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from agent import attachments, backup, file_kinds, outbox, rotation
from agent.attached import Attachment, AttachmentPiece
from agent.attachments import FETCH, FORGET, LARGEST, READ, Standing
from agent.bootstrap import Agent
from agent.messages import Inbound
from agent.models import Conversation, OutboxMessage, Task
from agent.store import Store
from agent.vault import VaultError, decode_key
from dialogs.step import Kind
from tests.agent.record import all_leads, how_many
from tests.builders import KEY, NUMBER, a_text, a_vault, another_key, in_call
from tests.fakes.doorbell import FakeDoorbell

URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
RECORDING = "RE" + "1" * 32
JPEG = file_kinds.recognised(b"\xff\xd8\xff")
WAV = file_kinds.recognised(b"RIFF0000WAVE")
assert JPEG is not None
assert WAV is not None


def texted(agent: Agent, count: int = 1, **more: Any) -> list[str]:
    """A text with pictures; the ids of the attachments."""
    agent.turns.hear(a_text("patient.name=Ann Lee", media=tuple(f"{URL}{n}" for n in range(count)), **more))
    with agent.store.reading() as session:
        return list(session.scalars(select(Attachment.id).order_by(Attachment.id)))


def rows(agent: Agent) -> list[tuple[str, str]]:
    """Kind and transport of what is to be done about files."""
    with agent.store.reading() as session:
        found = session.scalars(select(OutboxMessage).where(OutboxMessage.kind.in_((FETCH, FORGET, READ))).order_by(OutboxMessage.id))
        return [(row.kind, row.transport) for row in found]


def kept(agent: Agent, attachment_id: str, content: bytes) -> bool:
    assert JPEG is not None
    with agent.store.transaction() as session:
        return attachments.keep(session, attachment_id, content, JPEG, "RL-2346AB", agent.clock())


def test_a_picture_is_on_record_with_its_text_before_anybody_fetches_it(agent: Agent, doorbell: FakeDoorbell) -> None:
    """The row is written in the turn's own transaction; the doorbell rings after it."""
    (attachment,) = texted(agent)
    assert rows(agent) == [(FETCH, outbox.MEDIA)]
    (shown,) = all_leads(agent.store)[0]["attachments"]
    assert (shown["id"], shown["kind"], shown["state"], shown["message"]) == (attachment, "picture", "coming", 1)
    assert outbox.due(agent.store, agent.clock(), 10)[0] in doorbell.rings


def test_the_same_text_again_attaches_nothing_twice(agent: Agent) -> None:
    """A18."""
    for _ in range(3):
        texted(agent, id="SM-once")
    assert how_many(agent.store, Attachment, OutboxMessage) == [1, 1]


def test_more_files_than_a_text_can_have_are_not_believed(agent: Agent) -> None:
    assert len(texted(agent, count=40)) == attachments.MOST


def test_what_is_declared_as_no_picture_is_never_fetched_but_deleted_at_the_vendor(agent: Agent) -> None:
    texted(agent, count=2, media_types=("video/3gpp", "image/jpeg"))
    assert rows(agent) == [(FORGET, outbox.MEDIA), (FETCH, outbox.MEDIA)]
    states = [(one["state"], one["reason"]) for one in all_leads(agent.store)[0]["attachments"]]
    assert states == [("blocked", "kind"), ("coming", None)]


def test_kept_once_however_often_it_is_brought(agent: Agent) -> None:
    """What keeps it, and the row that has the vendor delete its copy, are one transaction."""
    (attachment,) = texted(agent)
    content = b"\xff\xd8\xff" + bytes(range(256)) * 3000
    assert [kept(agent, attachment, content), kept(agent, attachment, b"\xff\xd8\xffother")] == [True, False]
    with agent.store.reading() as session:
        assert attachments.contents(session, attachment) == content
    assert how_many(agent.store, Attachment, AttachmentPiece) == [1, 3]
    assert rows(agent) == [(FETCH, outbox.MEDIA), (FORGET, outbox.MEDIA)]


def test_what_is_refused_stays_refused(agent: Agent) -> None:
    (attachment,) = texted(agent)
    with agent.store.transaction() as session:
        assert attachments.refuse(session, attachment, Standing.BLOCKED, "size", None, agent.clock())
    assert not kept(agent, attachment, b"\xff\xd8\xff")
    assert rows(agent)[1:] == [(FORGET, outbox.MEDIA)]
    assert how_many(agent.store, AttachmentPiece) == [0]


def test_a_message_on_the_machine_is_a_lead_and_a_task_at_once(agent: Agent) -> None:
    """Said twice, noted once; without a word of the call before it, too."""
    for _ in range(2):
        agent.turns.hear(Inbound("voice", RECORDING, Kind.RECORDED, NUMBER, session="CA9", media=(URL,)))
    with agent.store.reading() as session:
        (task,) = session.scalars(select(Task).where(Task.kind == "voicemail"))
        assert task.dedupe_key == f"voicemail:{RECORDING}"
    assert how_many(agent.store, Attachment, Conversation) == [1, 1]


def test_a_voice_message_that_is_kept_is_listened_to_by_who_has_the_ears(agent: Agent) -> None:
    assert WAV is not None
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    agent.turns.hear(Inbound("voice", RECORDING, Kind.RECORDED, NUMBER, session="CA1", media=(URL,)))
    with agent.store.transaction() as session:
        row = session.scalars(select(Attachment)).one()
        assert attachments.keep(session, row.id, b"RIFF0000WAVE", WAV, None, agent.clock())
    assert rows(agent) == [(FETCH, outbox.MEDIA), (FORGET, outbox.MEDIA), (READ, outbox.EARS)]
    listened, carried = (outbox.due(agent.store, agent.clock(), 10, ears=ears) for ears in (True, False))
    assert len(listened) == 1
    assert set(listened).isdisjoint(carried), "no courier of messages spends a minute on it"


def test_its_bytes_are_sealed_and_open_nowhere_else(agent: Agent) -> None:
    """A42: not readable in the database, and a piece put into another place does not open."""
    first, second = texted(agent, count=2)
    for attachment, word in ((first, b"canary-one"), (second, b"canary-two")):
        assert kept(agent, attachment, b"\xff\xd8\xff" + word)
    with agent.store.transaction() as session:
        one, two = session.scalars(select(AttachmentPiece).order_by(AttachmentPiece.id)).all()
        assert b"canary" not in one.content + two.content
        session.execute(update(AttachmentPiece).where(AttachmentPiece.id == one.id).values(content=two.content))
    with agent.store.reading() as session, pytest.raises(VaultError):
        attachments.contents(session, first)


def test_a_lost_piece_is_noticed(agent: Agent) -> None:
    (attachment,) = texted(agent)
    kept(agent, attachment, b"\xff\xd8\xff" + bytes(600_000))
    with agent.store.transaction() as session:
        session.execute(delete(AttachmentPiece).where(AttachmentPiece.place == 2))
    with agent.store.reading() as session, pytest.raises(VaultError, match="piece"):
        attachments.contents(session, attachment)


def test_changed_keys_reach_it(agent: Agent, database_url: str) -> None:
    """A43."""
    (attachment,) = texted(agent)
    content = b"\xff\xd8\xff" + bytes(range(256)) * 4000
    kept(agent, attachment, content)
    fresh = another_key()
    both = Store(database_url, a_vault(fresh, decode_key(KEY)))
    assert rotation.reseal(both).unreadable == ()
    newest = Store(database_url, a_vault(fresh))
    with newest.reading() as session:
        assert attachments.contents(session, attachment) == content
    both.dispose()
    newest.dispose()


def test_who_deletes_a_conversation_has_deleted_what_came_with_it(agent: Agent) -> None:
    """A45: no piece is left behind."""
    agent.turns.hear(Inbound("sms", "SM1", Kind.WORDS, NUMBER, "", media=(URL,)))
    with agent.store.reading() as session:
        attachment = session.scalars(select(Attachment.id)).one()
    kept(agent, attachment, b"\xff\xd8\xffx")
    with agent.store.transaction() as session:
        session.execute(delete(Attachment).where(Attachment.id == attachment))
    assert how_many(agent.store, Attachment, AttachmentPiece) == [0, 0]


def test_a_backup_has_it(quick_agent: Agent, tmp_path: Path) -> None:
    (attachment,) = texted(quick_agent)
    content = b"\xff\xd8\xff" + bytes(300_000)
    kept(quick_agent, attachment, content)
    file = tmp_path / "backup"
    backup.make(quick_agent.store, file)
    copied = Store(f"sqlite:///{file}", a_vault())
    with copied.reading() as session:
        assert attachments.contents(session, attachment) == content
    copied.dispose()
    with sqlite3.connect(file) as raw:
        assert raw.execute("SELECT count(*) FROM attachment_piece").fetchone() == (2,)
    raw.close()


def test_the_largest_that_is_taken_fits(quick_agent: Agent) -> None:
    (attachment,) = texted(quick_agent)
    content = bytes(LARGEST)
    kept(quick_agent, attachment, content)
    with quick_agent.store.reading() as session:
        assert attachments.contents(session, attachment) == content
