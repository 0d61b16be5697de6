"""Every job that is put into the queue is one that the worker will run."""

from __future__ import annotations

import ast
from types import SimpleNamespace
from typing import Any

from tests.architecture.sources import ROOMS, place, python_files, tree
from workers import jobs

_COURIER: Any = SimpleNamespace(answer_ring=lambda _row: None)
_NAMES = {name for name, value in vars(jobs).items() if name.isupper() and isinstance(value, str)}


def test_every_named_job_is_on_the_allow_list() -> None:
    """A38: a job with any other name is refused, so a name that is missing there is a message that never leaves by the bell."""
    assert {getattr(jobs, name) for name in _NAMES} == set(jobs.allowed(_COURIER))


def test_only_named_jobs_are_put_into_the_queue() -> None:
    """A literal string, or a function, would go past the allow-list unnoticed until a worker refuses it."""
    rings = [
        (path, node)
        for path in python_files(*ROOMS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("enqueue")
    ]
    assert rings
    assert [place(path, node) for path, node in rings if not (node.args and isinstance(node.args[0], ast.Name) and node.args[0].id in _NAMES)] == []
