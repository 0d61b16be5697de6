"""A backup holds the record, on either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import backup
from agent.bootstrap import Agent
from tests.builders import a_text


def test_a_backup_is_made_while_the_line_is_open(agent: Agent, tmp_path: Path) -> None:
    agent.turns.hear(a_text("patient.name=Orla Quillfeather"))
    file = tmp_path / "backup"
    with agent.store.reading():
        backup.make(agent.store, file)
    assert file.stat().st_size > 10_000
    assert b"Quillfeather" not in file.read_bytes()


def test_a_backup_that_failed_leaves_no_file(quick_agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick_agent.store.sqlite_path
    assert path is not None
    quick_agent.store.dispose()
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(backup.BackupError):
        backup.make(quick_agent.store, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
