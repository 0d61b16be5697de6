"""One inbound message, one turn, one transaction, one reply."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from agent.bootstrap import Agent
from agent.models import Call, Contact, Conversation, Lead, OutboxMessage, Receipt, Utterance
from agent.store import Store
from agent.turns import TurnFailed
from dialogs.step import Kind
from tests.agent.record import all_leads, how_many, transcript
from tests.builders import NUMBER, a_text, in_call
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell
from tests.fakes.minds import PlainEngine

Build = Callable[..., Agent]
ROWS = (Contact, Conversation, Receipt, Utterance, Lead)


def said(reply: object) -> list[str]:
    return [line.text for line in reply.lines]  # type: ignore[attr-defined]


def test_a_first_message_makes_a_conversation_a_transcript_and_a_reply(agent: Agent) -> None:
    reply = agent.turns.hear(a_text("patient.name=Ann Lee"))
    assert said(reply)[0].endswith("1: patient.name=Ann Lee")
    assert transcript(agent.store) == [("caller", "patient.name=Ann Lee"), ("line", said(reply)[0])]
    assert [lead["slots"]["patient.name"]["value"] for lead in all_leads(agent.store)] == ["Ann Lee"]


def test_the_same_message_gets_the_same_reply_and_changes_nothing(agent: Agent, engine: PlainEngine, clock: FakeClock) -> None:
    """A18: same message id twice, and 24 h later: one row, one transition, one reply."""
    message = a_text("patient.name=Ann Lee; #complete", id="SM-once")
    first = agent.turns.hear(message)
    rows = how_many(agent.store, *ROWS, OutboxMessage)
    clock.passes(seconds=10)
    assert agent.turns.hear(message) == first
    clock.passes(hours=24)
    assert agent.turns.hear(message) == first
    assert how_many(agent.store, *ROWS, OutboxMessage) == rows
    assert engine.steps == 1


def test_the_same_message_fifty_times_at_once_is_one_turn(agent: Agent, build_on: Build, store: Store, database_url: str) -> None:
    """A18: 50 concurrent deliveries to two processes: one receipt, one transition, one reply for all."""
    other = build_on(Store(database_url, store.vault))
    processes, message = [agent, other], a_text("patient.name=Ann Lee; #complete", id="SM-fifty")
    with ThreadPoolExecutor(50) as pool:
        replies = set(pool.map(lambda number: processes[number % 2].turns.hear(message), range(50)))
    other.store.dispose()
    assert len(replies) == 1
    assert how_many(store, *ROWS) == [1, 1, 1, 2, 1]
    assert [lead["notifications"][0]["kind"] for lead in all_leads(store)] == ["coordinator_email"]


def test_two_first_messages_at_once_are_one_conversation(build_on: Build, store: Store, database_url: str) -> None:
    """A19: two different messages of one new number arriving at once: one conversation, both kept in order of arrival, one lead."""
    meeting = threading.Barrier(2, timeout=10)
    met = threading.local()

    def wait_for_the_other() -> None:
        if not getattr(met, "done", False):
            met.done = True
            meeting.wait()

    engines = [PlainEngine(before=wait_for_the_other), PlainEngine(before=wait_for_the_other)]
    stores = [Store(database_url, store.vault) for _ in engines]
    processes = [build_on(opened, engine) for opened, engine in zip(stores, engines, strict=True)]
    messages = [a_text("patient.name=Ann Lee"), a_text("patient.email=ann@home.example")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: pair[0].turns.hear(pair[1]), zip(processes, messages, strict=True)))
    for opened in stores:
        opened.dispose()
    assert how_many(store, *ROWS) == [1, 1, 2, 4, 1]
    assert sorted(all_leads(store)[0]["slots"]) == ["patient.email", "patient.name"]
    assert sum(engine.steps for engine in engines) == 3, "both thought, and the loser thought again"
    assert {text for who, text in transcript(store) if who == "caller"} == {message.text for message in messages}


def test_many_messages_of_one_person_at_once_lose_none(agent: Agent, build_on: Build, store: Store, database_url: str) -> None:
    """The version decides; nobody's transition is overwritten."""
    other = build_on(Store(database_url, store.vault))
    processes = [agent, other]
    slots = [f"patient.slot_{letter}=said" for letter in "abcdefghijkl"]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda pair: processes[pair[0] % 2].turns.hear(a_text(pair[1])), enumerate(slots)))
    other.store.dispose()
    assert len(all_leads(store)[0]["slots"]) == 12
    assert how_many(store, Conversation, Receipt, Lead) == [1, 12, 1]


