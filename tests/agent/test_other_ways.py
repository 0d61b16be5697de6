"""Ways a call goes on when talking does not work."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from agent import opt_outs, other_ways
from agent.bootstrap import Agent
from agent.messages import Inbound
from agent.models import Conversation, OutboxMessage
from dialogs.step import Kind
from tests.builders import NUMBER
from tests.fakes.doorbell import FakeDoorbell

CALL = "CA1"


def calling(agent: Agent) -> str:
    """A call under way; its conversation."""
    agent.turns.hear(Inbound("voice", f"{CALL}:1", Kind.WORDS, NUMBER, "patient.name=Ann Lee", session=CALL))
    with agent.store.reading() as session:
        return session.scalars(select(Conversation.id)).one()


def test_a_text_to_go_on_with_is_queued_once_for_a_call(agent: Agent, doorbell: FakeDoorbell) -> None:
    conversation = calling(agent)
    assert other_ways.text_instead(agent, CALL, NUMBER, "go on here")
    assert other_ways.text_instead(agent, CALL, NUMBER, "go on here")
    with agent.store.reading() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "continue_by_text")).all()
    assert [(row.transport, row.conversation_id) for row in rows] == [("sms", conversation)]
    assert rows[0].id in doorbell.rings


def test_no_text_to_who_does_not_want_any(agent: Agent) -> None:
    """47 CFR 64.1200: not even one that was asked for on the telephone."""
    with agent.store.transaction() as session:
        opt_outs.opt_out(session, NUMBER, agent.clock())
    assert not other_ways.text_instead(agent, CALL, NUMBER, "go on here")


def test_texts_are_offered_only_where_they_can_be_sent(agent: Agent) -> None:
    assert not other_ways.may_text(agent, NUMBER)
    account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t" * 32,)}
    sending = replace(agent, settings=agent.settings.model_copy(update=account))
    assert other_ways.may_text(sending, NUMBER)
    with agent.store.transaction() as session:
        opt_outs.opt_out(session, NUMBER, agent.clock())
    assert not other_ways.may_text(sending, NUMBER)
