"""From a file to answers, with words for what went wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent import importing, knowledge_base
from agent.clinic import Clinic
from agent.importing import NotBrought
from agent.store import Store
from tests.fakes import papers

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)


def _bring(store: Store, clinic: Clinic, place: Path | str, *, publish: bool = False) -> importing.Brought:
    return importing.bring(store, clinic, str(place), now=NOW, progress=lambda page, of: None, publish=publish)


def test_a_document_waits_as_a_draft_or_is_published_at_once(sqlite_store: Store, clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "faq.md"
    path.write_text("**Is there a sauna?** Yes, on the roof.\n")
    waiting = _bring(sqlite_store, clinic, path)
    with sqlite_store.reading() as session:
        assert knowledge_base.known(session, clinic).articles == ()
        assert knowledge_base.draft_of(session, clinic, waiting.draft_id) == waiting.draft
    _bring(sqlite_store, clinic, path, publish=True)
    with sqlite_store.reading() as session:
        assert [article.answer for article in knowledge_base.known(session, clinic).articles] == ["Yes, on the roof."]


def test_an_error_says_which_document_and_why(sqlite_store: Store, clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(NotBrought, match=r"many\.pdf: the PDF has 900 pages"):
        _bring(sqlite_store, clinic, papers.many_pages(tmp_path / "many.pdf", 900))
    with pytest.raises(NotBrought, match="there is no such file"):
        _bring(sqlite_store, clinic, tmp_path / "nothing.pdf")
    with pytest.raises(NotBrought, match="private network"):
        _bring(sqlite_store, clinic, "http://127.0.0.1/a.pdf")


def test_a_document_that_says_nothing_is_not_kept(sqlite_store: Store, clinic: Clinic, tmp_path: Path) -> None:
    path = tmp_path / "form.txt"
    path.write_text("Signature: ____________\n")
    with pytest.raises(NotBrought, match="nothing in it"):
        _bring(sqlite_store, clinic, path)
    with sqlite_store.reading() as session:
        assert knowledge_base.list_drafts(session, clinic) == []
