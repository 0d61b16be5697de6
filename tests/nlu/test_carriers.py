"""Who pays: cover as callers say it, and what only sounds like cover."""

from __future__ import annotations

import pytest

from nlu.carriers import CARRIER, PLAN, CarrierReader
from nlu.message import Message
from nlu.parse import Context
from nlu.vocabulary import Payer, Vocabulary
from tests.nlu.listening import TODAY, corpus, heard

READER = CarrierReader(Vocabulary())
OHIO = CarrierReader(
    Vocabulary(
        payers=(
            Payer("Anthem Blue Cross Blue Shield", ("anthem", "bcbs", "blue cross"), "PPO"),
            Payer("Medical Mutual of Ohio", ("med mutual", "mmo"), "PPO"),
            Payer("Auto medical payments", ("state farm auto", "medpay"), "Auto"),
            Payer("Elm Valley Health", ("elm valley",), "HMO"),
        ),
        state="OH",
    )
)


@pytest.mark.parametrize(("asked", "text", "wanted"), corpus("carriers"))
def test_cover_is_read_as_callers_say_it(asked: str, text: str, wanted: tuple[str, ...]) -> None:
    carrier, plan = wanted or ("", "")
    got = heard(READER.read, text, asked)
    assert (got.get(CARRIER, ""), got.get(PLAN, "")) == (carrier, plan)


def test_two_names_nobody_chose_between_are_both_kept() -> None:
    assert heard(READER.read, "either humana or wellcare not sure", CARRIER)[CARRIER] == ("Humana", "WellCare")


def test_the_clinics_own_payers_come_first() -> None:
    """The payer table decides what a name stands for; the general list only fills in."""
    assert heard(OHIO.read, "blue cross", CARRIER)[CARRIER] == "Anthem Blue Cross Blue Shield"
    assert heard(OHIO.read, "elm valley hmo", CARRIER) == {CARRIER: "Elm Valley Health", PLAN: "HMO"}
    assert heard(OHIO.read, "mmo", CARRIER)[CARRIER] == "Medical Mutual of Ohio"
    assert heard(OHIO.read, "cigna", CARRIER)[CARRIER] == "Cigna"


def test_an_insurer_keeps_its_name_though_the_table_has_one_row_for_all_of_its_kind() -> None:
    assert heard(OHIO.read, "state farm", CARRIER) == {CARRIER: "State Farm", PLAN: "Auto"}


def test_a_correction_at_the_read_back_replaces_the_carrier() -> None:
    assert heard(READER.read, "no - Humana, not Aetna", CARRIER, confirming=True)[CARRIER] == "Humana"


def test_a_reading_quotes_the_words_it_was_read_from() -> None:
    message = Message.of("i have cigna open access plus")
    readings = {r.slot: r for r in READER.read(message, Context(today=TODAY))}
    assert {slot: message.text[r.start : r.end] for slot, r in readings.items()} == {CARRIER: "cigna", PLAN: "open access plus"}


def test_shorthand_of_an_office_needs_no_cue() -> None:
    readings = READER.in_dense_text(Message.of("bs ppo xed550012398"), Context(today=TODAY))
    assert [r.value for r in readings] == ["Blue Shield of California", "PPO"]


@pytest.mark.parametrize(
    ("said", "carrier"),
    [("my wife's on humana and i'm on aetna", "Aetna"), ("no, es cigna no aetna", "Cigna"), ("no es cigna es aetna", "Aetna")],
)
def test_the_cover_meant_is_told_from_the_one_beside_it(said: str, carrier: str) -> None:
    """Another person's cover and the rejected one, which Spanish puts last, are not taken."""
    assert heard(READER.read, said, "insurance.carrier", confirming=said.startswith("no"))["insurance.carrier"] == carrier


def test_a_price_is_asked_only_where_the_question_is_about_it() -> None:
    """The question mark of another sentence does not make "self pay" a question."""
    assert heard(READER.read, "can you see me this week? out of network so self pay")[CARRIER] == "Self-pay"
    assert CARRIER not in heard(READER.read, "what's the self pay rate?")
