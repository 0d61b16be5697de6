"""Messages on their way: written with their cause, leased, fenced, and each with an end somebody sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agent import outbox
from agent.models import OutboxMessage
from agent.outbox import Claimed, Delivery
from agent.store import Store
from tests.agent.record import outgoing as on_record
from tests.agent.record import tasks
from tests.builders import LEASE, outgoing
from tests.fakes.clock import FakeClock


def put(store: Store, clock: FakeClock, key: str = "a", **changes: object) -> str:
    with store.transaction() as session:
        outbox.put(session, **outgoing(key, due_at=clock(), **changes))
        return outbox.written(session)[0]


def claimed(store: Store, clock: FakeClock, row: str) -> Claimed:
    found = outbox.claim(store, row, clock(), LEASE)
    assert found is not None
    return found


def state_of(store: Store, row: str) -> OutboxMessage:
    with store.reading() as session:
        return session.get_one(OutboxMessage, row)


def test_a_key_is_used_once(store: Store, clock: FakeClock) -> None:
    with store.transaction() as session:
        assert outbox.put(session, **outgoing("complete:RL-1", due_at=clock()))
        assert not outbox.put(session, **outgoing("complete:RL-1", due_at=clock()))
    with store.transaction() as session:
        assert not outbox.put(session, **outgoing("complete:RL-1", due_at=clock()))
    assert len(on_record(store)) == 1


def test_a_number_gets_so_many_texts_a_day_of_our_own_accord(store: Store, clock: FakeClock) -> None:
    """A56: however often somebody calls in another's name. What is urgent is sent all the same, and so are e-mails."""
    text = {"transport": "sms", "kind": "continue_by_text", "to": "+16145550190"}

    def written(key: str, **changes: object) -> bool:
        with store.transaction() as session:
            return outbox.put(session, **outgoing(key, due_at=clock(), **{**text, **changes}))

    assert [written(f"call-{n}") for n in range(outbox.MOST_TO_ONE + 2)] == [True] * outbox.MOST_TO_ONE + [False] * 2
    assert written("another number", to="+16145550191")
    assert written("urgent", urgent=True)
    assert written("an e-mail", transport="email", to="ann@clinic.example")
    clock.passes(minutes=24 * 60 + 1)
    assert written("tomorrow")


def test_urgent_messages_are_due_first_and_later_ones_not_yet(store: Store, clock: FakeClock) -> None:
    """A36."""
    routine, urgent = put(store, clock, "routine"), put(store, clock, "urgent", urgent=True)
    with store.transaction() as session:
        outbox.put(session, **outgoing("later", due_at=clock() + timedelta(hours=1)))
    assert outbox.due(store, clock(), 10) == [urgent, routine]
    assert outbox.due(store, clock(), 1) == [urgent]


