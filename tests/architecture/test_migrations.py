"""One history of the database: every installation goes through the same steps in the same order."""

from __future__ import annotations

from alembic.script import ScriptDirectory

from tests.architecture.sources import ROOT

_HISTORY = ScriptDirectory(str(ROOT / "agent" / "migrations"), version_locations=[str(ROOT / "agent" / "migrations" / "versions")])


def test_migrations_are_one_line() -> None:
    """Two heads would leave it to chance which tables an installation has."""
    revisions = list(_HISTORY.walk_revisions())
    assert len(_HISTORY.get_heads()) == 1
    assert len(_HISTORY.get_bases()) == 1
    assert [r.revision for r in revisions if isinstance(r.down_revision, tuple)] == []


def test_migrations_are_numbered_in_their_order() -> None:
    """The folder reads as the history does."""
    names = [revision.module.__name__ for revision in reversed(list(_HISTORY.walk_revisions()))]
    numbers = [name.split("_")[0] for name in names]
    assert numbers == [f"{place:04d}" for place in range(1, len(numbers) + 1)]
