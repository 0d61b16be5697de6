"""What the doors say in their own name: one file for each language in `channels/words`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from nlu.parse import Language


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words."""

    voice: Mapping[str, str]
    """`name` and `language` of the synthesised voice (the language is also the recogniser's), and the `key` that changes to it."""
    call: Mapping[str, str]
    """Said in calls; `{clinic}` and `{phone}` are filled in."""
    text: Mapping[str, str]
    """Sent as texts; the same blanks."""
    keys: Mapping[str, str]
    """What a key stands for: `yes`, `no`, `message`, `person`, and `language`, a word that is in this language and nothing else."""
    hints: Mapping[str, tuple[str, ...]]
    """Words the recogniser should expect, by `Expect.form`, and `always`."""


def _read(text: str) -> Words:
    table = tomllib.loads(text)
    return Words(table["voice"], table["call"], table["text"], table["keys"], {form: tuple(words) for form, words in table["hints"].items()})


_WORDS: Mapping[str, Words] = {
    entry.name.removesuffix(".toml"): _read(entry.read_text(encoding="utf-8"))
    for entry in files("channels.words").iterdir()
    if entry.name.endswith(".toml")
}


def words(language: Language | str | None) -> Words:
    """The words of a language; English for one we do not have."""
    return _WORDS.get(language or "en", _WORDS["en"])


def by_key(key: str) -> Words | None:
    """The language a telephone key changes to."""
    return next((found for found in _WORDS.values() if found.voice["key"] == key), None)


def languages() -> tuple[str, ...]:
    """Every language there are words for."""
    return tuple(sorted(_WORDS))
