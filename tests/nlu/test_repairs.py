from __future__ import annotations

from nlu.numbers import digit_runs
from nlu.repairs import settle


def standing(said: str) -> list[str]:
    return [run.text for run in settle(digit_runs(said), said).kept]


def test_a_later_value_replaces_an_earlier_one() -> None:
    assert standing("444 no sorry 555") == ["555"]


def test_a_rejected_value_goes() -> None:
    assert standing("it's 555 not 444") == ["555"]


def test_alternatives_stay_until_one_is_chosen() -> None:
    assert settle(digit_runs("444 or 555"), "444 or 555").alternatives
    assert standing("444 or 555 is better") == ["555"]


def test_a_label_chooses() -> None:
    assert standing("home 444 work 555 use the work") == ["555"]
    assert standing("444 (cell) 555 (work). cell please") == ["444"]
