"""What somebody of the clinic is told who picks up a call from the line: who it is and why, and no more than that."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from agent.clinic import Clinic
from agent.transfers import Whisper

_WORDS: Mapping[str, Any] = tomllib.loads((files("channels") / "whisper.toml").read_text(encoding="utf-8"))


def offer(clinic: Clinic, about: Whisper) -> list[str]:
    """Before a key was pressed: the kind of caller and their wish, in the staff's language."""
    who = _WORDS["who"].get(about.role, _WORDS["who"]["unknown"])
    said = [_WORDS["offer"].format(clinic=clinic.name, who=who, why=_WORDS["why"]["urgent" if about.urgent else "asked"])]
    if about.language in _WORDS["languages"]:
        said.append(_WORDS["language"].format(language=_WORDS["languages"][about.language]))
    return [*said, _WORDS["accept"]]


def joined(about: Whisper) -> list[str]:
    """To somebody who has accepted: whom they are joined with, where that is known."""
    return [_WORDS["joined"].format(name=about.name)] if about.name else []


def gone(about: Whisper) -> list[str]:
    """The caller did not wait."""
    said = _WORDS["gone_reference"].format(reference=" ".join(about.reference)) if about.reference else _WORDS["gone"]
    return [said, _WORDS["goodbye"]]
