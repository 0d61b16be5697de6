"""Published documents lie on top of the clinic's folder; every change can be taken back; what people edited stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agent import knowledge_base, knowledge_changes
from agent.clinic import Clinic
from agent.knowledge_base import NoSuchKnowledge
from agent.knowledge_changes import Published
from agent.store import Store
from knowledge.articles import Article
from knowledge.drafting.draft import Draft, DraftArticle, Unread
from knowledge.payers import PayerRow, Rule, Status

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
BASE = (Article("parking", "Is there parking?", "On the street."),)


@pytest.fixture
def known_clinic(clinic: Clinic) -> Clinic:
    """A clinic that has written one article."""
    return replace(clinic, articles=BASE, payers=(PayerRow("Northwind", (), "PPO", Status.IN_NETWORK, Rule.NO, Rule.NO),))


def _draft(**answers: str) -> Draft:
    articles = tuple(DraftArticle(Article(name, f"What about {name}?", text, source="leaflet.pdf")) for name, text in answers.items())
    return Draft("leaflet.pdf", articles, (), (Unread(2, "", "a scan"),))


def _publish(store: Store, clinic: Clinic, draft: Draft) -> Published:
    with store.transaction() as session:
        draft_id = knowledge_base.keep_draft(session, clinic, draft, "0" * 64, NOW)
        return knowledge_changes.publish(session, clinic, draft_id, NOW)


def _answers(store: Store, clinic: Clinic) -> dict[str, str]:
    with store.reading() as session:
        return {article.id: article.answer for article in knowledge_base.known(session, clinic).articles}


def _edit(store: Store, clinic: Clinic, key: str, text: str) -> None:
    with store.transaction() as session:
        knowledge_changes.edit(session, clinic, key, {"answer": text}, NOW)


def _undo(store: Store, clinic: Clinic) -> str | None:
    with store.transaction() as session:
        row = knowledge_changes.undo(session, clinic, NOW)
        return row.cause if row else None


def test_a_draft_answers_nothing_until_it_is_published(store: Store, known_clinic: Clinic) -> None:
    with store.transaction() as session:
        draft_id = knowledge_base.keep_draft(session, known_clinic, _draft(pool="No pool."), "0" * 64, NOW)
    assert _answers(store, known_clinic) == {"parking": "On the street."}
    with store.reading() as session:
        assert knowledge_base.draft_of(session, known_clinic, draft_id).unread == (Unread(2, "", "a scan"),)


def test_what_is_published_lies_on_top_of_the_folder(store: Store, known_clinic: Clinic) -> None:
    assert _publish(store, known_clinic, _draft(parking="In the garage.", pool="No pool.")) == Published(added=2)
    assert _answers(store, known_clinic) == {"parking": "In the garage.", "pool": "No pool."}


def test_payer_rows_of_the_same_payer_and_plan_replace_the_folders(store: Store, known_clinic: Clinic) -> None:
    row = PayerRow("Northwind", (), "PPO", Status.OUT_OF_NETWORK, Rule.NO, Rule.NO)
    _publish(store, known_clinic, Draft("list.csv", payers=(row,)))
    with store.reading() as session:
        assert knowledge_base.known(session, known_clinic).payers == (row,)


def test_importing_again_replaces_what_changed_and_removes_what_is_gone(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool.", gym="A small gym.", pets="No pets."))
    assert _publish(store, known_clinic, _draft(pool="A warm pool.", pets="No pets.")) == Published(changed=1, unchanged=1, removed=1)
    assert _answers(store, known_clinic) == {"parking": "On the street.", "pool": "A warm pool.", "pets": "No pets."}


def test_importing_again_keeps_what_somebody_edited(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool.", gym="A small gym."))
    _edit(store, known_clinic, "article:pool", "No pool, but a hot tub.")
    assert _publish(store, known_clinic, _draft(pool="Still no pool.")) == Published(kept=1, removed=1)
    assert _answers(store, known_clinic)["pool"] == "No pool, but a hot tub."


def test_importing_keeps_an_edit_whatever_document_the_edited_came_from(store: Store, known_clinic: Clinic) -> None:
    """Also what the clinic's folder said before somebody corrected it."""
    _edit(store, known_clinic, "parking", "In the yard.")
    assert _publish(store, known_clinic, _draft(parking="In the garage.")) == Published(kept=1)
    assert _answers(store, known_clinic) == {"parking": "In the yard."}


