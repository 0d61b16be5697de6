"""The clock of the end of turns, with ears that hear the words a frame carries."""

from __future__ import annotations

from datetime import date

import pytest

from bench.turn_ends import Said, ended, table
from dialogs.line import Expect
from nlu.parse import Context, Parse
from nlu.understander import build
from nlu.vocabulary import Vocabulary
from tests.fakes.ears import FakeEars, quiet, spoken

READERS = build(Vocabulary())
PHONE = Expect("patient.phone", "phone")
BEFORE_MS = 500


def read(text: str, expect: Expect) -> Parse:
    return READERS.read(text, Context(date(2026, 11, 21), asked=expect.slot, confirming=expect.confirming, channel="voice"))


def said(*groups: str, pause_ms: int) -> Said:
    """Groups of words with a pause between them."""
    frames = quiet(BEFORE_MS)
    last = 0
    for number, group in enumerate(groups):
        frames += quiet(pause_ms) if number else []
        last = len(frames)
        frames += list(spoken(group))
    return Said("numbers", PHONE, b"".join([*frames, *quiet(4_000)]), last / 50, len(frames) / 50)


def test_a_number_with_a_pause_inside_is_heard_to_its_end() -> None:
    number = said("four one five five five five", "two six three eight", pause_ms=1_000)
    over = ended(number, FakeEars(), read)
    assert over is not None
    assert number.end - 0.2 < over < number.end + 0.5


def test_a_number_that_never_gets_whole_is_over_when_nothing_follows() -> None:
    half = said("four one five five five five", pause_ms=0)
    over = ended(half, FakeEars(), read)
    assert over is not None
    assert over > half.end + 1


def test_silence_is_no_turn() -> None:
    assert ended(Said("numbers", PHONE, b"".join(quiet(2_000)), 0.0, 0.0), FakeEars(), read) is None


@pytest.mark.parametrize(
    ("over", "row"), [(1.0, "| 100.0 % | 0 | - | - |"), (2.3, "| 0.0 % | 0 | 300 ms | 300 ms |"), (None, "| 0.0 % | 1 | - | - |")]
)
def test_a_turn_over_before_the_last_group_is_cut_off(over: float | None, row: str) -> None:
    assert row in table([Said("numbers", PHONE, b"", last_group=1.5, end=2.0)], [over])
