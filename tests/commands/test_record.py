"""Reading the record from a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent import migrate, settings
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
    return lambda *words: CliRunner().invoke(main, words)


def say(*texts: str) -> None:
    """Somebody texts the installation."""
    read = settings.load()
    store = Store(read.database_url, read.vault)
    migrate.upgrade(store)
    agent = build(read, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(), store=store)
    for text in texts:
        agent.turns.hear(a_text(text))
    store.dispose()


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
