"""The line from outside: what a patient texts and says, and what is on record afterwards."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from agent.bootstrap import Agent
from agent.models import Call, Contact, Conversation, Lead, OutboxMessage, Receipt, Utterance
from channels.emulator import LINE, PhoneCall, Twilio
from tests.agent.record import all_leads, how_many, outgoing, transcript
from tests.fakes.clock import FakeClock

SENTENCE = "I was referred by Dr. Smith at the ortho center; do you take Cigna, and when can I get in?"
BUSINESS_HOURS = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)

ANSWERS = (
    # what a question asks for, in the line's words; what this patient says
    ("full name", "Maria Lopez"),
    ("for you", "it's for me"),
    ("what is it", "my left knee hurts since I fell"),
    ("what are you coming", "my left knee hurts since I fell"),
    ("reason", "my left knee hurts since I fell"),
    ("phone", "415-555-0101"),
    ("number", "415-555-0101"),
    ("date of birth", "April 3 1985"),
    ("member", "U7744102903"),
    ("plan", "PPO"),
    ("insurance", "Cigna"),
    ("days", "Tuesday mornings"),
    ("time", "Tuesday mornings"),
    ("email", "no email"),
    ("office or practice", "the ortho center"),
    ("who referred", "Dr. Smith at the ortho center"),
    ("correct", "yes"),
    ("right", "yes"),
)


def answer_to(said: str) -> str:
    """What the patient says to the question at the end."""
    question = (re.findall(r"[^.?!\n]+[.?!]", said.lower()) or [""])[-1]
    found = sorted((question.find(cue), reply) for cue, reply in ANSWERS if cue in question)
    return found[0][1] if found else "I don't know"


def complete(agent: Agent) -> bool:
    return any(lead["completeness"] == "complete" for lead in all_leads(agent.store))


def notices(agent: Agent) -> list[str]:
    return sorted(kind for kind, *_ in outgoing(agent.store))


def test_the_sentence_by_text(twilio: Twilio, line: Agent) -> None:
    """Both parts answered from the clinic's own words, the referral kept, the next question asked; carried on, one complete lead."""
    said = "\n".join(twilio.text(SENTENCE).texts)
    assert "Cigna" in said
    assert "3 to 5 business days" in said
    assert said.strip().endswith("?")
    for _ in range(25):
        if complete(line):
            break
        said = "\n".join(twilio.text(answer_to(said)).texts)
    _one_complete_lead(line, source="sms")


def test_the_sentence_by_call(twilio: Twilio, line: Agent) -> None:
    """The same in gather mode."""
    call = PhoneCall(twilio).dial()
    said = call.say(SENTENCE.lower().replace(";", "").replace("?", ""))
    assert "cigna" in said.lower()
    assert "business days" in said
    for _ in range(25):
        if complete(line) or call.over:
            break
        said = _on_the_telephone(call, said)
    call.hang_up()
    _one_complete_lead(line, source="speech")


def _on_the_telephone(call: PhoneCall, said: str) -> str:
    """Answer the question: numbers by the keypad, a read-back by its 1, the rest by word of mouth."""
    answer = answer_to(said)
    if answer == "yes":
        return call.press("1")
    return call.press("4155550101#") if answer == "415-555-0101" else call.say(answer)


def _one_complete_lead(line: Agent, source: str) -> None:
    (lead,) = all_leads(line.store)
    assert lead["completeness"] == "complete"
    slots = lead["slots"]
    assert slots["referral.provider"]["value"] == "Dr. Alan Smith"
    assert slots["insurance.carrier"]["value"] == "Cigna"
    assert slots["patient.name"]["value"] == "Maria Lopez"
    assert slots["referral.provider"]["source"] == source
    assert notices(line) == ["coordinator_email", "physician_thank_you"]


def test_a_call_whose_every_answer_is_lost_goes_on_where_it_was(twilio: Twilio, line: Agent) -> None:
    """A16, for calls Twilio hears: the fallback repeats the answer that was lost; nothing is asked twice, and there is one lead."""
    call = PhoneCall(twilio).dial()
    said = call.say(SENTENCE)
    for _ in range(25):
        if complete(line) or call.over:
            break
        said = _on_the_telephone(call, said)
        if call.over:
            break
        lost, heard = call._at, len(call.heard)
        call._fetch("/twilio/voice/fallback", {"ErrorCode": "11200", "ErrorUrl": lost})
        again = " ".join(call.heard[heard:])
        assert _greets(again)
        assert again.endswith(said)
    call.hang_up()
    _one_complete_lead(line, source="speech")


