from __future__ import annotations

from datetime import date

import pytest

from knowledge.answer import Answer, Part
from knowledge.articles import Article
from knowledge.availability import LeadTime, Opening
from knowledge.payers import PayerRow, Rule, Status
from knowledge.phrasing import Phrasing, reply, spoken_numbers

ENGLISH, SPANISH = Phrasing("en"), Phrasing("es")


def row(status: Status, referral: Rule = Rule.NO, authorization: Rule = Rule.NO, plan: str = "HMO", notes: str = "") -> PayerRow:
    return PayerRow("Acme", ("acme",), plan, status, referral, authorization, notes)


@pytest.mark.parametrize(
    ("status", "says"),
    [(Status.IN_NETWORK, "in network"), (Status.OUT_OF_NETWORK, "out of network"), (Status.VERIFY, "verify"), (Status.NOT_ACCEPTED, "do not accept")],
)
def test_every_status_is_said_in_its_own_words(status: Status, says: str) -> None:
    assert says in ENGLISH.payer(row(status)).text


@pytest.mark.parametrize("status", list(Status))
def test_coverage_is_never_promised(status: Status) -> None:
    for phrasing in (ENGLISH, SPANISH):
        said = phrasing.payer(row(status)).text.lower()
        assert not any(word in said for word in ("covered", "will pay", "guarantee", "cubierto", "garantiza"))


def test_the_referral_and_authorization_rules_are_told() -> None:
    assert "needs a referral and prior authorization" in ENGLISH.payer(row(Status.IN_NETWORK, Rule.YES, Rule.YES)).text
    assert "No referral or prior authorization" in ENGLISH.payer(row(Status.IN_NETWORK)).text
    assert "needs a referral; no prior authorization needed" in ENGLISH.payer(row(Status.IN_NETWORK, Rule.YES)).text
    assert "staff will check if a referral is needed" in ENGLISH.payer(row(Status.VERIFY, Rule.UNKNOWN, Rule.NO)).text.lower()


def test_the_clinics_short_note_is_said_on_a_screen_only() -> None:
    worded = ENGLISH.payer(row(Status.NOT_ACCEPTED, notes="Treated as self-pay"))
    assert "Treated as self-pay." in worded.text
    assert "self-pay" not in worded.spoken


def test_the_split_names_every_plan_and_asks_for_theirs_without_a_second_question() -> None:
    rows = [row(Status.IN_NETWORK, plan="PPO"), row(Status.VERIFY, Rule.YES), row(Status.NOT_ACCEPTED, plan="Medicaid")]
    said = ENGLISH.split(rows, frozenset({"status"})).text
    assert all(word in said for word in ("PPO", "HMO", "Medicaid", "not accepted", "Tell me your plan"))
    assert "?" not in said, "a conversation has a question of its own open"
    assert "depends on the plan" in ENGLISH.split(rows, frozenset({"referral"})).text


def test_the_ear_gets_less_than_the_eye() -> None:
    worded = ENGLISH.payer(row(Status.IN_NETWORK))
    assert len(worded.spoken) < len(worded.text)
    long = Article("a", "q", "One sentence here that is quite long. " * 12)
    assert ENGLISH.articles((long,)).spoken.endswith("I can text you the rest.")


def test_telephone_numbers_are_said_digit_by_digit() -> None:
    assert spoken_numbers("Call 480-555-0117.") == "Call 4 8 0, 5 5 5, 0 1 1 7."


def test_twin_articles_are_given_together_where_they_fit() -> None:
    twins = (Article("a", "q", "Mesa opens at 9 AM."), Article("b", "q", "Tempe opens at 6 AM."))
    assert ENGLISH.articles(twins).text == "Mesa opens at 9 AM. Tempe opens at 6 AM."
    assert ENGLISH.articles((twins[0], Article("c", "q", "x" * 400))).text == "Mesa opens at 9 AM."


def test_spanish_speakers_get_spanish_and_the_english_article_with_a_word_before_it() -> None:
    assert "dentro de la red" in SPANISH.payer(row(Status.IN_NETWORK)).text
    assert SPANISH.articles((Article("a", "q", "Bring a towel."),)).text.startswith("La clínica lo dice en inglés")
    assert "días hábiles" in SPANISH.lead_time(LeadTime(3)).text


def test_openings_are_worded_as_days_and_hours() -> None:
    assert "Tue Nov 24 at 2:30 PM" in ENGLISH.openings([Opening(date(2026, 11, 24), "14:30")]).text


def test_a_reply_holds_the_answers_and_who_answers_the_rest() -> None:
    answer = Answer("article:a", "We open at nine.", "We open at nine.", "web", None, 0.9)
    parts = (Part("when do you open", answer), Part("do you sell hats?", None), Part("thanks", None, small_talk=True))
    said = reply(parts, ENGLISH, "sms")
    assert said == 'We open at nine. For "do you sell hats", a coordinator will get back to you.'
    assert reply(parts[1:2], ENGLISH, "sms") == "I don't have that answer here; a coordinator will get back to you."
