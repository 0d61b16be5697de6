"""The one thing said when a turn failed whole. Worded apart from the dialog, which had no chance to run."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from agent import addresses
from agent.clinic import Clinic
from agent.messages import Reply
from dialogs.line import Line
from nlu.parse import Language


def sorry(clinic: Clinic, language: Language = "en", *, voice: bool = False) -> Reply:
    """A reply that promises nothing, says how to reach a person, and on a call asks the door to try one."""
    words = _words()[language]
    phone = addresses.national(clinic.phone) if clinic.phone else clinic.name
    line = Line("apology", words["text"].format(clinic_phone=phone), words["spoken"].format(clinic_phone=phone))
    return Reply((line,), end=True, person=voice, language=language)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("agent").joinpath("apology.toml").read_text(encoding="utf-8"))
