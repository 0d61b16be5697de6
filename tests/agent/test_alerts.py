"""A64: an urgent alert climbs the list of people on call until somebody says that they have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from agent import alert_watch, alerts, task_list
from agent.bootstrap import Agent, build
from agent.models import Alert, OutboxMessage
from agent.outbox import Delivery
from agent.store import Store
from tests.agent.record import all_leads, outgoing, tasks, transcript
from tests.builders import CLINIC, a_clinic, a_text, some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader

DANA, LUIS, EVE = "+16145550171", "+16145550172", "eve@elm.example"
LADDER = CLINIC.replace(
    """[[on_call]]
name = "On Call"
phone = "+16145550171"
""",
    f"""acknowledge_minutes = 5

[[on_call]]
name = "Dana"
phone = "{DANA}"
email = "dana@elm.example"

[[on_call]]
name = "Luis"
phone = "{LUIS}"

[[on_call]]
name = "Eve"
email = "{EVE}"
""",
)


@pytest.fixture
def line(store: Store, tmp_path: Path, clock: FakeClock, doorbell: FakeDoorbell) -> Agent:
    """A line with three people on call."""
    return build(
        some_settings(tmp_path), clock=clock, doorbell=doorbell, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(),
        clinic=a_clinic(tmp_path / "ladder", LADDER), store=store,
    )  # fmt: skip


@pytest.fixture
def raised(line: Agent) -> str:
    """Somebody reported a red flag; the reference."""
    line.turns.hear(a_text("patient.name=Ann Lee; #urgent"))
    return str(all_leads(line.store)[0]["reference"])


def told(store: Store) -> list[str | None]:
    return [to for kind, _, to, _ in outgoing(store) if kind == "urgent_alert"]


def escalated_to_coordinators(store: Store) -> int:
    return sum(payload.get("event") == "unacknowledged" for _, _, _, payload in outgoing(store))


def opened(line: Agent) -> list[str]:
    with line.store.reading() as session:
        return [alert["reference"] for alert in alerts.overview(session, line.clinic, line.clock())]


def reply_to(line: Agent, text: str, sender: str = DANA, id: str | None = None) -> str | None:
    reply = alert_watch.heard(line, a_text(text, sender=sender, id=id))
    return None if reply is None else reply.lines[0].text


def test_the_first_on_call_is_told_at_once_by_every_way_there_is(line: Agent, raised: str) -> None:
    assert sorted(map(str, told(line.store))) == [DANA, "dana@elm.example"]
    assert ("event", "Dana was alerted.") in transcript(line.store)


def test_it_goes_on_to_the_next_and_at_last_to_the_coordinators(line: Agent, raised: str, clock: FakeClock, doorbell: FakeDoorbell) -> None:
    """Each has the clinic's five minutes; the second e-mail to the coordinators says that nobody has it, and a task stays."""
    steps = []
    for _ in range(4):
        clock.passes(minutes=5)
        alert_watch.escalate(line)
        steps.append((told(line.store)[2:], escalated_to_coordinators(line.store)))
    assert steps == [([LUIS], 0), ([LUIS, EVE], 0), ([LUIS, EVE], 1), ([LUIS, EVE], 1)]
    assert tasks(line.store)[0][0] == alerts.UNACKNOWLEDGED
    assert opened(line) == [raised], "it stays open, and red, until somebody has it"
    assert len(doorbell.rings) >= 6, "every further message was rung for"


def test_nothing_moves_before_its_time(line: Agent, raised: str, clock: FakeClock) -> None:
    clock.passes(minutes=4, seconds=59)
    assert alert_watch.escalate(line) == 0


def test_two_schedules_at_once_tell_nobody_twice(line: Agent, raised: str, clock: FakeClock) -> None:
    clock.passes(minutes=5)
    with line.store.reading() as session:
        (alert_id,) = session.scalars(select(Alert.id))
    assert [alert_watch._go_on(line, alert_id, 1), alert_watch._go_on(line, alert_id, 1)] == [True, False]


def test_a_message_that_cannot_arrive_is_not_waited_for(line: Agent, raised: str) -> None:
    """Everything that went to the first was given up: the next is told now."""
    with line.store.transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.kind == "urgent_alert").values(state=Delivery.DEAD))
    assert alert_watch.escalate(line) == 1
    assert told(line.store)[-1] == LUIS


