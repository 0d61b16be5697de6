from __future__ import annotations

import pytest

from knowledge.payerbook import PayerBook, plans
from knowledge.reading import Reader
from tests.knowledge.clinic import payers

BOOK = PayerBook(payers())
READER = Reader(BOOK.words())


def chosen(text: str) -> list[list[str]]:
    """For each payer named, the plans it may be; an empty list is a payer or plan the clinic does not list."""
    low = READER.read(text).words.low
    mentions = BOOK.mentions(low)
    return [[row.plan_type for row in BOOK.choose(mention, plans(low, mentions).features)] for mention in mentions]


@pytest.mark.parametrize(
    ("text", "plan_types"),
    [
        ("do you take tri care", [["West"]]),
        ("i have u h c", [["PPO", "Dual"]]),
        ("do you take blue cros ppo", [["PPO"]]),
        ("azblue neighborhood hmo", [["HMO"]]),
        ("united but not the dual complete, the p p o", [["PPO"]]),
        ("a h c c c s", [["Medicaid"]]),
        ("do you take all savers", [["PPO"]]),
    ],
)
def test_payers_and_plans_are_found_however_they_are_said(text: str, plan_types: list[list[str]]) -> None:
    assert chosen(text) == plan_types


@pytest.mark.parametrize(
    "text",
    [
        "do you take kaiser",
        "do you take aetna medicare advantage",
        "cigna hmo",
        "is upmc in network",
        "blue cross of michigan hmo",
        "tricare for life",
    ],
)
def test_a_payer_or_plan_that_is_not_listed_is_no_other_one(text: str) -> None:
    assert [] in chosen(text)


def test_everyday_words_are_no_insurers() -> None:
    assert chosen("my feet are united by pain and i am devoted to the farmers here") == []
