"""Reading the record from a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent import attachments, file_kinds, leads, migrate, settings
from agent.bootstrap import build
from agent.store import Store
from commands.main import main
from tests.builders import KEY, SECRET, a_text
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`referline` in an installation of its own."""
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "clinic.toml").write_text('name = "Elm Street PT"\nphone = "614-555-0142"\n')
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CLINIC_DIR", str(tmp_path / "clinic"))
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("ENCRYPTION_KEYS", KEY)
    return lambda *words, **more: CliRunner().invoke(main, words, **more)


def say(*texts: str) -> None:
    """Somebody texts the installation."""
    read = settings.load()
    store = Store(read.database_url, read.vault)
    migrate.upgrade(store)
    agent = build(read, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(), store=store)
    for text in texts:
        agent.turns.hear(a_text(text))
    store.dispose()


def all_conversations(store: Store) -> str:
    """The only conversation there is."""
    with store.reading() as session:
        return leads.list_leads(session)[0].conversation_id


def test_before_init_the_command_says_what_to_run(run: Run) -> None:
    answer = run("leads")
    assert answer.exit_code == 1
    assert "run `referline init`" in answer.output


def test_leads_as_a_table_and_as_json(run: Run) -> None:
    say("patient.name=Ann Lee; patient.phone=+16145550123; #complete")
    table = run("leads").output.splitlines()
    assert table[0].split() == ["REFERENCE", "CREATED", "OUTCOME", "STATUS", "NAME", "PHONE", "MISSING"]
    assert "Ann Lee" in table[1]
    assert "(614) 555-0123" in table[1]
    found = json.loads(run("leads", "--json").output)
    assert [(lead["slots"]["patient.name"]["value"], lead["status"], lead["completeness"]) for lead in found] == [("Ann Lee", "new", "complete")]
    assert json.loads(run("leads", "--json", "--status", "closed").output) == []
    assert json.loads(run("leads", "--json", "--since", "2099-01-01").output) == []
    assert run("leads", "--since", "yesterday").exit_code == 2


def test_one_lead_with_its_transcript(run: Run) -> None:
    say("patient.name=Ann Lee", "\x1b[2J\u202e #question")
    reference = json.loads(run("leads", "--json").output)[0]["reference"]
    page = run("lead", reference.lower()).output
    assert "patient.name  Ann Lee" in page
    assert "caller: patient.name=Ann Lee" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert len(json.loads(run("lead", reference, "--json").output)["transcript"]) == 4
    unknown = run("lead", "RL-NOBODY")
    assert (unknown.exit_code, "There is no lead" in unknown.output) == (1, True)


def test_what_came_with_a_lead_is_listed_and_saved_for_its_owner_only(run: Run, tmp_path: Path) -> None:
    say("patient.name=Ann Lee")
    jpeg = file_kinds.recognised(b"\xff\xd8\xff")
    assert jpeg is not None
    read = settings.load()
    store = Store(read.database_url, read.vault)
    agent = build(read, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(), store=store)
    urls = tuple(f"https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME{n}" for n in range(3))
    agent.turns.hear(a_text("", media=urls, media_types=("image/jpeg", "video/3gpp")))
    with store.transaction() as session:
        first, *_ = attachments.listed(session, [all_conversations(store)])[all_conversations(store)]
        attachments.keep(session, first["id"], b"\xff\xd8\xffcard", jpeg, None, agent.clock())
    store.dispose()
    reference = json.loads(run("leads", "--json").output)[0]["reference"]
    page = run("lead", reference, "--save", str(tmp_path / "saved")).output
    assert "image/jpeg" in page
    assert "blocked (kind)" in page
    assert "coming" in page
    (saved,) = (tmp_path / "saved").iterdir()
    assert (saved.name, saved.read_bytes(), saved.stat().st_mode & 0o777) == (f"{reference}-1.jpg", b"\xff\xd8\xffcard", 0o600)
    again = run("lead", reference, "--save", str(tmp_path / "saved"))
    assert (again.exit_code, "File exists" in again.output) == (1, True)


def test_the_outbox_shows_no_recipient(run: Run, tmp_path: Path) -> None:
    with (tmp_path / "clinic" / "clinic.toml").open("a") as toml:
        toml.write('coordinator_emails = ["ann@elm.example"]\n')
    say("patient.name=Ann Lee; #complete")
    assert "coordinator_email" in run("outbox").output
    assert "ann@elm.example" not in run("outbox").output + run("outbox", "--json").output
    assert json.loads(run("outbox", "--json").output)[0]["state"] == "pending"


def test_before_anybody_wrote_the_tables_say_so(run: Run) -> None:
    say()
    assert run("leads").output == "No leads yet.\n"
    assert run("outbox").output == "Nothing has been sent yet.\n"