def test_who_wants_no_texts_and_has_no_mailbox_is_passed_over(line: Agent, clock: FakeClock) -> None:
    line.turns.hear(a_text("STOP", sender=LUIS))
    line.turns.hear(a_text("#urgent"))
    clock.passes(minutes=5)
    alert_watch.escalate(line)
    assert told(line.store)[2:] == [EVE]


def test_a_text_from_somebody_on_call_stops_it(line: Agent, raised: str, clock: FakeClock) -> None:
    assert reply_to(line, f"OK {raised}") == f"Thank you. {raised} is yours, nobody else will be alerted."
    clock.passes(minutes=60)
    assert alert_watch.escalate(line) == 0
    assert opened(line) == []
    assert {state for kind, state, *_ in outgoing(line.store) if kind == "urgent_alert"} == {"cancelled"}, "what had not left yet"
    assert ("event", "Dana acknowledged the alert.") in transcript(line.store)


def test_the_same_text_twice_is_one_acknowledgement_with_one_reply(line: Agent, raised: str) -> None:
    """A18."""
    first = reply_to(line, f"ok {raised.lower()}", id="SM-once")
    assert reply_to(line, f"ok {raised.lower()}", id="SM-once") == first
    assert reply_to(line, f"OK {raised}", LUIS) == f"{raised} was acknowledged already, by Dana."


@pytest.mark.parametrize("text", ["OK", "ok.", "Got it!", "On it", "listo", "okay RL 2346 ab"])
def test_small_variations_are_understood(line: Agent, raised: str, text: str) -> None:
    said = text.replace("RL 2346 ab", raised)
    assert "is yours" in str(reply_to(line, said))


def test_without_a_reference_and_several_open_it_is_asked_which(line: Agent, raised: str) -> None:
    line.turns.hear(a_text("patient.name=Bob Ray; #urgent", sender="+16145550124"))
    assert str(reply_to(line, "ok")).startswith("Which one?")
    assert len(opened(line)) == 2


@pytest.mark.parametrize(
    ("text", "sender"),
    [("OK RL-7K3M9Q", "+16145550199"), ("ok my knee hurts and I need therapy", DANA), ("STOP", DANA), ("ok", LUIS), ("yes", DANA)],
    ids=["somebody else", "a patient's words", "opt-out", "told of nothing", "an answer"],
)
def test_other_messages_are_left_to_the_conversation(line: Agent, raised: str, text: str, sender: str) -> None:
    assert reply_to(line, text, sender) is None
    assert opened(line) == [raised]


def test_a_wrong_reference_is_said_to_be_wrong(line: Agent, raised: str) -> None:
    assert reply_to(line, "OK RL-ZZZZZZ") == "There is no open alert RL-ZZZZZZ. Please check the reference."


def test_acknowledging_settles_the_task_of_the_coordinators(line: Agent, raised: str, clock: FakeClock) -> None:
    for _ in range(3):
        clock.passes(minutes=5)
        alert_watch.escalate(line)
    with line.store.transaction() as session:
        assert alerts.acknowledge(session, raised, "Front desk", clock.now) == 1
    with line.store.reading() as session:
        assert task_list.overview(session) == []
        (shown,) = alerts.overview(session, line.clinic, clock.now, everything=True)
    assert (shown["open"], shown["acknowledged_by"], shown["minutes"], shown["told"]) == (False, "Front desk", 15, ["Dana", "Luis", "Eve"])


def test_a_clinic_with_nobody_on_call_has_a_task(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    alone = LADDER[: LADDER.index("[[on_call]]")] + LADDER[LADDER.index("[[referral_sources]]") :]
    agent = build(
        some_settings(tmp_path), clock=clock, understander=SlotReader(), finder=NoAnswers(), engine=PlainEngine(),
        clinic=a_clinic(tmp_path / "alone", alone), store=sqlite_store,
    )  # fmt: skip
    agent.turns.hear(a_text("#urgent"))
    assert [kind for kind, _ in tasks(sqlite_store)] == [alerts.UNACKNOWLEDGED]
    assert [kind for kind, *_ in outgoing(sqlite_store)] == ["coordinator_email"]
