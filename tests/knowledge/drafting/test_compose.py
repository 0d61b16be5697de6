"""Documents of a clinic nobody has seen become articles that answer, with their source, and payer rows."""

from __future__ import annotations

from datetime import date

from knowledge.answer import Asker
from knowledge.documents.document import Block, Document, Skipped
from knowledge.drafting.compose import draft
from knowledge.drafting.draft import Draft, from_json, to_json
from knowledge.finder import build

TODAY = date(2026, 11, 21)


def _draft(*blocks: Block, furniture: tuple[str, ...] = ()) -> Draft:
    return draft(Document(blocks, furniture=furniture), "leaflet.pdf")


def _said(made: Draft, question: str) -> str:
    parts = build([entry.article for entry in made.articles], made.payers).find(question, Asker(TODAY, implied=True))
    return " ".join(part.answer.text for part in parts if part.answer)


def test_a_question_of_the_document_is_the_articles_question() -> None:
    made = _draft(
        Block("text", "Only service dogs.", lead="Can I bring my dog?"), Block("text", "Do you validate parking?"), Block("text", "For an hour.")
    )
    assert [(entry.article.question, entry.article.answer) for entry in made.articles] == [
        ("Can I bring my dog?", "Only service dogs."),
        ("Do you validate parking?", "For an hour."),
    ]


def test_a_passage_without_a_question_is_filed_under_what_a_caller_would_ask() -> None:
    made = _draft(
        Block("heading", "Odds and ends", level=2), Block("text", "Parking behind the bakery is free.", page=3), Block("text", "We have no pool.")
    )
    parking = made.articles[0].article
    assert (parking.question, parking.source) == ("Is there parking?", "leaflet.pdf, page 3")
    assert "bakery" in _said(made, "where do I park")


def test_a_long_paragraph_is_cut_where_its_subject_changes() -> None:
    text = (
        "Copays are due when you check in, by card or in cash. If you need to cancel, call us a full day ahead of your appointment. "
        "Our front desk speaks Spanish and can book a phone interpreter for other languages."
    )
    made = _draft(Block("text", text))
    assert len(made.articles) == 3
    assert "interpreter" in _said(made, "do you have an interpreter")


def test_rows_of_a_table_answer_each_and_days_together() -> None:
    prices = Block("table", rows=(("Service", "Fee"), ("Dry needling", "$44"), ("Gym pass, monthly", "$31")))
    hours = Block("table", rows=(("Day", "Hours"), ("Mon-Thu", "7 AM to 6 PM"), ("Fri", "7 AM to 1 PM")))
    made = _draft(Block("heading", "Prices", level=1), prices, Block("heading", "Oak Street clinic", level=1), hours)
    assert [entry.article.answer for entry in made.articles] == [
        "Dry needling: $44",
        "Gym pass, monthly: $31",
        "Oak Street clinic hours: Mon-Thu 7 AM to 6 PM; Fri 7 AM to 1 PM.",
    ]
    assert "$44" in _said(made, "how much is dry needling")


def test_a_heading_that_asks_is_answered_by_what_follows_it() -> None:
    made = _draft(
        Block("heading", "How soon can I come?", level=3), Block("text", "Within a week."), Block("text", "Hand therapy takes longer."),
        Block("heading", "What should I bring?", level=3), Block("item", "A photo ID"), Block("item", "Your card"),
        Block("heading", "Questions?", level=3), Block("text", "Write to desk@oak.example."),
    )  # fmt: skip
    assert [(entry.article.question, entry.article.answer) for entry in made.articles][:2] == [
        ("How soon can I come?", "Within a week. Hand therapy takes longer."),
        ("What should I bring?", "A photo ID; Your card."),
    ]
    assert made.articles[2].article.question != "Questions?"


def test_hours_of_several_places_are_told_apart() -> None:
    hours = Block("table", rows=(("", "Oak Street", "Elm Street"), ("Mon-Thu", "7 AM to 6 PM", "8 AM to 5 PM"), ("Fri", "7 AM to 1 PM", "closed")))
    made = _draft(Block("heading", "When we are open", level=2), hours)
    assert [entry.article.answer for entry in made.articles] == [
        "Oak Street hours: Mon-Thu 7 AM to 6 PM; Fri 7 AM to 1 PM.",
        "Elm Street hours: Mon-Thu 8 AM to 5 PM; Fri closed.",
    ]


