"""The script the line plays from: every intake and every language there is a file for, and the clinic's own facts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from agent.clinic import Clinic
from dialogs import intake, locale
from dialogs.script import ClinicFacts, Script


def load(clinic: Clinic) -> Script:
    """Raises IntakeError or LocaleError naming the entry at fault."""
    intakes = [intake.parse(file.read_text(encoding="utf-8")) for file in _tables("intakes")]
    locales = [locale.parse(file.read_text(encoding="utf-8")) for file in _tables("locales")]
    facts = ClinicFacts(clinic.name, clinic.phone, clinic.timezone_name)
    return Script(facts, {found.name: found for found in intakes}, {found.code: found for found in locales})


def _tables(folder: str) -> Iterator[Traversable]:
    return (file for file in files("dialogs").joinpath(folder).iterdir() if file.name.endswith(".toml"))