def test_the_doorbell_rings_after_commit_with_the_urgent_ones_first(agent: Agent, doorbell: FakeDoorbell) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee; #complete #urgent"))
    with agent.store.reading() as session:
        urgency = {row.id: row.urgent for row in session.scalars(select(OutboxMessage))}
    assert set(doorbell.rings) == set(urgency)
    assert [urgency[row] for row in doorbell.rings] == sorted(urgency.values(), reverse=True)


def test_a_fault_in_thinking_is_an_apology_and_leaves_nothing(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    """A failed turn rolls back whole; the caller hears one worded apology and how to reach a person. The log names the place, never the words."""
    with caplog.at_level(logging.DEBUG), pytest.raises(TurnFailed) as failed:
        agent.turns.hear(a_text("patient.name=Canary Person; #bug"))
    assert "911" in said(failed.value.reply)[0]
    assert "(614) 555-0142" in said(failed.value.reply)[0]
    assert how_many(agent.store, *ROWS) == [0, 0, 0, 0, 0]
    logged = [record.__dict__ for record in caplog.records if record.name.startswith("referline")]
    assert "ZeroDivisionError at minds.py" in str(logged)
    assert "Canary" not in str(logged)


def test_a_locked_database_ends_in_an_apology_within_seconds(agent: Agent, database_url: str, store: Store) -> None:
    """A7, A30: never silence, never long."""
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    holder = Store(database_url, store.vault)
    started = time.monotonic()
    with holder.transaction() as session:
        session.execute(text("UPDATE conversation SET version = version"))
        with pytest.raises(TurnFailed):
            agent.turns.hear(a_text("patient.email=ann@home.example", id="SM-late"))
        assert time.monotonic() - started < 6
    holder.dispose()
    agent.turns.hear(a_text("patient.email=ann@home.example", id="SM-late"))
    assert sorted(all_leads(store)[0]["slots"]) == ["patient.email", "patient.name"]


def test_a_database_that_went_away_is_an_apology(quick_agent: Agent) -> None:
    path = quick_agent.store.sqlite_path
    assert path is not None
    quick_agent.store.dispose()
    for file in path.parent.iterdir():
        file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(TurnFailed):
        quick_agent.turns.hear(a_text("hello"))


def test_a_call_that_fails_asks_for_a_person(quick_agent: Agent) -> None:
    with pytest.raises(TurnFailed) as failed:
        quick_agent.turns.hear(in_call(Kind.WORDS, "#bug"))
    assert failed.value.reply.person


def test_who_comes_back_in_time_goes_on_where_they_stopped(agent: Agent, clock: FakeClock, engine: PlainEngine) -> None:
    """Resume by person: by text, then by call."""
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    clock.passes(minutes=20)
    agent.turns.hear(a_text("patient.email=ann@home.example"))
    clock.passes(hours=71)
    agent.turns.hear(in_call(Kind.OPENING, call="CA9"))
    agent.turns.hear(in_call(Kind.WORDS, "patient.phone=+16145550123", call="CA9"))
    assert [len(lead["slots"]) for lead in all_leads(agent.store)] == [3]
    assert [moment.new_session for moment in engine.moments] == [True, False, True, False]


def test_who_comes_back_too_late_begins_again(agent: Agent, clock: FakeClock) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    clock.passes(hours=73)
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    assert how_many(agent.store, Contact, Conversation, Lead) == [1, 2, 2]


def test_texts_after_the_promise_belong_to_the_request_but_a_call_begins_anew(agent: Agent, clock: FakeClock) -> None:
    """A55: a new call after the request was sent is answered as an unknown caller's would be."""
    agent.turns.hear(a_text("patient.name=Ann Lee; #complete"))
    clock.passes(hours=2)
    agent.turns.hear(a_text("patient.email=ann@home.example; #changed"))
    assert how_many(agent.store, Conversation) == [1]
    agent.turns.hear(in_call(Kind.OPENING, call="CA5"))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Bob Ray", call="CA5"))
    assert how_many(agent.store, Conversation, Lead) == [2, 2]
    assert len(all_leads(agent.store)[0]["slots"]) == 2


def test_a_call_goes_on_after_the_promise(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.OPENING))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee; #complete"))
    agent.turns.hear(in_call(Kind.WORDS, "#question"))
    assert how_many(agent.store, Conversation, Lead) == [1, 1]


