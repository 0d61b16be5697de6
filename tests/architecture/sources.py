"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("agent", "channels", "commands", "dialogs", "knowledge", "nlu", "workers")
_SKIPPED = {".venv", ".git", "var", "build", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"}


def python_files(*folders: str) -> list[Path]:
    """Every Python file beneath `folders`, and `wsgi.py` when the rooms are asked for."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    front = ROOT / "wsgi.py"
    return [*found, front] if "channels" in folders and front.exists() else found


def written_files() -> list[Path]:
    """Every file a person wrote: no lock, no picture, nothing generated."""
    suffixes = {".py", ".toml", ".md", ".sh", ".csv", ".jsonl", ".html", ".js", ".css", ".cfg", ".ini", ".mako", ""}
    return [path for path in _walk(ROOT) if path.suffix in suffixes]


def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where something is, as an editor opens it."""
    line = f":{node.lineno}" if node is not None and hasattr(node, "lineno") else ""
    return f"{path.relative_to(ROOT)}{line}"


def imported(module: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Every import statement of a file with the full name of what it imports from."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _SKIPPED or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path
