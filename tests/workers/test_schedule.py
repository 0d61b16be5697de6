from __future__ import annotations

import random
import threading
import time

from agent import outbox
from agent.store import StoreBusy
from tests.fakes.outbox_desk import Carrier, Desk
from workers.delivery import LEASE
from workers.schedule import PATIENCE, SWEEP_EVERY, URGENT_PATIENCE, Chore, Schedule, Sweeper


class Bell:
    """A doorbell that answers as told."""

    def __init__(self, works: bool = True) -> None:
        self.works = works
        self.rings: list[list[str]] = []

    def ring(self, outbox_ids: object) -> None:
        raise AssertionError("the sweeper wants to know whether it rang")

    def rang(self, outbox_ids: list[str]) -> int:
        self.rings.append(list(outbox_ids))
        return len(outbox_ids) if self.works else 0


def sweeper(desk: Desk, mail: Carrier, bell: Bell | None, timer: list[float] | None = None) -> Sweeper:
    moments = timer or [0.0]
    return Sweeper(desk.store, desk.clock, desk.courier(email=mail), bell, timer=lambda: moments[0])  # type: ignore[arg-type]


def test_what_is_due_is_rung_for_again(desk: Desk) -> None:
    mail, bell = Carrier(), Bell()
    row = desk.put()
    sweeper(desk, mail, bell).sweep()
    assert bell.rings == [[row]]
    assert mail.carried == []


def test_with_redis_dead_it_delivers_by_itself(desk: Desk) -> None:
    """A28."""
    mail = Carrier()
    row = desk.put()
    sweeper(desk, mail, Bell(works=False)).sweep()
    assert desk.row(row).state == "sent"


def test_with_no_redis_at_all_it_delivers_by_itself(desk: Desk) -> None:
    row = desk.put()
    sweeper(desk, Carrier(), None).sweep()
    assert desk.row(row).state == "sent"


def test_what_was_rung_for_and_nobody_came_for_it_delivers_by_itself(desk: Desk) -> None:
    """A dead worker beside a living Redis loses nothing."""
    mail, bell, moments = Carrier(), Bell(), [0.0]
    row = desk.put()
    sweeping = sweeper(desk, mail, bell, moments)
    sweeping.sweep()
    moments[0] += PATIENCE - 1
    sweeping.sweep()
    assert desk.row(row).state == "pending"
    moments[0] += 1
    sweeping.sweep()
    assert desk.row(row).state == "sent"


def test_an_urgent_row_does_not_wait_long_for_a_worker_that_does_not_come(desk: Desk) -> None:
    """A64: with every worker dead beside a living Redis, somebody on call still knows within half a minute."""
    mail, moments = Carrier(), [0.0]
    routine, urgent = desk.put(), desk.put("urgent_alert", "email", "director@riversidept.example", urgent=True)
    sweeping = sweeper(desk, mail, Bell(), moments)
    sweeping.sweep()
    moments[0] += URGENT_PATIENCE
    sweeping.sweep()
    assert [message.id for message in mail.carried] == [urgent]
    assert desk.row(routine).state == "pending"
    assert 2 * SWEEP_EVERY + URGENT_PATIENCE < 30


def test_the_time_to_an_alert_is_under_half_a_minute_with_redis_dead(desk: Desk) -> None:
    """A64: raised at any moment, behind a backlog, the sweeper alone at work: 95 of 100 within 30 seconds."""
    chance, mail = random.Random(64), Carrier()
    sweeping, waits = sweeper(desk, mail, Bell(works=False)), []
    for _ in range(40):
        before = chance.random() * SWEEP_EVERY
        desk.wait(seconds=before)
        rows = [desk.put(), desk.put("urgent_alert", "email", "director@riversidept.example", urgent=True)]
        desk.wait(seconds=SWEEP_EVERY - before)
        sweeping.sweep()
        urgent = desk.row(rows[1])
        assert urgent.sent_at is not None
        waits.append((urgent.sent_at - urgent.created_at).total_seconds())
    assert sorted(waits)[37] < 30


def test_a_row_whose_worker_died_is_found_when_its_lease_ends(desk: Desk) -> None:
    """A26."""
    row = desk.put()
    outbox.claim(desk.store, row, desk.now, LEASE)
    sweeping = sweeper(desk, Carrier(), None)
    sweeping.sweep()
    assert desk.row(row).state == "leased"
    desk.wait(seconds=LEASE.total_seconds())
    sweeping.sweep()
    assert desk.row(row).state == "sent"


def test_urgent_rows_go_first_through_a_backlog(desk: Desk) -> None:
    """A36: also those that come in while it is being worked off."""
    late: list[str] = []

    class Watch(Carrier):
        def send(self, message: object) -> str | None:
            if len(self.carried) == 3:
                late.append(desk.put("urgent_alert", "email", "director@riversidept.example", urgent=True))
            return super().send(message)  # type: ignore[arg-type]

    mail = Watch()
    for _ in range(20):
        desk.put()
    early = desk.put("urgent_alert", "email", "director@riversidept.example", urgent=True)
    sweeping = sweeper(desk, mail, None)
    sweeping.sweep()
    sweeping.sweep()
    carried = [message.id for message in mail.carried]
    assert (carried[0], carried[4]) == (early, late[0])
    assert len(carried) == 22


def test_two_sweepers_at_once_send_nothing_twice(desk: Desk) -> None:
    """Fault 32: a second schedule does no harm."""
    mail = Carrier()
    rows = [desk.put() for _ in range(30)]
    threads = [threading.Thread(target=sweeper(desk, mail, None).sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(message.id for message in mail.carried) == sorted(rows)


def test_each_chore_has_its_own_time() -> None:
    now, done = [100.0], []
    schedule = Schedule([Chore("often", 1, lambda: done.append("often")), Chore("seldom", 10, lambda: done.append("seldom"))], timer=lambda: now[0])
    for _ in range(12):
        schedule.turn()
        now[0] += 1
    assert (done.count("often"), done.count("seldom")) == (12, 2)


def test_a_change_of_the_systems_clock_moves_no_chore() -> None:
    """A35, fault 27: intervals are counted on the monotonic clock."""
    assert Schedule([])._timer is time.monotonic


def test_one_chores_mistake_does_not_end_the_others() -> None:
    done = []

    def breaks() -> None:
        raise ZeroDivisionError

    def busy() -> None:
        raise StoreBusy("locked")

    Schedule([Chore("breaks", 1, breaks), Chore("busy", 1, busy), Chore("works", 1, lambda: done.append(1))]).turn()
    assert done == [1]


def test_it_stops_within_a_moment() -> None:
    """A37."""
    schedule = Schedule([Chore("once", 3600, lambda: None)])
    thread = threading.Thread(target=schedule.run)
    thread.start()
    time.sleep(0.05)
    schedule.stop()
    thread.join(timeout=1)
    assert not thread.is_alive()
