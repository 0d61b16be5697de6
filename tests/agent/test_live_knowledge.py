"""A published change answers in every process within seconds, and no question waits for it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from agent import bootstrap, knowledge_base, knowledge_changes
from agent.clinic import Clinic
from agent.knowledge_base import Known
from agent.live_knowledge import LiveFinder, LiveUnderstander, gathered
from agent.openings import LiveOpenings
from agent.store import Store
from knowledge.answer import Answer, Asker, Finder, Part
from knowledge.articles import Article
from knowledge.availability import Availability
from knowledge.drafting.draft import Draft, DraftArticle
from knowledge.finder import ClinicFinder
from knowledge.payers import PayerRow, Rule, Status
from nlu import understander as understanding
from nlu.parse import Context
from tests.builders import a_vault

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
ASKER = Asker(date(2026, 11, 21))


class Counting:
    """Answers every question with how many articles it knows."""

    def __init__(self, known: Known, schedule: Availability | None = None, before: Finder | None = None) -> None:
        self._said = str(len(known.articles))

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        return (Part(text, Answer("article:x", self._said, self._said, "", None, 1.0)),)


def _said(finder: LiveFinder) -> str:
    (part,) = finder.find("how many", ASKER)
    assert part.answer is not None
    return part.answer.text


def _add(store: Store, clinic: Clinic, id: str) -> None:
    with store.transaction() as session:
        knowledge_changes.add_article(session, clinic, DraftArticle(Article(id, "What?", "That.")), NOW)


def test_a_change_answers_in_a_process_that_is_running(store: Store, clinic: Clinic) -> None:
    finder = LiveFinder(store, clinic, Counting, every=0.05)
    assert _said(finder) == "0"
    _add(store, clinic, "one")
    until = time.monotonic() + 5
    while _said(finder) == "0" and time.monotonic() < until:
        time.sleep(0.02)
    assert _said(finder) == "1"
    finder.close()


def test_questions_are_answered_while_the_next_finder_is_built(store: Store, clinic: Clinic) -> None:
    gate = threading.Event()

    def slowly(known: Known, schedule: Availability, before: Finder | None) -> Counting:
        if known.articles:
            gate.wait(5)
        return Counting(known)

    finder = LiveFinder(store, clinic, slowly, every=60)
    _add(store, clinic, "one")
    builder = threading.Thread(target=finder.refresh)
    builder.start()
    assert _said(finder) == "0"
    gate.set()
    builder.join()
    assert _said(finder) == "1"
    finder.close()


def test_nothing_is_built_when_nothing_changed(store: Store, clinic: Clinic) -> None:
    finder = LiveFinder(store, clinic, Counting)
    assert not finder.refresh()
    _add(store, clinic, "one")
    assert finder.refresh()
    assert not finder.refresh()


def test_without_a_database_the_folder_answers(tmp_path: object, clinic: Clinic) -> None:
    store = Store("postgresql://nobody@127.0.0.1:1/nothing", a_vault())
    assert gathered(store, clinic) == Known(clinic.articles, clinic.payers, 0)
    finder = LiveFinder(store, clinic, Counting)
    assert not finder.refresh()
    store.dispose()


def test_what_did_not_change_is_not_read_again_and_payers_are_heard(store: Store, clinic: Clinic) -> None:
    """The finder after a change is made from the one before it; whoever listens for payers hears of new ones."""
    finder = LiveFinder(store, clinic, bootstrap.assembled)
    first = finder._finder
    understander = LiveUnderstander(understanding.build, clinic.vocabulary)
    finder.listen(understander.learn)
    row = PayerRow("Quillfeather Mutual", (), "PPO", Status.IN_NETWORK, Rule.NO, Rule.NO)
    with store.transaction() as session:
        draft = knowledge_base.keep_draft(session, clinic, Draft("list.csv", payers=(row,)), "0" * 64, NOW)
        knowledge_changes.publish(session, clinic, draft, NOW)
    assert finder.refresh()
    assert isinstance(first, ClinicFinder)
    assert isinstance(finder._finder, ClinicFinder)
    assert finder._finder._shelver is first._shelver
    (part,) = finder.find("do you take quillfeather mutual ppo?", ASKER)
    assert part.answer is not None
    parse = understander.read("quillfeather mutual", Context(NOW.date(), asked="insurance.carrier", channel="sms"))
    assert parse.slots["insurance.carrier"].value == "Quillfeather Mutual"
    finder.close()


def test_a_new_schedule_answers_without_anything_published(store: Store, clinic: Clinic, tmp_path: Path) -> None:
    folder = replace(clinic, folder=tmp_path)
    finder = LiveFinder(store, folder, bootstrap.assembled, openings=LiveOpenings(folder, None))
    (tmp_path / "openings.csv").write_text("date,time,exported at\n2026-11-24,9:00,2026-11-21\n")
    assert finder.refresh()
    (part,) = finder.find("when can I get in?", ASKER)
    assert part.answer is not None
    assert "Nov 24" in part.answer.text
    assert not finder.refresh()
    finder.close()
