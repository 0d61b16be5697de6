"""Words are complete in every language, and files hold nothing of the machine they were written on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOMS, ROOT, place, written_files

_HERE = re.compile(r"(?<![\w.])/(?:work|root)/\w")
_INDEX = re.compile(r"\b(?:pypi|npmjs|pythonhosted)\.(?:org|com)\b")
_UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")


def _languages() -> list[tuple[Path, Path]]:
    """Every English wording file with each of its sisters in another language."""
    english = [path for room in ROOMS for path in (ROOT / room).rglob("en.toml")]
    return [(path, other) for path in english for other in sorted(path.parent.glob("[a-z][a-z].toml")) if other != path]


def _keys(table: dict[str, Any], before: str = "") -> Iterator[str]:
    """Names of sentences: one with a spoken form beside its text is still one sentence, and a table `x_spoken` only overrides some of `x`."""
    for key, value in table.items():
        if key.endswith("_spoken") and isinstance(value, dict):
            assert value.keys() <= table[key.removesuffix("_spoken")].keys()
        elif isinstance(value, dict) and "text" not in value:
            yield from _keys(value, f"{before}{key}.")
        else:
            yield before + key


def test_every_language_says_everything() -> None:
    """A sentence that exists in one language only is a caller met with silence in the other."""
    wrong = {}
    for english, other in _languages():
        # Values of closed lists (`terms.values`) are kept in English: only other languages need words for them.
        here, there = ({key for key in _keys(tomllib.loads(path.read_text(encoding="utf-8"))) if ".values." not in key} for path in (english, other))
        if here != there:
            wrong[place(other)] = {"missing": sorted(here - there), "extra": sorted(there - here)}
    assert wrong == {}


def test_no_file_names_the_machine_it_was_written_on_or_a_package_index() -> None:
    texts = {place(path): path.read_text(encoding="utf-8", errors="replace") for path in written_files()}
    assert [path for path, text in texts.items() if _HERE.search(text) or _INDEX.search(text)] == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    assert [place(path) for path in written_files() if path.suffix == ".py" and _UNFINISHED.search(path.read_text(encoding="utf-8"))] == []