def test_the_same_text_fifty_times_at_once_and_a_day_later(twilio: Twilio, line: Agent, clock: FakeClock) -> None:
    """A18: one inbound row, one transition, one reply."""
    with ThreadPoolExecutor(12) as crowd:
        replies = list(crowd.map(lambda _: tuple(twilio.text("hello, I need physical therapy", sid="SM1").texts), range(50)))
    clock.passes(hours=24)
    replies.append(tuple(twilio.text("hello, I need physical therapy", sid="SM1").texts))
    assert len(set(replies)) == 1
    assert len(replies[0]) == 1
    assert how_many(line.store, Receipt, Conversation, Contact) == [1, 1, 1]
    assert [who for who, _ in transcript(line.store)].count("caller") == 1


def test_two_texts_of_a_new_number_at_the_same_moment(twilio: Twilio, line: Agent) -> None:
    """A19: one conversation, both kept, one lead."""
    texts = ("my name is Maria Lopez", "I have Cigna insurance")
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda text: twilio.text(text).texts, texts))
    assert how_many(line.store, Conversation, Lead, Receipt) == [1, 1, 2]
    assert {text for who, text in transcript(line.store) if who == "caller"} == set(texts)
    (lead,) = all_leads(line.store)
    assert lead["slots"]["patient.name"]["value"] == "Maria Lopez"
    assert lead["slots"]["insurance.carrier"]["value"] == "Cigna"


