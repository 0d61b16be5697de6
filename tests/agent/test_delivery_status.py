"""What carriers report about texts (A23)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from agent import delivery_status, outbox
from agent.bootstrap import Agent
from agent.models import OutboxMessage
from tests.agent.record import tasks

LEASE = timedelta(minutes=5)
MONDAY = date(2026, 11, 23)


@pytest.fixture
def sent(quick_agent: Agent) -> Agent:
    """An agent that has sent one text, SM1."""
    store, now = quick_agent.store, quick_agent.clock()
    with store.transaction() as session:
        outbox.put(session, kind="answer_text", transport="sms", to="+16145550123", payload={"text": "t"}, dedupe_key="k", due_at=now)
    claimed = outbox.claim(store, outbox.due(store, now, 1)[0], now, LEASE)
    assert claimed is not None
    outbox.sent(store, claimed, now, "SM1")
    return quick_agent


def report(agent: Agent, *statuses: str) -> str | None:
    """Report these one after the other; what the record says in the end."""
    for status in statuses:
        delivery_status.note(agent.store, "SM1", status, agent.clock(), MONDAY)
    with agent.store.reading() as session:
        return session.scalars(select(OutboxMessage.provider_status)).one()


def test_a_late_report_does_not_undo_a_delivery(sent: Agent) -> None:
    """A23."""
    assert report(sent, "delivered", "sent", "sending", "delivered", "queued") == "delivered"


def test_the_order_of_reports_does_not_matter(sent: Agent) -> None:
    """A23."""
    for order in permutations(("queued", "sent", "delivered")):
        assert report(sent, *order) == "delivered"


def test_reports_about_somebody_elses_text_change_nothing(sent: Agent) -> None:
    """A23."""
    assert not delivery_status.note(sent.store, "SM-unknown", "failed", sent.clock(), MONDAY)
    assert tasks(sent.store) == []


def test_a_report_that_is_faster_than_our_own_record_is_not_lost(quick_agent: Agent) -> None:
    """A23: the vendor may tell of a delivery before the answer to our request, with its id of the message, is on record."""
    store, now = quick_agent.store, quick_agent.clock()
    with store.transaction() as session:
        outbox.put(session, kind="answer_text", transport="sms", to="+16145550123", payload={"text": "t"}, dedupe_key="k", due_at=now)
    (row,) = outbox.due(store, now, 1)
    claimed = outbox.claim(store, row, now, LEASE)
    assert claimed is not None
    assert delivery_status.note(store, "SM1", "undelivered", now, MONDAY, outbox_id=row)
    assert outbox.sent(store, claimed, now, "SM1")
    assert not delivery_status.note(store, "SM2", "delivered", now, MONDAY, outbox_id=row), "another attempt's, or somebody else's"
    with store.reading() as session:
        assert session.scalars(select(OutboxMessage.provider_status)).one() == "undelivered"
    assert tasks(store) == [("undelivered", "2026-11-23")]


def test_a_text_that_did_not_arrive_is_a_task_once(sent: Agent) -> None:
    assert report(sent, "undelivered", "undelivered", "failed") == "undelivered"
    assert tasks(sent.store) == [("undelivered", "2026-11-23")]


def test_a_text_that_arrived_is_no_task_whatever_comes_late(sent: Agent) -> None:
    report(sent, "delivered", "undelivered")
    assert tasks(sent.store) == []