def test_what_somebody_removed_stays_removed_and_what_its_document_left_out_comes_back(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool.", gym="A gym."))
    for key in ("article:pool", "parking"):
        with store.transaction() as session:
            knowledge_changes.remove(session, known_clinic, key, NOW)
    assert _answers(store, known_clinic) == {"gym": "A gym."}
    assert _publish(store, known_clinic, _draft(pool="Still no pool.")) == Published(kept=1, removed=1)
    assert _publish(store, known_clinic, _draft(gym="A gym.")) == Published(added=1)
    assert _answers(store, known_clinic) == {"gym": "A gym."}
    for _ in range(4):
        _undo(store, known_clinic)
    assert _answers(store, known_clinic) == {"parking": "On the street.", "pool": "No pool.", "gym": "A gym."}
    _undo(store, known_clinic)
    assert _answers(store, known_clinic) == {"parking": "On the street."}


def _priced(fee: str, since: date | None = None) -> Draft:
    article = Article("fee", "What is the self pay rate?", fee, source="prices.pdf", effective=since)
    return Draft("prices.pdf", (DraftArticle(article),))


def _said(store: Store, clinic: Clinic, today: date) -> list[str]:
    with store.reading() as session:
        return [article.answer for article in knowledge_base.known(session, clinic).articles if article.current(today) and article.id != "parking"]


def test_what_holds_from_a_day_to_come_leaves_what_it_replaces_until_then(store: Store, known_clinic: Clinic) -> None:
    begins = date(2027, 1, 1)
    _publish(store, known_clinic, _priced("$140."))
    assert _publish(store, known_clinic, _priced("$150.", begins)) == Published(later=1)
    assert _publish(store, known_clinic, _priced("$150.", begins)) == Published(unchanged=1)
    assert _said(store, known_clinic, date(2026, 12, 31)) == ["$140."]
    assert _said(store, known_clinic, begins) == ["$150."]
    with store.transaction() as session:
        draft_id = knowledge_base.keep_draft(session, known_clinic, _priced("$150.", begins), "0" * 64, NOW)
        assert knowledge_changes.publish(session, known_clinic, draft_id, NOW + timedelta(days=60)) == Published(changed=1, removed=1)
    assert _said(store, known_clinic, begins) == ["$150."]


def test_a_later_price_is_taken_back_whole(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _priced("$140."))
    _publish(store, known_clinic, _priced("$150.", date(2027, 1, 1)))
    _undo(store, known_clinic)
    assert _said(store, known_clinic, date(2027, 6, 1)) == ["$140."]


def test_a_history_tells_who_said_what_when(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool.", gym="A gym."))
    _edit(store, known_clinic, "pool", "A hot tub.")
    with store.reading() as session:
        steps = knowledge_base.history(session, known_clinic, "pool")
        assert len(knowledge_base.history(session, known_clinic)) == 3
    assert [(step.cause, step.source, step.before, step.after) for step in steps] == [
        ("edit", "", "No pool.", "A hot tub."),
        ("publish", "leaflet.pdf", "", "No pool."),
    ]


def test_a_draft_is_found_by_the_name_of_its_document(store: Store, known_clinic: Clinic) -> None:
    with store.transaction() as session:
        for text in ("No pool.", "A warm pool."):
            knowledge_base.keep_draft(session, known_clinic, _draft(pool=text), "0" * 64, NOW)
        knowledge_changes.publish(session, known_clinic, "leaflet.pdf", NOW)
    assert _answers(store, known_clinic)["pool"] == "A warm pool."


def test_importing_the_same_again_is_no_change(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool."))
    with store.reading() as session:
        before = knowledge_base.revision(session, knowledge_base.scope(known_clinic))
    assert _publish(store, known_clinic, _draft(pool="No pool.")) == Published(unchanged=1)
    with store.reading() as session:
        assert knowledge_base.revision(session, knowledge_base.scope(known_clinic)) == before


def test_changes_are_taken_back_one_by_one(store: Store, known_clinic: Clinic) -> None:
    _publish(store, known_clinic, _draft(pool="No pool."))
    _publish(store, known_clinic, _draft(pool="A warm pool.", gym="A gym."))
    _edit(store, known_clinic, "parking", "In the yard.")
    assert (_undo(store, known_clinic), _answers(store, known_clinic)["parking"]) == ("edit", "On the street.")
    assert _undo(store, known_clinic) == "publish"
    assert _answers(store, known_clinic) == {"parking": "On the street.", "pool": "No pool."}
    with store.reading() as session:
        assert [row.state for row in knowledge_base.list_drafts(session, known_clinic)] == ["draft", "published"]
    assert _undo(store, known_clinic) == "publish"
    assert _answers(store, known_clinic) == {"parking": "On the street."}
    assert _undo(store, known_clinic) is None


def test_every_change_is_a_revision_of_its_own_and_so_is_taking_it_back(store: Store, known_clinic: Clinic) -> None:
    numbers = []
    for act in (lambda: _publish(store, known_clinic, _draft(pool="No pool.")), lambda: _undo(store, known_clinic)):
        act()
        with store.reading() as session:
            numbers.append(knowledge_base.known(session, known_clinic).number)
    assert numbers == [1, 2]


def test_another_clinic_on_the_same_database_hears_nothing_of_it(store: Store, known_clinic: Clinic) -> None:
    """D4.10: every query is scoped by clinic."""
    draft = _draft(pool="No pool.")
    _publish(store, known_clinic, draft)
    other = replace(known_clinic, folder=known_clinic.folder.with_name("elsewhere"))
    assert _answers(store, other) == {"parking": "On the street."}
    with store.reading() as session:
        assert knowledge_base.list_drafts(session, other) == []
    assert _undo(store, other) is None


def test_unknown_ids_are_named(store: Store, known_clinic: Clinic) -> None:
    with pytest.raises(NoSuchKnowledge, match="nothing"):
        _edit(store, known_clinic, "article:nothing", "text")
    with store.reading() as session, pytest.raises(NoSuchKnowledge, match="no draft"):
        knowledge_base.draft_of(session, known_clinic, "nothing")
