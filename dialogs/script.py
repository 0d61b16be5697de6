"""Everything fixed that a conversation is played from: intakes, wording, and the clinic's own facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.intake import Intake
from dialogs.locale import Locale


@dataclass(frozen=True, slots=True)
class ClinicFacts:
    """What the line says about the clinic."""

    name: str
    phone: str
    """The number a person answers in open hours, E.164."""
    timezone_name: str
    """As people say it, such as `Eastern time`."""


@dataclass(frozen=True, slots=True)
class Script:
    """The line's part of every conversation."""

    clinic: ClinicFacts
    intakes: Mapping[str, Intake]
    """By name: `patient`, `office`."""
    locales: Mapping[str, Locale]
    """By language code: `en`, `es`."""
