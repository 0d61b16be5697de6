"""Files and functions stay small, `__init__.py` stays empty, imports stand at the top, and one file reads the environment."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.sources import ROOMS, ROOT, place, python_files, tree

_LONGEST_FILE = 400
_LONGEST_FUNCTION = 60
_MIGRATIONS = ROOT / "agent" / "migrations" / "versions"
_ENVIRONMENT = {"environ", "environb", "getenv", "putenv"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(path: Path) -> list[_Function]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, _Function)]


def test_no_file_is_two_things() -> None:
    lines = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*ROOMS, "tests", "bench")}
    assert {path: count for path, count in lines.items() if count > _LONGEST_FILE} == {}


def test_no_function_is_two_things() -> None:
    """A migration is one straight list of columns, however long, so it is not counted."""
    found = {
        f"{place(path, node)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in python_files(*ROOMS, "tests", "bench")
        if not path.is_relative_to(_MIGRATIONS)
        for node in _functions(path)
    }
    assert {name: lines for name, lines in found.items() if lines > _LONGEST_FUNCTION} == {}


def test_packages_are_folders_and_nothing_else() -> None:
    """An `__init__.py` with code in it makes every import of the folder cost something and hides where names come from."""
    packages = [path for path in python_files(*ROOMS, "tests", "bench") if path.name == "__init__.py"]
    assert [place(path) for path in packages if path.read_text(encoding="utf-8").strip()] == []


def test_imports_stand_at_the_top() -> None:
    """An import inside a function hides a dependency from the reader and from the import contracts."""
    assert [
        place(path, inner)
        for path in python_files(*ROOMS, "tests", "bench")
        for function in _functions(path)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ] == []


def test_one_file_reads_the_environment() -> None:
    """Whoever wants to know what can be set reads agent/settings.py, and nothing else."""
    files = [path for path in python_files(*ROOMS) if path != ROOT / "agent" / "settings.py"]
    assert [place(path, node) for path in files for node in ast.walk(tree(path)) if _reads_environment(node)] == []


def _reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and node.value.id == "os" and node.attr in _ENVIRONMENT
    return isinstance(node, ast.ImportFrom) and node.module == "os" and any(alias.name in _ENVIRONMENT for alias in node.names)
