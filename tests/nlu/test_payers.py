"""The general list of payers."""

from __future__ import annotations

from collections import Counter

from nlu.gazetteer import key_of
from nlu.payers import NAMES, PAYERS


def test_no_strong_alias_stands_for_two_payers() -> None:
    """An alias that could be two companies must be weak or belong to neither."""
    said = Counter((key, payer.name) for payer in PAYERS for alias in payer.aliases if not alias.startswith("~") for key in {key_of(alias)})
    owners = Counter(key for key, _ in said)
    assert [key for key, count in owners.items() if count > 1] == []


def test_plain_words_are_no_payers_by_themselves() -> None:
    for word in ("oscar", "united", "scan", "progressive", "alignment"):
        assert word not in NAMES
