"""Who stops answering leaves a partial lead, once, and can still go on."""

from __future__ import annotations

from sqlalchemy import update

from agent import sweeps
from agent.bootstrap import Agent
from agent.models import Conversation
from tests.agent.record import all_leads, how_many, outgoing
from tests.builders import a_text
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell


def test_a_thread_gone_quiet_becomes_a_partial_lead_once(agent: Agent, clock: FakeClock, doorbell: FakeDoorbell) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    clock.passes(minutes=29)
    assert sweeps.close_quiet(agent) == 0
    clock.passes(minutes=1)
    assert sweeps.close_quiet(agent) == 1
    assert sweeps.close_quiet(agent) == 0
    assert [(kind, payload["event"]) for kind, _, _, payload in outgoing(agent.store)] == [("coordinator_email", "partial")]
    assert len(doorbell.rings) == 1


def test_who_comes_back_goes_on_and_the_lead_is_completed(agent: Agent, clock: FakeClock) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    clock.passes(hours=1)
    sweeps.close_quiet(agent)
    agent.turns.hear(a_text("patient.email=ann@home.example; #complete"))
    clock.passes(hours=1)
    sweeps.close_quiet(agent)
    assert how_many(agent.store, Conversation) == [1]
    assert [lead["completeness"] for lead in all_leads(agent.store)] == ["complete"]
    assert [payload["event"] for *_, payload in outgoing(agent.store)] == ["partial", "complete"]


def test_a_conversation_in_which_nothing_was_said_leaves_nothing(agent: Agent, clock: FakeClock) -> None:
    agent.turns.hear(a_text("hello"))
    clock.passes(hours=1)
    assert sweeps.close_quiet(agent) == 1
    assert outgoing(agent.store) == []


def test_a_conversation_that_cannot_be_opened_stops_nobody(agent: Agent, clock: FakeClock) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee"))
    with agent.store.transaction() as session:
        session.execute(update(Conversation).values(state=b"\x01" + b"x" * 40))
    agent.turns.hear(a_text("patient.name=Bob Ray", sender="+16145550124"))
    clock.passes(hours=1)
    assert sweeps.close_quiet(agent) == 2
    assert len(outgoing(agent.store)) == 1