@pytest.mark.parametrize("text", ["STOP", "Stop.", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
def test_carrier_keywords_opt_out_without_a_word_from_us(twilio: Twilio, line: Agent, text: str) -> None:
    """A20."""
    assert twilio.text(text).texts == []
    assert _opted_out(line)
    assert twilio.text("are you open tomorrow?").texts == []


@pytest.mark.parametrize("text", ["opt out", "please stop texting me"])
def test_other_ways_to_opt_out_work_as_well(twilio: Twilio, line: Agent, text: str) -> None:
    """A20; one confirmation is allowed, because no carrier has answered (47 CFR 64.1200(a)(12))."""
    assert len(twilio.text(text).texts) <= 1
    assert _opted_out(line)


@pytest.mark.parametrize("text", ["I can stop by at 5", "cancel my appointment please"])
def test_stopping_by_is_not_opting_out(twilio: Twilio, line: Agent, text: str) -> None:
    """A20."""
    assert twilio.text(text).texts
    assert not _opted_out(line)


def test_start_brings_the_texts_back(twilio: Twilio, line: Agent) -> None:
    """A20."""
    twilio.text("STOP")
    twilio.text("START")
    assert not _opted_out(line)
    assert twilio.text("do you take Cigna?").texts


def test_help_is_answered_once(twilio: Twilio) -> None:
    """A20."""
    assert len(twilio.text("HELP").texts) == 1
    assert twilio.text("HELP", OptOutType="HELP").texts == []


def _opted_out(line: Agent) -> bool:
    with line.store.reading() as session:
        return any(contact.opted_out_at for contact in session.query(Contact))


def test_a_machine_that_answers_everything_is_left_alone(twilio: Twilio, line: Agent) -> None:
    """A56: at most five replies, and every message kept."""
    sentence = "Thank you for your message. We are out of the office."
    replies = [twilio.text(sentence).texts for _ in range(9)]
    assert sum(map(bool, replies)) <= 5
    assert [who for who, _ in transcript(line.store)].count("caller") == 9


GREETING = ("Riverside Physical Therapy", "automated assistant", "transcribed")


def _greets(said: str) -> bool:
    return all(words in said for words in GREETING) and ("911" in said or "9 1 1" in said)


def test_every_call_begins_with_the_disclosure_and_its_version_is_kept(twilio: Twilio, line: Agent, clock: FakeClock) -> None:
    """A60: at night, after the desk did not answer, for a withheld number, and for who calls again."""
    for from_, now in (("+14155550101", clock()), ("+14155550102", BUSINESS_HOURS), ("anonymous", clock()), ("+14155550101", clock())):
        clock.now = now
        call = PhoneCall(twilio, from_=from_).dial()
        assert _greets(call.heard[0]), call.heard
        call.say("I need an appointment")
        call.hang_up()
    with line.store.reading() as session:
        kept = [bool(call.disclosure and call.disclosed_at and call.ended_at) for call in session.query(Call)]
    assert kept == [True] * 4


def test_a_call_changes_to_spanish_by_a_key(twilio: Twilio, line: Agent) -> None:
    """Offered in Spanish after the greeting: until it is known, the recogniser listens for English."""
    call = PhoneCall(twilio).dial()
    assert call.heard[1] == "Para español, oprima 9."
    said = call.press("9")
    assert call.gather is not None
    assert call.gather.get("language") == "es-US"
    assert "nombre" in said
    assert "oprima" not in said
    call.say("me llamo María López")
    call.hang_up()
    (lead,) = all_leads(line.store)
    assert lead["language"] == "es"
    assert lead["slots"]["patient.name"]["value"] == "María López"


def test_a_red_flag_by_call_is_answered_first_and_to_the_end(twilio: Twilio, line: Agent) -> None:
    """A59."""
    call = PhoneCall(twilio).dial()
    said = call.say("i have chest pain and i can't breathe")
    assert "9 1 1" in said.split(".")[0] + said.split(".")[1] or "911" in said
    assert "coordinator_email" in notices(line) or "urgent_alert" in notices(line)
    document = twilio.post(
        "/twilio/voice/turn?step=1", {"CallSid": call.sid, "From": call.from_, "To": call.to, "SpeechResult": "i have chest pain and i can't breathe"}
    ).document
    assert document[0].tag == "Say"


def test_a_dropped_call_is_a_partial_lead_and_goes_on_by_text(twilio: Twilio, line: Agent) -> None:
    """What was said is kept at the hang-up; who comes back is not asked for it again, and not told it either."""
    call = PhoneCall(twilio).dial()
    call.say("my name is Maria Lopez")
    call.hang_up()
    (lead,) = all_leads(line.store)
    assert (lead["completeness"], lead["slots"]["patient.name"]["value"]) == ("partial", "Maria Lopez")
    said = " ".join(twilio.text("hi, we got cut off").texts)
    assert "Maria" not in said
    assert len(all_leads(line.store)) == 1


@contextmanager
def locked(line: Agent, seconds: float) -> Iterator[None]:
    """Somebody else writes to the database for a while."""
    path = line.store.sqlite_path
    assert path is not None
    begun = threading.Event()

    def hold() -> None:
        with sqlite3.connect(path, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            begun.set()
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    yield
    holder.join()


def test_a_database_held_by_somebody_else_costs_an_apology_at_most(twilio: Twilio, line: Agent) -> None:
    """A7, A30: an answer within seconds, never a traceback; the same message sent again counts once."""
    ring = {"CallSid": "CA1", "From": "+14155550102", "To": LINE}
    with locked(line, 6.0), ThreadPoolExecutor(2) as both:
        began = time.monotonic()
        rung = both.submit(twilio.post, "/twilio/voice", ring)
        (text,) = twilio.text("my name is Maria Lopez", sid="SM1").texts
        assert "again" in text
        assert rung.result().document[-1].tag == "Redirect"
        took = time.monotonic() - began
    assert took < 5
    assert how_many(line.store, Receipt, Utterance) == [0, 0]
    assert twilio.text("my name is Maria Lopez", sid="SM1").texts
    assert how_many(line.store, Receipt) == [1]


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "😀" * 20_000, "\x00\x07\x1b[31m", "", "    ", "\u202etxet", "{{7*7}} <script>alert(1)</script> ' OR 1=1; --"],
    ids=["long", "emoji", "control", "empty", "blank", "backwards", "markup"],
)
def test_anything_at_all_can_be_texted(twilio: Twilio, line: Agent, text: str) -> None:
    """A reply, well-formed, and the message on record."""
    answered = twilio.text(text)
    assert answered.status == 200
    assert all(answered.texts)
    assert how_many(line.store, Receipt) == [1]


def test_a_text_from_abroad_is_kept_and_not_answered(twilio: Twilio, line: Agent) -> None:
    """A56."""
    assert twilio.text("I need physical therapy", from_="+447700900123").texts == []
    assert twilio.text("I need physical therapy", from_="72975").texts == []
    assert how_many(line.store, Receipt) == [2]


def test_nothing_goes_out_for_an_unsigned_request(twilio: Twilio, line: Agent) -> None:
    """A1: 403, and no row of any kind."""
    assert twilio.post("/twilio/sms", twilio.text_fields("hello"), signature="").status == 403
    assert how_many(line.store, Receipt, Conversation, Contact, Utterance, Lead, OutboxMessage, Call) == [0] * 7
