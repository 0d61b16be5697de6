"""Nothing a person said or can be reached by is readable in the database, its files, or the logs."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from agent import attachments, leads, opt_outs, outbox, rotation, voicemails
from agent.attached import Attachment
from agent.bootstrap import Agent
from agent.columns import Sealed, unseal
from agent.file_kinds import FileKind
from agent.key_check import WrongKeys
from agent.log import JsonLines
from agent.models import Lead, Record
from agent.store import Store
from agent.vault import VaultError, decode_key
from dialogs.step import Kind
from tests.agent.record import all_leads, transcript
from tests.builders import KEY, a_text, a_vault, another_key, in_call, outgoing
from tests.fakes import postgres
from tests.fakes.transcribers import FakeTranscriber

Build = Callable[..., Agent]
CANARIES = ("Quillfeather", "+16145550199", "6145550199", "quill@feather.example", "1961-04-09", "zebrafish knee", "Dr. Xanthippe", "cauda", "XK442")
SAID = (
    "patient.name=Orla Quillfeather; patient.phone=+16145550199; patient.email=quill@feather.example; patient.date_of_birth=1961-04-09; "
    "referral.reason=zebrafish knee; referral.provider=Dr. Xanthippe; insurance.member_id=XK442 #complete #urgent #person #question"
)


def live_through_everything(agent: Agent) -> None:
    """A text with everything in it, a call, a message on the machine that is kept and read, a message out, an opt-out."""
    agent.turns.hear(a_text(SAID, sender="+16145550199"))
    agent.turns.hear(in_call(Kind.WORDS, "Quillfeather again, about my zebrafish knee", sender="+16145550199"))
    assert voicemails.left(agent, "CA1", "RE" + "1" * 32, "+16145550199")
    agent.turns.hear(in_call(Kind.HANGUP, sender="+16145550199"))
    with agent.store.transaction() as session:
        left = session.scalars(select(Attachment)).one().id
        attachments.keep(session, left, b"RIFF0000WAVE Quillfeather, zebrafish knee", FileKind("audio/wav", ".wav", voice=True), None, agent.clock())
    voicemails.read(agent, left, FakeTranscriber("Quillfeather once more, the zebrafish knee"))
    with agent.store.transaction() as session:
        text = {"kind": "answer_text", "transport": "sms", "to": "+16145550199", "payload": {"text": "Quillfeather"}}
        outbox.put(session, **outgoing("answer:1", due_at=agent.clock(), **text))
        opt_outs.opt_out(session, "+16145550199", agent.clock())


def test_nothing_said_is_readable_in_the_database(agent: Agent, database_url: str) -> None:
    """A42: canaries are not readable in SQLite's file, -wal and -shm, nor in pg_dump."""
    live_through_everything(agent)
    path = agent.store.sqlite_path
    if path is not None:
        with agent.store.reading():
            found = b"".join(file.read_bytes() for file in path.parent.iterdir())
    else:
        tools = postgres.binaries()
        dump = shutil.which("pg_dump") or str(tools / "pg_dump" if tools else "")
        found = subprocess.run([dump, database_url.replace("+psycopg", "")], check=True, capture_output=True).stdout
    assert len(found) > 10_000
    assert [canary for canary in CANARIES if canary.encode() in found or canary.encode().hex().encode() in found] == []
    assert "Quillfeather" in str(all_leads(agent.store)), "and yet it is all there"


