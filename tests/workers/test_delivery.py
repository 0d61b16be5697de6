from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from agent import opt_outs, outbox
from agent.models import OutboxMessage
from agent.store import StoreBusy
from tests.fakes.outbox_desk import Carrier, Desk
from workers import retry
from workers.delivery import LEASE
from workers.failures import Ambiguous, ChannelPaused, OptedOut, Permanent, Retryable, Unreachable


def test_a_due_row_goes_out_once(desk: Desk) -> None:
    mail = Carrier()
    row = desk.put()
    courier = desk.courier(email=mail)
    courier.deliver(row)
    courier.deliver(row)
    assert [message.id for message in mail.carried] == [row]
    assert (desk.row(row).state, desk.row(row).provider_id, desk.row(row).sent_at) == ("sent", "id-1", desk.now)


def test_a_row_not_yet_due_stays(desk: Desk) -> None:
    mail = Carrier()
    desk.courier(email=mail).deliver(desk.put(due_at=desk.now + timedelta(minutes=1)))
    assert mail.carried == []


def test_what_is_tried_again_is_tried_later_and_later_and_then_a_person_is_told(desk: Desk) -> None:
    """Every retry has an end, and the end is a task."""
    mail = Carrier(always=Retryable("smtp_451"))
    row = desk.put()
    courier = desk.courier(email=mail)
    for _ in range(retry.ROUTINE.attempts):
        assert desk.row(row).state == "pending"
        courier.deliver(row)
        desk.now = max(desk.now, desk.row(row).due_at)
    assert (desk.row(row).state, desk.row(row).error_code, desk.tasks()) == ("dead", "smtp_451", ["undelivered"])


def test_what_cannot_succeed_is_given_up_at_once(desk: Desk) -> None:
    """A31: 550 is dead, and somebody is told."""
    row = desk.put()
    desk.courier(email=Carrier(fails=[Permanent("smtp_550")])).deliver(row)
    assert (desk.row(row).state, desk.tasks()) == ("dead", ["undelivered"])


def test_what_may_have_been_sent_is_marked_so_when_it_is_tried_again(desk: Desk) -> None:
    """A31: the transport looks before it sends, and the id stays the same."""
    mail = Carrier(fails=[Ambiguous("smtp_no_reply")])
    row = desk.put()
    courier = desk.courier(email=mail)
    courier.deliver(row)
    assert desk.row(row).state == "ambiguous"
    desk.wait(hours=1)
    courier.deliver(row)
    assert [(message.id, message.again) for message in mail.carried] == [(row, True)]


def test_wrong_credentials_stop_the_channel_and_cost_no_attempt(desk: Desk) -> None:
    """A31: 535 pauses; other channels go on; one task a day."""
    mail, texts = Carrier(fails=[ChannelPaused("smtp_535")]), Carrier()
    first, second = desk.put(), desk.put()
    alert = desk.put("urgent_alert", "sms", "+16145550171")
    courier = desk.courier(email=mail, sms=texts)
    for row in (first, second, alert):
        courier.deliver(row)
    assert mail.carried == []
    assert len(texts.carried) == 1
    assert [desk.row(row).attempts for row in (first, second)] == [0, 0]
    assert desk.tasks() == ["channel_stopped"]
    desk.wait(minutes=6)
    for row in (first, second):
        courier.deliver(row)
    assert desk.states() == ["sent", "sent", "sent"]


def test_a_vendor_that_does_not_answer_is_left_alone_for_a_while(desk: Desk) -> None:
    """Its rows wait; urgent texts by another vendor do not wait behind its timeouts."""
    mail = Carrier(fails=[Unreachable("smtp_unreachable")])
    first, second = desk.put(), desk.put()
    courier = desk.courier(email=mail)
    courier.deliver(first)
    courier.deliver(second)
    assert mail.carried == []
    assert (desk.row(first).attempts, desk.row(second).attempts) == (1, 0)
    desk.wait(minutes=1)
    courier.deliver(second)
    assert len(mail.carried) == 1


def test_an_unreadable_row_does_not_stop_the_others(desk: Desk) -> None:
    """A33: it lands among the dead letters with a reason."""
    poison, good = desk.put(), desk.put()
    with desk.store.transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == poison).values(payload=b"\x01not a sealed value at all, but bytes"))
    mail = Carrier()
    courier = desk.courier(email=mail)
    for row in outbox.due(desk.store, desk.now, 10):
        courier.deliver(row)
    assert [message.id for message in mail.carried] == [good]
    assert (desk.row(poison).state, desk.row(poison).error_code, desk.tasks()) == ("dead", "unreadable", ["undelivered"])


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"kind": "a_kind_of_next_year"}, "no_words"),
        ({"payload": {"event": "complete"}}, "incomplete"),
        ({"to": None}, "no_recipient"),
        ({"transport": "pigeon"}, "no_such_transport"),
    ],
)
def test_a_row_that_cannot_be_written_becomes_a_task(desk: Desk, told: dict[str, object], code: str) -> None:
    """A33."""
    row = desk.put(**told)  # type: ignore[arg-type]
    desk.courier(email=Carrier()).deliver(row)
    assert (desk.row(row).state, desk.row(row).error_code) == ("dead", code)


