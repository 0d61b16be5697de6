from __future__ import annotations

from dataclasses import replace

from knowledge.finder import build
from knowledge.shelving import Shelver
from knowledge.topics import standard_topics
from tests.knowledge.clinic import ASKING, articles, finder, ids, payers


def test_an_article_is_read_once_and_forgotten_when_it_is_gone() -> None:
    shelver = Shelver(standard_topics())
    before = shelver.shelve(articles())
    changed = (replace(articles()[0], answer="We moved."), *articles()[1:])
    after = shelver.shelve(changed)
    assert after[0] is not before[0]
    assert all(one is other for one, other in zip(after[1:], before[1:], strict=True))
    assert shelver.shelve(articles())[0] is not before[0]


def test_a_head_names_topics_and_a_body_what_else_is_said() -> None:
    (one,) = Shelver(standard_topics()).shelve([article for article in articles() if article.id == "park"])
    assert "parking" in one.focus
    assert one.focus <= one.main


def test_a_changed_article_answers_anew_and_the_old_finder_stays_as_it_was() -> None:
    old = build(articles(), payers())
    new = old.refreshed(articles=[replace(one, answer="Behind the bakery.") if one.id == "park" else one for one in articles()])
    (was,), (now,) = (found.find("where do i park?", ASKING) for found in (old, new))
    assert was.answer is not None
    assert now.answer is not None
    assert now.answer.text == "Behind the bakery."
    assert was.answer.text != now.answer.text


def test_a_refreshed_finder_answers_like_a_built_one() -> None:
    again = build(articles()[:5], ()).refreshed(articles=articles(), payers=payers())
    for text in ("where do i park?", "do you take Aetna?", "can i bring my dog"):
        assert ids(text, by=again) == ids(text, by=finder())


def test_an_article_taken_away_answers_no_more() -> None:
    without = build(articles(), ()).refreshed(articles=[one for one in articles() if one.id != "park"])
    assert "article:park" not in ids("where do i park?", by=without)
