from __future__ import annotations

import pytest

from nlu import emails
from tests.nlu.heard import context, value


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("Dora.V@Example.com", "dora.v@example.com"),
        ("dora @ example.com thanks", "dora@example.com"),
        ("it's dora dot v at g mail dot com", "dora.v@gmail.com"),
        ("d as in dog v e l underscore ninety one at hotmail dot com all lower case", "dvel_91@hotmail.com"),
        ("dora guion bajo vela arroba yahoo punto com", "dora_vela@yahoo.com"),
        ("info at bay spine dot org", "info@bayspine.org"),
        ("dora@example.org is old, dvela@example.com is better", "dvela@example.com"),
        ("dora at gmail", "dora@gmail.com"),
    ],
)
def test_addresses_typed_and_spoken(said: str, address: str) -> None:
    assert value(emails.read, said, context("patient.email")) == address


@pytest.mark.parametrize("said", ["i don't use email", "no tengo correo", "never had an email"])
def test_having_none_is_a_value(said: str) -> None:
    assert value(emails.read, said, context("patient.email")) == "none"


@pytest.mark.parametrize("said", ["i don't have it on me", "i'd rather not", "see you at two", "i live at home"])
def test_no_address_at_hand_is_not_having_none(said: str) -> None:
    assert value(emails.read, said, context("patient.email")) is None


def test_the_sentence_after_an_address_is_not_its_domain() -> None:
    assert value(emails.read, "dora@example.com. Dr Lee sent me", context()) == "dora@example.com"