def test_a_text_in_the_middle_of_a_call_does_not_begin_the_call_again(agent: Agent, engine: PlainEngine) -> None:
    agent.turns.hear(in_call(Kind.OPENING))
    agent.turns.hear(a_text("patient.email=ann@home.example"))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    assert [(moment.new_session, moment.on_call) for moment in engine.moments] == [(True, False), (False, True), (False, False)]


def test_a_text_after_a_call_whose_end_nobody_reported_begins_its_own_session(agent: Agent, engine: PlainEngine, clock: FakeClock) -> None:
    agent.turns.hear(in_call(Kind.OPENING))
    clock.passes(minutes=3)
    agent.turns.hear(a_text("patient.email=ann@home.example"))
    assert [(moment.new_session, moment.on_call) for moment in engine.moments] == [(True, False), (True, False)]


def test_a_hang_up_makes_a_partial_lead_at_once(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.OPENING))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee"))
    assert said(agent.turns.hear(in_call(Kind.HANGUP))) == []
    lead = all_leads(agent.store)[0]
    assert (lead["completeness"], lead["outcome"], [sent["kind"] for sent in lead["notifications"]]) == ("partial", "partial", ["coordinator_email"])
    with agent.store.reading() as session:
        assert session.scalars(select(Call.ended_at)).one() is not None


def test_a_late_report_of_an_old_call_ends_only_that_call(agent: Agent, engine: PlainEngine) -> None:
    """Status callbacks come late: by then the person may be texting."""
    agent.turns.hear(in_call(Kind.OPENING))
    agent.turns.hear(in_call(Kind.OPENING, call="CA2"))
    agent.turns.hear(in_call(Kind.HANGUP, call="CA1"))
    agent.turns.hear(in_call(Kind.HANGUP, call="CA-unheard-of"))
    assert engine.steps == 2
    with agent.store.reading() as session:
        assert {call.sid: call.ended_at is not None for call in session.scalars(select(Call))} == {"CA1": True, "CA2": False}


