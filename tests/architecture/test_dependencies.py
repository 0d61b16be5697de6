"""Every library is declared, locked by hash, and has a reason."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.sources import ROOMS, ROOT, imported, place, python_files, tree

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def _name(requirement: str) -> str:
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


_RUNTIME = {_name(line) for line in _PROJECT["dependencies"]}
_DEVELOPMENT = {_name(line) for lines in _PROJECT["optional-dependencies"].values() for line in lines}


def test_every_dependency_has_its_reason() -> None:
    rows = re.findall(r"^\| `?([\w.-]+)`? \| (.+?) \|$", (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    reasons = {name.lower(): reason for name, reason in rows if name not in {"name", "---"}}
    assert set(reasons) == _RUNTIME | _DEVELOPMENT


def test_every_library_the_rooms_import_is_declared() -> None:
    homes = packages_distributions()
    ours = {*ROOMS, "wsgi", "_typeshed"}
    undeclared = []
    for path in python_files(*ROOMS):
        for node, module in imported(tree(path)):
            top = module.split(".")[0]
            if top in sys.stdlib_module_names or top in ours:
                continue
            if not {_name(home) for home in homes.get(top, [])} & _RUNTIME:
                undeclared.append(f"{place(path, node)} {module}")
    assert undeclared == []


def test_everything_declared_is_locked_with_hashes() -> None:
    pins = dict(re.findall(r"^([a-z0-9][\w.-]*)==[^\\\n]*((?:\\\n +--hash=\S+ ?)+)", _LOCK, flags=re.MULTILINE))
    assert set(pins) >= _RUNTIME | _DEVELOPMENT
    assert all("--hash=sha256:" in hashes for hashes in pins.values())


def test_the_lock_names_no_address() -> None:
    """Where packages come from is the machine's business: the hashes say what they are."""
    assert "://" not in _LOCK
