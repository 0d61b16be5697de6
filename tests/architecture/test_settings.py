"""What can be set is written down, and what is written down can be set."""

from __future__ import annotations

import re

from agent.settings import Settings
from tests.architecture.sources import ROOT

_DOCUMENTED = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|.*\| .+ \|$", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    assert sorted(_DOCUMENTED) == sorted(name.upper() for name in Settings.model_fields)


def test_every_setting_says_what_it_is() -> None:
    """`referline doctor` shows these sentences."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