def test_a_message_is_leased_to_one_worker(store: Store, clock: FakeClock, database_url: str) -> None:
    row = put(store, clock)
    others = [Store(database_url, store.vault) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        got = [found for found in pool.map(lambda other: outbox.claim(other, row, clock(), LEASE), others) if found]
    for other in others:
        other.dispose()
    assert [(found.to, found.payload, found.attempt) for found in got] == [("ann@clinic.example", {"reference": "RL-2346AB"}, 1)]
    assert outbox.due(store, clock(), 10) == []


def test_a_message_of_a_worker_that_did_not_come_back_is_claimed_again_as_ambiguous(store: Store, clock: FakeClock) -> None:
    """A26: killed in the middle: it may have been sent, so the next one looks before sending."""
    row = put(store, clock)
    first = claimed(store, clock, row)
    clock.passes(seconds=61)
    assert outbox.due(store, clock(), 10) == [row]
    second = claimed(store, clock, row)
    assert (second.ambiguous, second.attempt) == (True, 2)
    assert second.token > first.token


def test_a_worker_that_lost_its_lease_records_nothing(store: Store, clock: FakeClock) -> None:
    """A27: the fencing token of the parent's zombie is old."""
    row = put(store, clock)
    zombie = claimed(store, clock, row)
    clock.passes(seconds=61)
    alive = claimed(store, clock, row)
    assert not outbox.sent(store, zombie, clock(), "SM-zombie")
    assert not outbox.retry(store, zombie, clock(), "timeout")
    assert not outbox.dead(store, zombie, "smtp_550")
    assert outbox.sent(store, alive, clock(), "SM-alive")
    assert (state_of(store, row).state, state_of(store, row).provider_id) == (Delivery.SENT, "SM-alive")
    assert outbox.claim(store, row, clock(), LEASE) is None


def test_a_retry_is_due_later_and_the_channels_fault_costs_no_attempt(store: Store, clock: FakeClock) -> None:
    row = put(store, clock)
    outbox.retry(store, claimed(store, clock, row), clock() + timedelta(minutes=1), "smtp_451")
    assert outbox.claim(store, row, clock(), LEASE) is None
    clock.passes(minutes=1)
    second = claimed(store, clock, row)
    assert (second.attempt, second.ambiguous) == (2, False)
    outbox.retry(store, second, clock(), "paused", counted=False)
    third = claimed(store, clock, row)
    assert third.attempt == 2
    assert third.token > second.token


def test_what_may_have_been_sent_once_stays_so(store: Store, clock: FakeClock) -> None:
    row = put(store, clock)
    outbox.ambiguous(store, claimed(store, clock, row), clock(), "timeout")
    outbox.retry(store, claimed(store, clock, row), clock(), "smtp_421")
    assert claimed(store, clock, row).ambiguous


def test_a_dead_letter_becomes_a_task(store: Store, clock: FakeClock) -> None:
    """A34: it is seen by a person, not only in a log."""
    row = put(store, clock)
    assert outbox.dead(store, claimed(store, clock, row), "smtp_550", due_on=clock().date())
    assert (state_of(store, row).state, state_of(store, row).error_code) == (Delivery.DEAD, "smtp_550")
    assert tasks(store) == [("undelivered", "2026-11-20")]


def test_a_row_that_cannot_be_opened_stops_nobody(store: Store, clock: FakeClock) -> None:
    """A33: it lands among the dead letters with a reason, and a task."""
    poison, good = put(store, clock, "poison"), put(store, clock, "good")
    with store.transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == poison).values(payload=state_of(store, good).payload))
    with pytest.raises(outbox.Unreadable):
        outbox.claim(store, poison, clock(), LEASE)
    assert outbox.due(store, clock(), 10) == [good]
    assert (state_of(store, poison).state, state_of(store, poison).error_code) == (Delivery.DEAD, "unreadable")
    assert [kind for kind, _ in tasks(store)] == ["undelivered"]


def test_cancelling_finds_every_form_of_a_number_and_spares_what_went_out(store: Store, clock: FakeClock) -> None:
    waiting = put(store, clock, "waiting", transport="sms", to="+16145550123")
    out = put(store, clock, "out", transport="sms", to="+16145550123")
    mail = put(store, clock, "mail")
    outbox.sent(store, claimed(store, clock, out), clock(), "SM1")
    with store.transaction() as session:
        assert outbox.cancel_to(session, "(614) 555-0123", clock()) == 1
    assert [state_of(store, row).state for row in (waiting, out, mail)] == [Delivery.CANCELLED, Delivery.SENT, Delivery.PENDING]


def test_reports_in_any_order_leave_delivered(store: Store, clock: FakeClock) -> None:
    """A23: delivered, then sent, then delivered again, and one nobody knows."""
    row = put(store, clock)
    outbox.sent(store, claimed(store, clock, row), clock(), "SM1")
    assert [outbox.reported(store, "SM1", status, clock()) for status in ("queued", "delivered", "sent", "delivered")] == [True, True, False, False]
    assert not outbox.reported(store, "SM-unknown", "delivered", clock())
    assert state_of(store, row).provider_status == "delivered"


def test_the_overview_shows_no_recipient_and_no_payload(store: Store, clock: FakeClock) -> None:
    put(store, clock)
    with store.reading() as session:
        shown = outbox.overview(session)
    assert (shown[0]["state"], shown[0]["attempts"]) == ("pending", 0)
    assert "ann@clinic.example" not in str(shown)


def test_what_is_put_rings_only_if_it_is_kept(store: Store, clock: FakeClock) -> None:
    def fail_halfway() -> None:
        with store.transaction() as session:
            outbox.put(session, **outgoing("a", due_at=clock()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.reading() as session:
        assert session.scalars(select(OutboxMessage)).all() == []
