from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nlu import safety
from nlu.message import Message
from nlu.parse import Context, Safety, SafetyLevel

TODAY = Context(date(2026, 11, 20))
CORPUS = Path(__file__).with_name("corpus")


def read(text: str) -> Safety:
    return safety.read(Message.of(text), TODAY)


def corpus(section: str) -> list[dict[str, Any]]:
    return [group for name in ("red_flags", "red_flags_more") for group in tomllib.loads((CORPUS / f"{name}.toml").read_text("utf-8"))[section]]


def test_red_flags_are_seen_in_ninety_nine_of_a_hundred_wordings() -> None:
    """A58: at least 300 positive phrases in 12 groups, recall at least 99 %."""
    said = [text for group in corpus("flag") for text in group["texts"]]
    missed = [text for text in said if read(text).level is SafetyLevel.NONE]
    assert len(said) >= 300
    assert len(missed) / len(said) <= 0.01, missed


def test_the_level_is_right_in_ninety_five_of_a_hundred() -> None:
    wrong = [t for g in corpus("flag") for t in g["texts"] if read(t).level is not SafetyLevel.NONE and read(t).level not in g["level"]]
    assert len(wrong) / sum(len(g["texts"]) for g in corpus("flag")) <= 0.05, wrong


def test_denial_history_charts_idiom_and_ordinary_pain_raise_no_alarm() -> None:
    """A58: at least 300 phrases that only look like a red flag, false alarms at most 3 %."""
    said = [text for group in corpus("calm") for text in group["texts"]]
    alarms = [text for text in said if read(text).level is not SafetyLevel.NONE]
    assert len(said) >= 300
    assert len(alarms) / len(said) <= 0.03, alarms


def test_a_stroke_years_ago_is_recorded_as_history_and_not_escalated() -> None:
    """A58: history is recorded."""
    found = read("my face was drooping when i had a stroke in 2019 and i need rehab for my left arm")
    assert found.level is SafetyLevel.NONE
    assert "stroke" in found.history


def test_a_denied_symptom_beside_a_present_one_leaves_the_present_one() -> None:
    found = read("no chest pain but i can't feel my groin")
    assert (found.level, found.group) == (SafetyLevel.EMERGENCY, "cauda_equina")
    assert found.history == ("cardiac",)


def test_a_denial_inside_a_finding_takes_it_back() -> None:
    assert read("my chest does not hurt").level is SafetyLevel.NONE


def test_every_finding_names_the_rule_that_fired() -> None:
    found = read("my chest feels tight and my left arm is numb")
    assert found.rule is not None
    assert found.rule.startswith("cardiac.")


def test_an_overdose_already_taken_is_an_emergency_before_it_is_a_crisis() -> None:
    assert read("i want to die i took the whole bottle of pills").level is SafetyLevel.EMERGENCY


def test_chart_language_counts_only_for_what_is_happening_now_and_is_asked_about() -> None:
    assert read("hx DVT, s/p TKA, c/o calf swelling, eval and treat").level is SafetyLevel.NONE
    found = read("s/p TKA, pt reports new calf swelling and redness today")
    assert (found.level, found.certain) == (SafetyLevel.URGENT, False)


@pytest.mark.parametrize("text", ["cant breath", "i feel suicidle", "my inscision is oozing pus", "chest pian since this morning"])
def test_typing_slips_are_read_through(text: str) -> None:
    assert read(text).level is not SafetyLevel.NONE


def test_the_same_words_give_the_same_finding() -> None:
    assert read("i can't feel my legs") == read("i can't feel my legs")


def test_rules_have_ids_of_their_own_and_a_version() -> None:
    book = safety._BOOK
    ids = [rule.id for rule in book.rules]
    assert len(ids) == len(set(ids))
    assert safety.VERSION >= 1
    assert {"group", "level"} <= set(next(r for r in book.rules if r.id == "cardiac.chest_pain").tags)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("i never lost my balance or blacked out", SafetyLevel.NONE),
        ("my cousin had a seizure at the gym", SafetyLevel.NONE),
        ("what are the symptoms of a blood clot", SafetyLevel.NONE),
        ("is infection a risk with needling", SafetyLevel.NONE),
        ("i had a stent in 2017 and it is back today the same chest pain", SafetyLevel.EMERGENCY),
        ("my knee was replaced last month and the incision is leaking", SafetyLevel.URGENT),
        ("my elbow aches but no chest pressure", SafetyLevel.NONE),
    ],
)
def test_what_takes_a_finding_back_reaches_no_further_than_its_statement(text: str, level: SafetyLevel) -> None:
    assert read(text).level is level


def test_an_idiom_hides_only_its_own_words() -> None:
    assert read("this bill is killing me and my chest is crushing").group == "cardiac"


def test_a_joke_about_breath_is_no_alarm_and_a_joke_about_dying_is() -> None:
    assert read("haha i can't breathe from laughing").level is SafetyLevel.NONE
    assert read("lol i want to kill myself").level is SafetyLevel.CRISIS


def test_a_vague_complaint_of_the_heart_is_asked_about() -> None:
    found = read("my heart feels strange")
    assert (found.level, found.certain) == (SafetyLevel.EMERGENCY, False)


def test_what_recognition_mishears_is_read_by_what_stands_beside_it() -> None:
    assert read("my left cough is swollen and hot").group == "dvt"
    assert read("i have a cough").level is SafetyLevel.NONE


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("her knee is puffy and oozing since the scope", "infection"),
        ("a nosebleed for an hour and i take warfarin", "general"),
        ("the toddler got into my heart medicine", "overdose"),
        ("they would be happier at my funeral", "suicide"),
        ("my ankle snapped and i cannot walk", "fracture_trauma"),
        ("the corner of her mouth dropped", "stroke"),
    ],
)
def test_signs_in_lay_words_are_findings(text: str, group: str) -> None:
    assert read(text).group == group


@pytest.mark.parametrize("text", ["i drive an ambulance and my back is stiff", "i am numb from sitting on hold", "i volunteer at a suicide hotline"])
def test_trades_and_waiting_are_no_findings(text: str) -> None:
    assert read(text).level is SafetyLevel.NONE
