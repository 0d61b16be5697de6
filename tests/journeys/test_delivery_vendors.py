"""Mail servers and Twilio at their worst, by the real transports over real connections."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from twilio.rest import Client

from agent import outbox, settings
from tests.fakes.mail_server import HANG, MailServer, mail_server
from tests.fakes.outbox_desk import TUESDAY_NOON, Desk, open_desk
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.fakes.twilio_api import ACCOUNT, HANG_AFTER, HANG_BEFORE, TOKEN, Refusal, TwilioApi, twilio_api
from tests.journeys.delivery_process import Site, site
from workers.delivery import Courier
from workers.transports.email import Email, Server
from workers.transports.sms import Sms, _Api


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(tmp_path)
    yield opened
    opened.store.dispose()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with twilio_api() as running:
        yield running


def by_mail(desk: Desk, server: MailServer, password: str = "") -> Courier:
    """A courier over the real e-mail transport."""
    return desk.courier(email=Email(Server("127.0.0.1", server.port, "line" if password else "", password), "line@clinic.example", timeout=0.4))


def by_text(desk: Desk, api: TwilioApi) -> Courier:
    """A courier over the real text transport."""
    return desk.courier(sms=Sms(Client(ACCOUNT, TOKEN, http_client=_Api(api.url, 0.4)), {"from_": "+16145550142"}))


def persist(desk: Desk, courier: Courier, times: int = 10) -> None:
    """Deliver what is due, and let time pass, as the schedule would."""
    for _ in range(times):
        for row in outbox.due(desk.store, desk.now, 50):
            courier.deliver(row)
        desk.wait(minutes=10)


@pytest.mark.parametrize("replies", [["421 closing"], ["451 busy", "450 greylisted", "421 closing"]])
def test_busy_and_then_well_it_is_delivered_once(desk: Desk, mail: MailServer, replies: list[str]) -> None:
    """A31."""
    mail.script["RCPT"] = list(replies)
    row = desk.put()
    persist(desk, by_mail(desk, mail))
    assert (desk.row(row).state, desk.row(row).attempts, len(mail.received)) == ("sent", len(replies) + 1, 1)


def test_an_unknown_mailbox_is_a_dead_letter_and_a_task(desk: Desk, mail: MailServer) -> None:
    """A31, A34."""
    mail.always["RCPT"] = "550 no such user"
    row = desk.put()
    persist(desk, by_mail(desk, mail), times=2)
    assert (desk.row(row).state, desk.row(row).error_code, desk.tasks()) == ("dead", "smtp_550", ["undelivered"])
    assert mail.reached.count("RCPT") == 1


def test_silence_after_the_message_is_tried_again_with_the_same_id(desk: Desk, mail: MailServer) -> None:
    """A31: the mail server kept the first; the second says by its Message-ID that it is the same."""
    mail.script["DATA"] = [HANG]
    row = desk.put()
    persist(desk, by_mail(desk, mail), times=3)
    assert desk.row(row).state == "sent"
    assert mail.message_ids() == [f"<{row}@clinic.example>"] * 2


def test_a_wrong_password_stops_the_channel_until_it_is_put_right(desk: Desk) -> None:
    """A31: 535 costs no attempt and tells somebody; with the right password everything leaves."""
    with mail_server(passwords={"line": "right"}) as mail:
        rows = [desk.put() for _ in range(3)]
        persist(desk, by_mail(desk, mail, "wrong"), times=5)
        assert desk.states() == ["pending"] * 3
        assert [desk.row(row).attempts for row in rows] == [0, 0, 0]
        assert desk.tasks() == ["channel_stopped"]
        persist(desk, by_mail(desk, mail, "right"), times=2)
        assert desk.states() == ["sent"] * 3


def test_a_mail_server_down_for_ten_minutes_delays_and_loses_nothing(desk: Desk, mail: MailServer) -> None:
    rows = [desk.put() for _ in range(5)]
    nowhere = desk.courier(email=Email(Server("127.0.0.1", 1), "line@clinic.example", timeout=0.4))
    for _ in range(20):
        for row in outbox.due(desk.store, desk.now, 50):
            nowhere.deliver(row)
        desk.wait(seconds=30)
    assert desk.states() == ["pending"] * 5
    persist(desk, by_mail(desk, mail))
    assert Counter(mail.message_ids()) == Counter(f"<{row}@clinic.example>" for row in rows)


@pytest.mark.parametrize("first", [Refusal(429, 20429), Refusal(503, 20503), HANG_BEFORE, HANG_AFTER])
def test_whatever_twilio_does_first_one_text_arrives(desk: Desk, api: TwilioApi, first: str | Refusal) -> None:
    """Fault 16: throttled, failing, silent before or after it accepted."""
    api.script.append(first)
    row = desk.put("urgent_alert", "sms", "+16145550171", urgent=True)
    persist(desk, by_text(desk, api), times=3)
    assert (desk.row(row).state, len(api.sent)) == ("sent", 1)


def test_the_hour_that_comes_twice_sends_nothing_twice(desk: Desk, mail: MailServer) -> None:
    """A35: rows due in the doubled hour in November and in the missing one in March leave once, on time."""
    courier = by_mail(desk, mail)
    for start in (TUESDAY_NOON.replace(month=11, day=1, hour=4), TUESDAY_NOON.replace(year=2027, month=3, day=14, hour=6)):
        desk.now = start
        rows = [desk.put(due_at=start.replace(minute=minute)) for minute in (0, 30)]
        for _ in range(24):
            for row in outbox.due(desk.store, desk.now, 50):
                courier.deliver(row)
            desk.wait(minutes=10)
        assert [mail.message_ids().count(f"<{row}@clinic.example>") for row in rows] == [1, 1]


def test_a_storm_of_faults_loses_nothing(tmp_path: Path, mail: MailServer) -> None:
    """A32: Jepsen's total-queue check over seeded faults: everything written is delivered, copies are few and carry the same id."""
    chance = random.Random(20261121)
    with redis_process(tmp_path) as redis, site(tmp_path, smtp_url=mail.url) as here:
        here.start_schedule()
        workers = [here.start_worker(), here.start_worker()]
        rows: list[str] = []
        killed = slow = 0
        faults: list[Callable[[], object]] = [
            redis.client.flushall,
            lambda: _restart(redis),
        ]
        for _ in range(25):
            rows += [here.put() for _ in range(chance.randint(1, 3))]
            here.bell().ring(rows[-3:])
            if chance.random() < 0.3:
                chance.choice(faults)()
            if chance.random() < 0.1:
                # Slower to say goodbye than a test's short lease lasts.
                slow += 1
                mail.script.setdefault("QUIT", []).append(HANG)
            if chance.random() < 0.15:
                killed += 1
                # It may be gone already, as one is that starts while Redis restarts; `referline up` starts another, and so do we.
                victim = workers.pop(0)
                victim.kill()
                victim.join()
                workers.append(here.start_worker())
            workers = [one if one.exitcode is None else here.start_worker() for one in workers]
            time.sleep(0.05)
        mail.script.clear()
        mail.let_go()
        here.wait_for_states("sent", seconds=60)
        arrived = Counter(mail.message_ids())
        assert set(arrived) == {f"<{row}@clinic.example>" for row in rows}
        assert sum(arrived.values()) - len(arrived) <= killed + slow


def _restart(redis: RedisProcess) -> None:
    redis.stop()
    redis.start()


def test_a_site_reads_its_settings_as_the_product_does(tmp_path: Path) -> None:
    """What the processes of these tests are given is what `agent.settings` accepts."""
    with site(tmp_path) as here:
        assert isinstance(here, Site)
        assert settings.load(**here.told).data_dir == tmp_path
