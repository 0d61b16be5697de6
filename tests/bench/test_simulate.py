"""The simulation grades what is in the database, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import simulate
from bench.served import Served, line

_CLINIC = Path(__file__).parents[2] / "clinics" / "riverside"
_ROW: dict[str, Any] = {
    "id": "own1",
    "channel": "sms",
    "style": "plain",
    "opening": "hello, I need physical therapy",
    "goal": {"patient.name": "Ana Ruiz", "patient.phone": "+16145550123", "insurance.carrier": "Self-pay"},
    "answers": {"patient.name": ["Ana Ruiz"], "patient.phone": ["614 555 0123"], "insurance.carrier": ["self pay"], "caller.role": ["for me"]},
    "unknown_slots": [],
    "unknown_says": {"*": ["skip"]},
    "interjections": [],
    "corrections": [],
    "confirm_yes": ["yes"],
    "confirm_no": ["no"],
    "drops": None,
    "expect_status": "complete",
    "expect": {"patient.name": "Ana Ruiz"},
}


def _compare(want: Mapping[str, Any], got: Mapping[str, Any], _counts: object) -> list[str]:
    return [f"{name}: want {value!r}, got {got.get(name)!r}" for name, value in want.items() if got.get(name) != value]


_SCORE: Any = SimpleNamespace(same=lambda _slot, a, b: a == b, compare=_compare, Counts=lambda: None)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with line(tmp_path_factory.mktemp("line"), _CLINIC, simulate.EVENING) as up:
        yield up


def test_a_person_is_talked_with_to_the_end_and_graded(served: Served) -> None:
    record = simulate.talk(served, _ROW, "+16145550123")
    (verdict,), extra = simulate.grade(served, [record], _SCORE)
    assert (verdict.status, verdict.wrong, extra) == ("complete", (), [])
    assert verdict.slots["patient.phone"] == "+16145550123"


def test_a_wrong_value_and_a_lead_of_nobody_are_found(served: Served) -> None:
    wants_another = {**_ROW, "id": "own2", "expect": {"patient.name": "Ana Perez"}}
    record = simulate.talk(served, wants_another, "+16145550124")
    (verdict,), extra = simulate.grade(served, [record], _SCORE)
    assert verdict.wrong == ("patient.name: want 'Ana Perez', got 'Ana Ruiz'",)
    assert len(extra) == 1


def test_a_person_without_a_number_of_their_own_is_given_one() -> None:
    numbers = simulate.senders([_ROW, _ROW, {**_ROW, "goal": {}}])
    assert numbers[0] == "+16145550123"
    assert len(set(numbers)) == 3
