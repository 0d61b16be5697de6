"""`knowledge check`: what a coordinator should mend."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from knowledge.articles import Article
from knowledge.checking import STALE, check
from knowledge.payers import PayerRow, Rule, Status

TODAY = date(2026, 11, 21)


def _article(id: str, question: str, answer: str, **rest: date) -> Article:
    return Article(id, question, answer, effective=rest.get("effective"), expires=rest.get("expires"))


@pytest.mark.parametrize(
    ("question", "one", "other", "about"),
    [
        ("What are your hours on Saturday?", "On Saturday we are open 8 AM to noon.", "On Saturday we are open 9 AM to 1 PM.", "hours"),
        ("What is the late cancellation fee?", "The late cancellation fee is $40.", "A late cancellation fee of $55 applies.", "fees"),
        ("Do you validate parking?", "We validate garage parking tickets.", "We do not validate garage parking tickets.", "yes"),
        ("How do I cancel?", "Cancel with 24 hours notice.", "Cancel with 48 hours notice.", "hours"),
    ],
)
def test_articles_that_contradict_each_other(question: str, one: str, other: str, about: str) -> None:
    (finding,) = check([_article("a", question, one), _article("b", question, other)], (), TODAY)
    assert (finding.kind, finding.ids) == ("contradiction", ("article:a", "article:b"))
    assert about in finding.why


def test_two_places_may_differ() -> None:
    articles = [
        _article("a", "What are the hours at Oakdale?", "The Oakdale clinic is open 8 AM to 5 PM."),
        _article("b", "What are the hours at Fernhill?", "The Fernhill clinic is open 9 AM to 6 PM."),
    ]
    assert check(articles, (), TODAY) == []


def test_an_expired_article_contradicts_nobody() -> None:
    articles = [
        _article("a", "Late fee?", "The late fee is $40."),
        _article("b", "Late fee?", "The late fee is $30.", expires=TODAY - timedelta(days=1)),
    ]
    assert [finding.kind for finding in check(articles, (), TODAY)] == ["expired"]


def test_dates_that_have_come_or_will() -> None:
    articles = [
        _article("old", "Is there parking?", "Parking is free.", effective=TODAY - STALE - timedelta(days=1)),
        _article("soon", "Is there a pool?", "There is a pool.", expires=TODAY + timedelta(days=7)),
    ]
    assert [(finding.kind, finding.ids) for finding in check(articles, (), TODAY)] == [
        ("expires_soon", ("article:soon",)),
        ("stale", ("article:old",)),
    ]


def test_payers_without_a_plan_or_a_rule() -> None:
    rows = [
        PayerRow("Northwind", (), "", Status.VERIFY, Rule.NO, Rule.NO),
        PayerRow("Bluefin", (), "PPO", Status.IN_NETWORK, Rule.UNKNOWN, Rule.NO),
    ]
    assert [finding.kind for finding in check((), rows, TODAY)] == ["no_plan", "unknown_rule"]
