"""Which words of the articles name a place of the clinic (`knowledge.places`)."""

from __future__ import annotations

from knowledge.articles import Article
from knowledge.finder import build
from knowledge.shelving import Shelver
from knowledge.topics import standard_topics
from tests.knowledge.clinic import ASKING

SITES = (
    Article("at-elm", "Where is the Elmwood office?", "We are at 4 Elm Street.", "Elmwood address"),
    Article("at-bay", "Where is the Bayside office?", "We are at 9 Pier Road, upstairs.", "Bayside address"),
    Article("open-elm", "When is Elmwood open?", "Monday to Friday, 8 AM to 5 PM.", "Main office hours, Elmwood"),
    Article("open-bay", "When is Bayside open?", "Tuesdays, 9 AM to noon.", "Bayside hours"),
    Article("cars-elm", "Is there parking at the main office?", "Behind the bank.", "Parking, Elmwood main office"),
    Article("cars-bay", "Is there parking at Bayside?", "In the pier garage.", "Parking at Bayside"),
    Article("pool", "Do you have a pool?", "The pool is at Bayside.", "Pool"),
)


def cited(text: str) -> list[str]:
    return [part.answer.text if part.answer else "-" for part in build(SITES, ()).find(text, ASKING)]


def test_words_that_set_articles_about_one_thing_apart_are_places() -> None:
    shelver = Shelver(standard_topics())
    shelver.shelve(SITES)
    assert set(shelver.places) == {"elmwood", "main", "baysid"}
    assert shelver.places["elmwood"] == shelver.places["main"] != shelver.places["baysid"]


def test_a_clinic_of_one_place_has_none() -> None:
    shelver = Shelver(standard_topics())
    shelver.shelve(SITES[::2][:1])
    assert shelver.places == {}


def test_a_place_alone_is_no_matter() -> None:
    assert cited("where is the bayside office") == ["We are at 9 Pier Road, upstairs."]
    assert cited("tell me about bayside") == ["-"]


def test_one_place_does_not_answer_for_another() -> None:
    assert cited("is there parking at the main office") == ["Behind the bank."]


def test_a_place_named_once_holds_for_the_rest() -> None:
    assert cited("where is bayside and can i park there") == ["We are at 9 Pier Road, upstairs.", "In the pier garage."]


def test_both_answer_where_no_place_is_named() -> None:
    (told,) = cited("do you have parking?")
    assert "bank" in told
    assert "garage" in told


def test_an_article_about_no_place_answers_for_each() -> None:
    assert cited("is there a pool in elmwood") == ["The pool is at Bayside."]
