"""`referline knowledge`: documents in, answers out, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent import settings
from commands.main import main

Run = Callable[..., Result]
FAQ = "# FAQ\n\n**Is there a sauna?** Yes, on the roof.\n\n**Do you validate parking?** For two hours.\n"
PAYERS = "Insurance,Plan type,Status,Referral,Prior auth\nNorthwind,PPO,In network,no,no\n,HMO,see Bob,yes,no\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`referline` in an installation of its own, with an empty clinic and no database yet."""
    monkeypatch.chdir(tmp_path)
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / "elm").mkdir()
    monkeypatch.setenv("CLINIC_DIR", str(tmp_path / "elm"))
    (tmp_path / "faq.md").write_text(FAQ)
    (tmp_path / "payers.csv").write_text(PAYERS)
    return lambda *words: CliRunner().invoke(main, words)


def _ask(run: Run, question: str) -> str:
    reply: str = json.loads(run("ask", "--json", question).output)["reply"]
    return reply


def test_an_import_that_is_published_answers_and_can_be_taken_back(run: Run) -> None:
    assert "roof" not in _ask(run, "is there a sauna?")
    answer = run("knowledge", "import", "--publish", "faq.md")
    assert (answer.exit_code, "2 articles and 0 payer rows understood" in answer.output) == (0, True)
    assert "roof" in _ask(run, "is there a sauna?")
    assert "Taken back" in run("knowledge", "undo").output
    assert "roof" not in _ask(run, "is there a sauna?")


def test_a_draft_is_shown_and_published_by_its_id(run: Run) -> None:
    run("knowledge", "import", "payers.csv")
    shown = run("knowledge", "drafts").output.splitlines()[1].split()
    assert shown[1:3] == ["payers.csv", "draft"]
    page = run("knowledge", "show", shown[0]).output
    assert "Northwind  HMO   verify" in page
    assert 'not understood: payers.csv: this status is not known; taken as verify ("Northwind: see Bob")' in page
    assert "2 added" in run("knowledge", "publish", shown[0]).output
    assert "in network" in _ask(run, "do you take northwind ppo?").lower()
    assert "see Bob" in run("knowledge", "check").output


def test_a_draft_is_named_by_its_document_and_shows_what_it_would_change(run: Run, tmp_path: Path) -> None:
    run("knowledge", "import", "--publish", "faq.md")
    run("knowledge", "edit", "faq.do-you-validate-parking", "--answer", "For a day.")
    (tmp_path / "faq.md").write_text("**Is there a sauna?** No longer.\n\n**Is there a gym?** A small one.\n")
    assert "referline knowledge publish faq.md" in run("knowledge", "import", "faq.md").output
    page = run("knowledge", "show", "faq.md").output
    assert "faq.is-there-a-sauna  (changed" in page
    assert "faq.is-there-a-gym  (added" in page
    assert "would be kept: article:faq.do-you-validate-parking" in page
    assert "faq.md: 1 added, 1 changed, 1 kept." in run("knowledge", "publish", "faq.md").output


def test_a_payer_row_is_corrected_and_an_article_removed_by_hand(run: Run) -> None:
    run("knowledge", "import", "--publish", "faq.md", "payers.csv")
    run("knowledge", "edit", "payer:Northwind:HMO", "--status", "not_accepted", "--aliases", "norwin; NW hmo")
    (row,) = [row for row in json.loads(run("knowledge", "list", "--json").output)["payers"] if row["plan_type"] == "HMO"]
    assert (row["status"], row["aliases"]) == ("not_accepted", ["norwin", "nw hmo"])
    assert run("knowledge", "edit", "payer:Northwind:HMO", "--answer", "x").exit_code == 2
    assert "Removed" in run("knowledge", "remove", "article:faq.is-there-a-sauna").output
    assert "roof" not in _ask(run, "is there a sauna?")
    assert "1 unchanged, 1 kept" in run("knowledge", "import", "--publish", "faq.md").output
    assert "roof" not in _ask(run, "is there a sauna?")


def test_the_history_tells_what_was_said_before_and_after(run: Run) -> None:
    assert "Nothing was changed" in run("knowledge", "history").output
    run("knowledge", "import", "--publish", "faq.md")
    run("knowledge", "edit", "faq.is-there-a-sauna", "--answer", "In the cellar.")
    run("knowledge", "undo")
    page = run("knowledge", "history", "faq.is-there-a-sauna").output.splitlines()
    assert [line.split()[2] for line in page[1:]] == ["undo", "edit,", "publish"]
    assert "Yes, on the roof." in page[2]
    assert "In the cellar." in page[2]


def test_openings_are_shown_with_the_day_they_are_of(run: Run, tmp_path: Path) -> None:
    assert "No opening is listed." in run("knowledge", "openings").output
    (tmp_path / "elm" / "openings.csv").write_text("date,time,location,exported at\n2026-11-24,9:00,Mesa,2020-01-01\n")
    assert "2026-11-24  09:00  Mesa" in run("knowledge", "openings").output
    assert "too old to be said" in run("knowledge", "openings").output
    assert json.loads(run("knowledge", "openings", "--json").output)["said"] is False
    assert "stale openings" in run("knowledge", "check").output


def test_a_calendar_that_cannot_be_loaded_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elm" / "clinic.toml").write_text('[availability]\nfeed = "http://127.0.0.1/openings.ics"\n')
    assert "private network" in run("knowledge", "openings").output
    assert "private network" in run("knowledge", "check").output


def test_a_folder_is_all_its_documents_and_one_that_fails_stops_no_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(FAQ)
    (tmp_path / "docs" / "b.pdf").write_text("no pdf")
    answer = run("knowledge", "import", "docs", "--publish")
    assert (answer.exit_code, "2 added" in answer.output) == (1, True)
    assert "b.pdf: the file is called .pdf but is none" in answer.stderr


def test_an_edit_by_hand_survives_the_next_import(run: Run) -> None:
    run("knowledge", "import", "--publish", "faq.md")
    assert "Changed" in run("knowledge", "edit", "article:faq.is-there-a-sauna", "--answer", "Yes, in the cellar.").output
    assert "2 unchanged" in run("knowledge", "import", "--publish", "faq.md").output
    assert "cellar" in _ask(run, "is there a sauna?")


def test_the_list_is_readable_by_people_and_by_programs(run: Run) -> None:
    assert "brings documents in" in run("knowledge", "list").output
    run("knowledge", "import", "--publish", "faq.md", "payers.csv")
    rows = json.loads(run("knowledge", "list", "--json").output)
    assert [article["source"] for article in rows["articles"]] == ["faq.md", "faq.md"]
    assert [row["id"] for row in rows["payers"]] == ["payer:Northwind:PPO", "payer:Northwind:HMO"]
    assert "article:faq.is-there-a-sauna" in run("knowledge", "list").output


def test_questions_without_answers_are_listed_and_unknown_ids_are_named(run: Run) -> None:
    assert "Every question has its answer" in run("knowledge", "list", "--unanswered").output
    assert "no open question is called x" in run("knowledge", "answer", "x", "yes").output
    assert "no draft is called x" in run("knowledge", "show", "x").output
    assert run("knowledge", "edit", "article:x").exit_code == 2
