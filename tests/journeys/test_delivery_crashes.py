"""Workers killed at every point, over a real Redis, a real mail server and a real database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.mail_server import HANG, MailServer, Stage, mail_server
from tests.fakes.redis_process import RedisProcess, redis_process
from tests.fakes.twilio_api import ACCOUNT, HANG_AFTER, TOKEN, twilio_api
from tests.journeys.delivery_process import Site, kill, site, stop


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def here(tmp_path: Path, mail: MailServer) -> Iterator[Site]:
    with redis_process(tmp_path), site(tmp_path, smtp_url=mail.url) as running:
        yield running


def recover(here: Site) -> None:
    """A supervisor starts the next worker; the schedule runs all the time."""
    here.start_schedule()
    here.start_worker()
    here.wait_for_states("sent")


def test_killed_before_the_claim(here: Site, mail: MailServer) -> None:
    """A26, point 1: the ring died with the worker; the sweeper finds the row."""
    row = here.put()
    with here.desk.store.transaction():
        # Somebody else writes, so the worker has taken the job but cannot claim its row.
        worker = here.start_worker()
        here.bell().ring([row])
        here.wait_until(lambda: _taken(here))
        kill(worker)
    recover(here)
    assert mail.message_ids() == [f"<{row}@clinic.example>"]


@pytest.mark.parametrize("stage", ["EHLO", "RCPT"])
def test_killed_between_the_claim_and_the_end_of_the_message(here: Site, mail: MailServer, stage: Stage) -> None:
    """A26, points 2 and 3: nothing had been accepted, so there is one message."""
    mail.script[stage] = [HANG]
    row = here.put()
    worker = here.start_worker()
    here.bell().ring([row])
    mail.wait_for(lambda seen: stage in seen.reached)
    kill(worker)
    recover(here)
    assert mail.message_ids() == [f"<{row}@clinic.example>"]
    assert here.desk.row(row).attempts == 2


def test_killed_between_acceptance_and_our_record_of_it(here: Site, mail: MailServer) -> None:
    """A26, point 4: the one place where a second copy is possible; it carries the same Message-ID and reference."""
    mail.script["QUIT"] = [HANG]
    row = here.put()
    worker = here.start_worker()
    here.bell().ring([row])
    mail.wait_for(lambda seen: "QUIT" in seen.reached)
    kill(worker)
    recover(here)
    assert mail.message_ids() == [f"<{row}@clinic.example>"] * 2
    assert set(mail.subjects()) == {"New request RL-7K3M9Q"}


def test_killed_after_our_record_of_it(here: Site, mail: MailServer) -> None:
    """A26, point 5."""
    row = here.put()
    worker = here.start_worker()
    here.bell().ring([row])
    here.wait_for_states("sent")
    kill(worker)
    here.bell().ring([row])
    recover(here)
    time.sleep(0.5)
    assert len(mail.received) == 1


def test_a_text_accepted_by_a_vendor_whose_answer_was_lost_is_not_sent_twice(tmp_path: Path) -> None:
    """A27: the worker is killed; its successor looks at Twilio before sending."""
    with twilio_api(script=[HANG_AFTER]) as api, redis_process(tmp_path):
        account = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN, "twilio_from": "+16145550142", "twilio_api_base_url": api.url}
        with site(tmp_path, **account) as here:
            row = here.put("urgent_alert", "sms", "+16145550171", urgent=True)
            worker = here.start_worker()
            here.bell().ring([row])
            api.wait_for_posts(1)
            here.wait_until(lambda: len(api.sent) == 1)
            kill(worker)
            recover(here)
            assert len(api.sent) == 1
            assert here.desk.row(row).provider_id == api.sent[0]["sid"]


def test_a_worker_that_froze_during_its_lease_sends_nothing_more_than_it_had_begun(here: Site, mail: MailServer) -> None:
    """A27: what wakes after its lease finds that its token is old, and records nothing."""
    mail.script["QUIT"] = [HANG]
    row = here.put()
    worker = here.start_worker()
    here.bell().ring([row])
    mail.wait_for(lambda seen: "QUIT" in seen.reached)
    assert worker.pid is not None
    _signal(worker.pid, signal.SIGSTOP)
    here.start_schedule(redis=False)
    here.wait_for_states("sent")
    finished = here.desk.row(row)
    _signal(worker.pid, signal.SIGCONT)
    mail.let_go()
    time.sleep(0.7)
    assert (here.desk.row(row).token, here.desk.row(row).sent_at) == (finished.token, finished.sent_at)
    assert len(set(mail.message_ids())) == 1


def test_told_to_stop_in_the_middle_of_a_message_it_finishes_that_one(here: Site, mail: MailServer) -> None:
    """A37."""
    mail.script["RCPT"] = [HANG]
    first, second = here.put(), here.put()
    worker = here.start_worker()
    here.bell().ring([first, second])
    mail.wait_for(lambda seen: "RCPT" in seen.reached)
    worker.terminate()
    time.sleep(0.2)
    mail.let_go()
    worker.join(10)
    assert worker.exitcode == 0
    assert (here.desk.row(first).state, here.desk.row(second).state) == ("sent", "pending")


def test_an_idle_worker_and_an_idle_schedule_stop_at_once(here: Site) -> None:
    """A37."""
    worker, schedule = here.start_worker(), here.start_schedule()
    row = here.put()
    here.bell().ring([row])
    here.wait_for_states("sent")
    began = time.monotonic()
    assert (stop(worker, 5), stop(schedule, 5)) == (0, 0)
    assert time.monotonic() - began < 4


def _taken(here: Site) -> bool:
    redis = RedisProcess(here.folder)
    return bool(redis.client.keys("rq:wip:*"))


def _signal(pid: int, number: signal.Signals) -> None:
    os.kill(pid, number)
