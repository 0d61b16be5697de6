from __future__ import annotations

import pytest

from knowledge.payerbook import PayerBook, plans
from knowledge.payers import PayerRow, Rule, Status
from knowledge.reading import Reader
from nlu.wording import spell_out
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


def test_the_payer_one_is_leaving_is_not_meant() -> None:
    assert chosen("my job is dropping kaiser and i am switching from cigna to ahcccs") == [["Medicaid"]]


def test_a_payer_joined_to_medicare_is_a_payer_of_its_own() -> None:
    """ "United and Medicare" are two; "United Medicare" is one with its plan."""
    rows = [
        PayerRow("United", (), "PPO", Status.IN_NETWORK, Rule.NO, Rule.NO),
        PayerRow("Medicare", (), "Medicare", Status.IN_NETWORK, Rule.NO, Rule.NO),
    ]
    book = PayerBook(rows)
    assert [mention.payer for mention in book.mentions("do you take united and medicare".split())] == ["United", "Medicare"]
    assert [mention.payer for mention in book.mentions("do you take united medicare".split())] == ["United"]


def test_everyday_words_are_no_insurers() -> None:
    assert chosen("i have a smart phone and a guardian") == []
    assert chosen("my feet are united by pain and i am devoted to the farmers here") == []


def test_the_beginning_of_a_name_stands_for_it_where_no_alias_was_written() -> None:
    """A payer list out of a document has names and nothing else."""
    alike = ("Oakwell Silver", "Oakwell Gold", "Aetna Better Health")
    names = ("Kaiser Permanente", "Evergreen Mutual", "Blue Cross of Idaho", "First Choice Health", *alike)
    book = PayerBook([PayerRow(name, (), "HMO", Status.IN_NETWORK, Rule.NO, Rule.NO) for name in names])

    def named(text: str) -> list[str | None]:
        return [mention.payer for mention in book.mentions(spell_out(text))]

    assert named("do you take kaiser") == ["Kaiser Permanente"]
    assert named("is the evergreen hmo in network") == ["Evergreen Mutual"]
    assert named("do you take blue cross") == ["Blue Cross of Idaho"]
    assert named("what happens at my first visit") == []
    assert named("do you take oakwell") == []
    assert named("do you take aetna") == [None]


def test_accents_of_a_name_need_not_be_typed() -> None:
    book = PayerBook([PayerRow("Peña Salud", (), "", Status.IN_NETWORK, Rule.NO, Rule.NO)])
    for text in ("do you take pena salud", "aceptan Peña Salud?"):
        assert [mention.payer for mention in book.mentions(Reader(book.words()).read(text).words.low)] == ["Peña Salud"]