def test_nothing_said_is_logged(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    """A41."""
    with caplog.at_level(logging.DEBUG, logger="referline"):
        live_through_everything(agent)
        with pytest.raises(Exception, match="failed"):
            agent.turns.hear(a_text("Quillfeather #bug", sender="+16145550199"))
    written = "".join(JsonLines().format(record) for record in caplog.records)
    assert "turn failed" in written
    assert [canary for canary in CANARIES if canary in written] == []


def test_every_text_of_a_person_is_in_a_sealed_column() -> None:
    """A new column for free text must be sealed: what is in the clear is listed here, and is none of what was said."""
    columns = [column for table in Record.metadata.tables.values() for column in table.columns]
    clear = {f"{column.table.name}.{column.name}" for column in columns if not isinstance(column.type, Sealed)}
    personal = {"text", "number", "phone", "email", "content", "state", "payload", "recipient", "detail", "reply", "name"}
    telling = {name for name in clear if name.rpartition(".")[2] in personal}
    assert telling == {"outbox.state", "utterance.number", "knowledge_draft.state", "knowledge_revision.number"}


def test_a_value_moved_between_rows_of_the_database_does_not_open(agent: Agent) -> None:
    """A42: whoever can write to the database still cannot put one person's number into another's record."""
    agent.turns.hear(a_text("patient.name=Ann Lee; patient.phone=+16145550123", sender="+16145550123"))
    agent.turns.hear(a_text("patient.name=Bob Ray; patient.phone=+16145550124", sender="+16145550124"))
    with agent.store.transaction() as session:
        ann, bob = session.scalars(select(Lead).order_by(Lead.id)).all()
        session.execute(update(Lead).where(Lead.id == bob.id).values(phone=ann.phone))
    with agent.store.reading() as session, pytest.raises(VaultError):
        unseal(session, session.get_one(Lead, bob.id), "phone")


def test_keys_change_while_the_line_stays_open(agent: Agent, build_on: Build, database_url: str) -> None:
    """A43: add a new key, rotate, remove the old one: every row is readable at every step, and turns go on in between."""
    fresh = another_key()
    agent.turns.hear(a_text("patient.name=Ann Lee; patient.phone=+16145550123 #complete"))
    before = (all_leads(agent.store), transcript(agent.store))
    both = Store(database_url, a_vault(fresh, _test_key()))
    both_agent = build_on(both)
    both_agent.turns.hear(a_text("patient.name=Bob Ray", sender="+16145550124"))
    done = rotation.reseal(both)
    assert done.values > 5
    assert done.unreadable == ()
    assert rotation.reseal(both).values == 0
    newest = Store(database_url, a_vault(fresh))
    assert (all_leads(newest)[0], transcript(newest)[:2]) == (before[0][0], before[1][:2])
    build_on(newest).turns.hear(a_text("patient.email=ann@home.example"))
    with newest.reading() as session:
        assert len(leads.with_phone(session, "(614) 555-0123")) == 1
    assert len(all_leads(newest)) == 2
    with agent.store.reading() as session, pytest.raises(VaultError):
        leads.as_json(session, leads.list_leads(session)[0])
    both.dispose()
    newest.dispose()


def test_a_wrong_key_changes_nothing(agent: Agent, database_url: str) -> None:
    """A43: a clear error, nothing overwritten."""
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    stranger = Store(database_url, a_vault(another_key()))
    with pytest.raises(WrongKeys, match="ENCRYPTION_KEYS"):
        rotation.reseal(stranger)
    stranger.dispose()
    assert all_leads(agent.store)[0]["slots"]["patient.name"]["value"] == "Ann Lee"


def test_an_agent_does_not_start_with_a_wrong_key(store: Store, build_on: Build, database_url: str) -> None:
    stranger = Store(database_url, a_vault(another_key()))
    with pytest.raises(WrongKeys):
        build_on(stranger)
    stranger.dispose()


def test_a_changed_secret_key_is_indexed_anew(agent: Agent, database_url: str) -> None:
    agent.turns.hear(a_text("patient.phone=+16145550123"))
    renamed = Store(database_url, a_vault(_test_key(), secret="a secret that came later, as long as the first"))
    with renamed.reading() as session:
        assert leads.with_phone(session, "+16145550123") == []
    rotation.reseal(renamed)
    with renamed.reading() as session:
        assert len(leads.with_phone(session, "+16145550123")) == 1
    renamed.dispose()


def test_a_row_no_key_opens_is_named_and_left_alone(agent: Agent, database_url: str) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    with agent.store.transaction() as session:
        lead = session.scalars(select(Lead)).one()
        session.execute(update(Lead).where(Lead.id == lead.id).values(content=b"\x01" + b"x" * 40))
    fresh = Store(database_url, a_vault(another_key(), _test_key()))
    assert rotation.reseal(fresh).unreadable == (f"lead {lead.id}",)
    fresh.dispose()


def test_ciphertext_of_the_same_value_differs_between_rows(agent: Agent) -> None:
    for number in range(3):
        agent.turns.hear(a_text("patient.name=Ann Lee", sender=f"+1614555012{number}"))
    with agent.store.reading() as session:
        rows = session.scalars(select(Lead)).all()
        assert len({row.content for row in rows}) == 3


def _test_key() -> bytes:
    return decode_key(KEY)