def test_callers_without_a_number_are_strangers_to_each_other(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Ann Lee", call="CA1", sender=None))
    agent.turns.hear(in_call(Kind.WORDS, "patient.name=Bob Ray", call="CA2", sender="anonymous"))
    agent.turns.hear(in_call(Kind.WORDS, "patient.email=ann@home.example", call="CA1", sender=None))
    assert how_many(agent.store, Contact, Conversation, Lead) == [2, 2, 2]


def test_the_same_number_in_another_form_is_the_same_contact(agent: Agent) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee", sender="+16145550123"))
    agent.turns.hear(a_text("patient.email=ann@home.example", sender="(614) 555-0123"))
    assert how_many(agent.store, Contact, Conversation) == [1, 1]


def test_somebody_else_at_the_same_number_gets_a_conversation_of_their_own(agent: Agent) -> None:
    """What is on record is somebody else's: it stays as it is."""
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    agent.turns.hear(a_text("#other"))
    agent.turns.hear(a_text("patient.name=Bob Ray"))
    assert how_many(agent.store, Contact, Conversation) == [1, 2]
    assert sorted(lead["slots"]["patient.name"]["value"] for lead in all_leads(agent.store)) == ["Ann Lee", "Bob Ray"]


def test_what_a_wrong_number_said_is_not_gone_on_with(agent: Agent) -> None:
    agent.turns.hear(a_text("#wrong_number"))
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    assert how_many(agent.store, Conversation, Lead) == [2, 2]


def test_a_reply_the_door_will_not_send_is_not_on_record_as_said(agent: Agent) -> None:
    """A56: a number nobody texts; the message is kept, and its lead."""
    reply = agent.turns.hear(a_text("patient.name=Ann Lee", sender="+447700900123", withhold="sender"))
    assert (reply.lines, reply.withheld) == ((), "sender")
    assert transcript(agent.store) == [("caller", "patient.name=Ann Lee")]
    assert how_many(agent.store, Lead) == [1]


def test_an_apology_is_in_the_language_of_the_conversation(quick_agent: Agent) -> None:
    quick_agent.turns.hear(a_text("me llamo Ana #spanish"))
    with pytest.raises(TurnFailed) as failed:
        quick_agent.turns.hear(a_text("#bug"))
    assert failed.value.reply.language == "es"
    assert "Lo siento" in said(failed.value.reply)[0]


def test_hostile_text_is_kept_as_it_came(agent: Agent) -> None:
    hostile = "\x00\ud800 'DROP TABLE lead;-- \u202e " + "a" * 100_000
    agent.turns.hear(a_text(hostile))
    assert transcript(agent.store)[0] == ("caller", hostile)


def test_a_damaged_conversation_does_not_shut_the_line(agent: Agent) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    with agent.store.transaction() as session:
        session.execute(update(Conversation).values(state=b"\x01" + b"x" * 40))
    assert said(agent.turns.hear(a_text("patient.name=Ann Lee"))) != []
    assert how_many(agent.store, Conversation, Lead) == [2, 2]


def test_an_opted_out_number_is_heard_and_not_answered(agent: Agent) -> None:
    agent.turns.hear(a_text("STOP"))
    assert said(agent.turns.hear(a_text("patient.name=Ann Lee"))) == []
    assert [lead["slots"]["patient.name"]["value"] for lead in all_leads(agent.store)] == ["Ann Lee"]
    assert said(agent.turns.hear(in_call(Kind.WORDS, "hello"))) != [], "a call is no text"
    assert said(agent.turns.hear(a_text("START"))) != []
    assert said(agent.turns.hear(a_text("patient.email=ann@home.example"))) != []


def test_twilios_own_verdict_wins(agent: Agent) -> None:
    """A20: OptOutType, when present, wins over our reading."""
    agent.turns.hear(a_text("please no more", opt_out="STOP"))
    assert said(agent.turns.hear(a_text("hello"))) == []
    agent.turns.hear(a_text("yes", opt_out="START"))
    assert said(agent.turns.hear(a_text("hello"))) != []


def test_the_greeting_given_is_on_record(agent: Agent, clock: FakeClock) -> None:
    """A60: the disclosure's version is stored per call."""
    agent.turns.hear(in_call(Kind.OPENING))
    with agent.store.reading() as session:
        call, conversation = session.scalars(select(Call)).one(), session.scalars(select(Conversation)).one()
        assert (call.disclosure, call.disclosed_at) == ("test-1", clock.now)
        assert (conversation.disclosure, conversation.disclosed_at) == ("test-1", clock.now)


def test_number_is_known_to_the_lead_as_callers_only(agent: Agent) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    lead = all_leads(agent.store)[0]
    assert lead["caller"] == {"number": NUMBER, "role": None, "name": None}
    assert "patient.phone" not in lead["slots"]