def test_a_row_that_kills_its_worker_is_not_handed_on_for_ever(desk: Desk) -> None:
    """A33: the claim counts, not the outcome."""
    row = desk.put()
    with desk.store.transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == row).values(attempts=retry.ROUTINE.attempts))
    mail = Carrier()
    desk.courier(email=mail).deliver(row)
    assert mail.carried == []
    assert desk.row(row).state == "dead"


def test_a_mistake_in_a_transport_costs_only_its_own_row(desk: Desk) -> None:
    mail = Carrier(fails=[ZeroDivisionError()])
    first, second = desk.put(), desk.put()
    courier = desk.courier(email=mail)
    courier.deliver(first)
    courier.deliver(second)
    assert desk.states() == ["ambiguous", "sent"]


def test_who_lost_the_lease_records_nothing(desk: Desk) -> None:
    """The fencing token: a worker that was asleep during its lease does not overwrite its successor."""
    row = desk.put()
    mail = Carrier()

    class Slow(Carrier):
        def send(self, message: object) -> str | None:
            desk.wait(seconds=LEASE.total_seconds() + 1)
            desk.courier(email=mail).deliver(row)
            return "too late"

    desk.courier(email=Slow()).deliver(row)
    assert (desk.row(row).state, desk.row(row).provider_id) == ("sent", "id-1")
    assert [message.again for message in mail.carried] == [True]


def test_a_lease_nobody_ended_is_taken_over(desk: Desk) -> None:
    """A26: whoever had it is gone; the next looks before sending."""
    row = desk.put()
    assert outbox.claim(desk.store, row, desk.now, LEASE) is not None
    mail = Carrier()
    courier = desk.courier(email=mail)
    courier.deliver(row)
    assert mail.carried == []
    desk.wait(seconds=LEASE.total_seconds())
    courier.deliver(row)
    assert [message.again for message in mail.carried] == [True]


def test_what_went_out_is_recorded_though_the_database_was_busy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A30: an outcome that is not recorded is sent again, so it is tried for as long as the lease lasts."""
    real, busy = outbox.sent, [StoreBusy("locked"), StoreBusy("locked")]

    def sometimes(*told: object) -> bool:
        if busy:
            raise busy.pop()
        return real(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "sent", sometimes)
    row = desk.put()
    desk.courier(email=Carrier()).deliver(row)
    assert desk.row(row).state == "sent"


def test_a_number_the_carrier_says_opted_out_is_opted_out(desk: Desk) -> None:
    """A21: and never tried again."""
    row, other = desk.put("answer_text", "sms", "+16145550199"), desk.put("answer_text", "sms", "+16145550199")
    desk.courier(sms=Carrier(fails=[OptedOut("twilio_21610")])).deliver(row)
    with desk.store.reading() as session:
        assert opt_outs.is_opted_out(session, "+16145550199")
    assert (desk.row(row).state, desk.row(other).state) == ("dead", "cancelled")


def test_who_opted_out_while_a_text_was_on_its_way_gets_none(desk: Desk) -> None:
    """A20."""
    row = desk.put("answer_text", "sms", "+16145550199")
    texts = Carrier()
    with desk.store.transaction() as session:
        opt_outs.contact_for(session, "+16145550199", desk.now).opted_out_at = desk.now
    desk.courier(sms=texts).deliver(row)
    assert texts.carried == []
    assert desk.row(row).error_code == "opted_out"


def test_a_text_we_begin_at_night_waits_for_the_morning(desk: Desk) -> None:
    """A24: held without losing an attempt; an urgent alert is not held."""
    desk.wait(hours=10)
    row = desk.put("answer_text", "sms", "+16145550199")
    alert = desk.put("urgent_alert", "sms", "+16145550171")
    texts = Carrier()
    courier = desk.courier(sms=texts)
    courier.deliver(row)
    courier.deliver(alert)
    assert [message.to for message in texts.carried] == ["+16145550171"]
    assert (desk.row(row).state, desk.row(row).attempts, desk.row(row).error_code) == ("pending", 0, "outside_hours")
    desk.now = desk.row(row).due_at
    courier.deliver(row)
    assert (desk.row(row).state, desk.now.astimezone(desk.clinic.timezone).hour) == ("sent", 9)


def test_a_ring_delivers_the_most_pressing_row_first(desk: Desk) -> None:
    """A36: urgent rows do not wait behind a thousand others that were rung for earlier."""
    routine = [desk.put() for _ in range(3)]
    urgent = desk.put("urgent_alert", "email", "director@riversidept.example", urgent=True)
    mail = Carrier()
    courier = desk.courier(email=mail)
    for rung in (*routine, urgent):
        courier.answer_ring(rung)
    assert [message.id for message in mail.carried] == [urgent, *routine]


def test_told_to_stop_it_begins_nothing_more(desk: Desk) -> None:
    """A37."""
    mail = Carrier()
    courier = desk.courier(email=mail)
    courier.stop()
    courier.answer_ring(desk.put())
    assert mail.carried == []


def test_no_transaction_is_open_while_a_message_is_on_its_way(desk: Desk) -> None:
    """Design rule 4: somebody else can write meanwhile."""
    row = desk.put()

    class Writes(Carrier):
        def send(self, message: object) -> str | None:
            with desk.store.transaction() as session:
                session.execute(text("UPDATE outbox SET error_code = 'seen'"))
            return None

    desk.courier(email=Writes()).deliver(row)
    assert desk.row(row).state == "sent"
