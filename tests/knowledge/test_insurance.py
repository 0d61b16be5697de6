from __future__ import annotations

from dataclasses import replace

from knowledge.insurance import asked
from tests.knowledge.clinic import ASKING, finder, ids


def test_what_is_asked_of_a_payer_is_read() -> None:
    assert asked(("do", "you", "take", "acme")).fields == {"status"}
    assert asked(("do", "i", "need", "a", "referral")).fields == {"referral"}
    assert asked(("how", "much", "does", "it", "pay")).extent
    assert asked(("am", "i", "covered")).mine


def test_a_payer_named_before_is_meant_afterwards() -> None:
    assert ids("I have Banner. Need a referral? Also is there a pool?") == ["payer:Banner Health Plan:HMO", "article:pool"]


def test_the_payer_on_record_answers_am_i_covered() -> None:
    assert ids("am i covered with my insurance?", replace(ASKING, carrier="Cigna")) == ["payer:Cigna:PPO"]


def test_context_resolves_what_about() -> None:
    assert ids("what about Aetna?", replace(ASKING, topic="payer:Cigna:PPO")) == ["payer:Aetna:PPO"]


def test_two_payers_get_two_answers() -> None:
    assert ids("do you take Aetna or Banner?") == ["payer:Aetna:PPO", "payer:Banner Health Plan:HMO"]


def test_amounts_only_the_insurer_knows_are_not_answered() -> None:
    assert ids("how much will cigna pay for each visit?") == [None]


def test_answers_cite_the_row() -> None:
    (part,) = finder().find("do you take cigna?", ASKING)
    assert part.answer is not None
    assert part.answer.source.startswith("payers.csv, line ")
