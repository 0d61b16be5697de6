"""Every word the line says, in one language. A language is a file; the code only fills in the blanks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.line import Line


class LocaleError(ValueError):
    """A locale file lacks words we need, or leaves a blank nobody can fill."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One thing to say, with `{blanks}`."""

    text: str
    """As written, for a screen."""
    spoken: str
    """As said, for the ear."""


@dataclass(frozen=True, slots=True)
class SlotWords:
    """How one slot is talked about."""

    label: str
    """What it is called in a list of what is missing."""
    summary: str
    """How it is introduced when everything is read back; `{value}` is the blank."""
    ask: tuple[Wording, ...]
    """The question, then its rewordings for when the answer was not understood."""
    more: Wording | None
    """The question when a few words were said already."""
    help: Wording
    """What is wanted and why."""
    mention: tuple[str, ...]
    """Words by which people mean this slot: "the phone is wrong"."""


@dataclass(frozen=True, slots=True)
class Locale:
    """One language."""

    code: str
    version: str
    """Version of the disclosure wording, stored with every call."""
    lines: Mapping[str, tuple[Wording, ...]]
    """Each with its variants, taken in turn: nobody likes to hear the same acknowledgement four times."""
    slots: Mapping[str, SlotWords]
    terms: Mapping[str, Any]
    """Names of days, months, parts of the day and other words that values are said with."""

    def line(self, key: str, blanks: Mapping[str, str], *, variant: int = 0, uninterruptible: bool = False) -> Line:
        """Word one thing to say. Raises LocaleError when the entry or a blank is missing."""
        return self.fill(key, self._wording(key, variant), blanks, uninterruptible=uninterruptible)

    def fill(self, key: str, wording: Wording, blanks: Mapping[str, str], *, uninterruptible: bool = False) -> Line:
        """Fill the blanks of a wording; `name_spoken` wins over `name` in the spoken form."""
        aloud = {**blanks} | {k.removesuffix("_spoken"): v for k, v in blanks.items() if k.endswith("_spoken")}
        try:
            return Line(key, wording.text.format_map(blanks), wording.spoken.format_map(aloud), uninterruptible)
        except KeyError as error:
            raise LocaleError(f"{self.code}: {key} leaves the blank {error} open") from error

    def _wording(self, key: str, variant: int) -> Wording:
        try:
            return self.lines[key][variant % len(self.lines[key])]
        except KeyError as error:
            raise LocaleError(f"{self.code}: no line {key!r}") from error

    def list(self, items: list[str], word: str = "and") -> str:
        """Join items as people do: "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self.terms[word]} {items[-1]}"


def parse(text: str) -> Locale:
    """Read a locale file (TOML). Raises LocaleError naming the entry at fault."""
    table = tomllib.loads(text)
    try:
        return Locale(
            code=table["code"],
            version=table["version"],
            lines={key: tuple(map(_wording, entry if isinstance(entry, list) else [entry])) for key, entry in table["line"].items()},
            slots={name: _slot(entry) for name, entry in table["slot"].items()},
            terms=table["terms"],
        )
    except (KeyError, TypeError) as error:
        raise LocaleError(f"locale {table.get('code')!r}: {error}") from error


def _wording(entry: str | dict[str, str]) -> Wording:
    if isinstance(entry, str):
        return Wording(entry, entry)
    return Wording(entry["text"], entry.get("spoken", entry["text"]))


def _slot(entry: dict[str, Any]) -> SlotWords:
    return SlotWords(
        label=entry["label"],
        summary=entry["summary"],
        ask=tuple(_wording(e) for e in entry["ask"]),
        more=_wording(entry["more"]) if "more" in entry else None,
        help=_wording(entry["help"]),
        mention=tuple(entry["mention"]),
    )