def test_what_begins_later_answers_from_then_on_and_a_closure_is_told_beforehand() -> None:
    made = _draft(
        Block("text", "Starting January 4, 2027 the evaluation costs $155."),
        Block("text", "The Elm Street clinic is closed starting December 24, 2026."),
    )
    assert [entry.article.effective for entry in made.articles] == [date(2027, 1, 4), None]


def test_what_is_said_of_a_person_is_filed_under_the_person() -> None:
    """ "Ann treats runners" does not answer whether the clinic has a running program."""
    made = _draft(Block("heading", "Ann Lee, DPT", level=3), Block("text", "Ann treats runners and dancers."))
    assert [entry.article.question for entry in made.articles] == ["Who is Ann Lee?"]


def test_a_table_whose_columns_ask_is_read_by_their_names() -> None:
    table = Block("table", rows=(("Class", "Where?", "Cost?"), ("Balance", "Elm Street", "$9")))
    made = _draft(Block("heading", "Classes", level=2), table)
    assert [entry.article.answer for entry in made.articles] == ["Balance: Where: Elm Street; Cost: $9"]


def test_bare_things_of_a_list_are_one_article() -> None:
    made = _draft(
        Block("heading", "Please bring", level=2), *(Block("item", text) for text in ("A photo ID", "Your insurance card", "Shoes you walk in"))
    )
    (entry,) = made.articles
    assert (entry.article.question, entry.article.answer) == (
        "What should I bring?",
        "Please bring: A photo ID; Your insurance card; Shoes you walk in.",
    )


def test_a_table_of_questions_gives_dates_and_owner() -> None:
    rows = (("Question", "Answer", "Expires", "Owner"), ("Is there a sauna?", "Yes, on the roof.", "2026-12-31", "Ines"))
    (entry,) = _draft(Block("table", rows=rows)).articles
    assert (entry.article.expires, entry.owner) == (date(2026, 12, 31), "Ines")


def test_dates_of_the_document_and_of_an_offer_are_kept() -> None:
    made = _draft(Block("text", "Saturday visits at Oak Street are offered through March 31, 2027."), furniture=("Leaflet, rev. 04/2026",))
    assert (made.effective, made.articles[0].article.expires) == (date(2026, 4, 1), date(2027, 3, 31))


def test_what_is_not_understood_is_listed_with_its_page() -> None:
    blocks = (Block("text", "Signature: ____________ Date: ________", page=2), Block("text", "Parking is free for patients.", page=1))
    made = draft(Document(blocks, skipped=(Skipped(4, "a scan"),)), "leaflet.pdf")
    assert [(place.page, place.why) for place in made.unread] == [(4, "a scan"), (2, "a form to fill in")]


def test_words_for_staff_are_marked_for_review() -> None:
    (entry,) = _draft(Block("text", "Offer the cancellation list and tell them we text first come first served.", lead="Sooner?")).articles
    assert "staff" in entry.review


def test_ids_stay_when_the_text_changes_so_that_importing_again_replaces() -> None:
    first, second = (_draft(Block("heading", "Parking", level=1), Block("text", text)) for text in ("Parking is free.", "Parking costs $3 a day."))
    assert first.articles[0].article.id == second.articles[0].article.id


def test_a_draft_survives_the_record() -> None:
    plans = Block("table", rows=(("Payer", "Type", "In network?"), ("Northwind", "PPO", "Yes")))
    made = _draft(Block("text", "Parking is free until June 2027."), plans, furniture=("rev. 1/2026",))
    assert from_json(to_json(made)) == made


def test_an_answer_ends_where_another_matter_is_named() -> None:
    texts = ("Q: How long is a session?", "A: Forty minutes.", "Bring water.", "No shows: a missed visit costs $50.")
    made = _draft(*(Block("text", text) for text in texts))
    assert [entry.article.answer for entry in made.articles] == ["Forty minutes. Bring water.", "No shows: a missed visit costs $50."]
