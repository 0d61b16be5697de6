"""What follows from what happened, written in the same transaction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from sqlalchemy import select

from agent import leads
from agent.bootstrap import Agent, build
from agent.clinic import Clinic
from agent.columns import unseal
from agent.consequences import CONSEQUENCES
from agent.models import Alert, Lead, UnansweredQuestion
from agent.store import Store
from dialogs import events
from dialogs.state import Filled, Phase, Referral, State
from dialogs.step import Kind, Step
from tests.agent.record import all_leads, how_many, outgoing, tasks
from tests.builders import CLINIC, NUMBER, a_clinic, a_text, in_call, some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.minds import NoAnswers, PlainEngine, SlotReader

REFERRED = "patient.name=Ann Lee; referral.provider=Dr. Smith; referral.practice=Bay Ortho; "


def kinds(store: Store) -> list[str]:
    return sorted(kind for kind, *_ in outgoing(store))


def test_every_event_has_its_consequence() -> None:
    assert set(CONSEQUENCES) == set(get_args(events.Event))


def test_a_complete_request_tells_the_coordinator_and_thanks_the_source(agent: Agent) -> None:
    agent.turns.hear(a_text(f"{REFERRED}#complete"))
    lead = all_leads(agent.store)[0]
    messages = {kind: (to, payload) for kind, _, to, payload in outgoing(agent.store)}
    assert messages["coordinator_email"] == (
        "coordinator@elm.example",
        {
            "event": "complete",
            "reference": lead["reference"],
            "link": f"http://127.0.0.1:8000/console/leads/{lead['reference']}",
            "clinic": "Elm Street PT",
        },
    )
    assert messages["physician_thank_you"][0] == "referrals@bayortho.example"
    assert messages["physician_thank_you"][1]["reference"] == lead["reference"]
    assert (lead["completeness"], lead["outcome"]) == ("complete", "complete")
    assert lead["referral_source"] == {"provider": "Dr. Smith", "practice": "Bay Ortho"}


def test_there_is_one_thank_you_per_referral(agent: Agent) -> None:
    agent.turns.hear(a_text(f"{REFERRED}#complete"))
    agent.turns.hear(a_text("patient.email=ann@home.example; #changed"))
    agent.turns.hear(a_text("patient.email=ann@work.example; #changed"))
    assert kinds(agent.store) == ["coordinator_email", "coordinator_email", "coordinator_email", "physician_thank_you"]


def test_a_source_without_an_address_is_a_task_for_the_next_business_day(agent: Agent) -> None:
    agent.turns.hear(a_text("patient.name=Ann Lee; referral.provider=Dr. Bell; #complete"))
    agent.turns.hear(a_text("patient.name=Bob Ray; referral.provider=Dr. Nobody; #complete", sender="+16145550124"))
    agent.turns.hear(a_text("patient.name=Cy Fox; referral.provider=none; #complete", sender="+16145550125"))
    assert tasks(agent.store) == [("thank_by_hand", "2026-11-20"), ("thank_by_hand", "2026-11-20")]
    assert "physician_thank_you" not in kinds(agent.store)


def test_an_emergency_is_an_alert_and_urgent_messages_at_once(agent: Agent) -> None:
    """A59: the alert row and its messages are created in the same transaction as the reply; the intake is still stored."""
    agent.turns.hear(a_text("patient.name=Ann Lee; #urgent"))
    agent.turns.hear(a_text("#urgent"))
    with agent.store.reading() as session:
        alert = session.scalars(select(Alert)).one()
        detail = json.loads(unseal(session, alert, "detail") or "")
        assert (alert.level, detail) == ("emergency", {"group": "cauda_equina", "rule": "cauda-equina-1"})
        assert "cauda" not in alert.dedupe_key
    assert kinds(agent.store) == ["coordinator_email", "urgent_alert"]
    assert [to for kind, _, to, _ in outgoing(agent.store) if kind == "urgent_alert"] == ["+16145550171"]
    lead = all_leads(agent.store)[0]
    assert (lead["urgent"], lead["outcome"], lead["red_flags"]) == (True, "urgent", ["cauda-equina-1"])


def test_wishing_for_a_person_is_a_task_and_on_the_lead(agent: Agent) -> None:
    agent.turns.hear(a_text("#person"))
    assert tasks(agent.store) == [("call_back", "2026-11-20")]
    assert (all_leads(agent.store)[0]["outcome"], all_leads(agent.store)[0]["person_requested"]) == ("handoff", True)


def test_an_unanswered_question_is_kept_once(agent: Agent) -> None:
    agent.turns.hear(a_text("#question"))
    agent.turns.hear(a_text("#question"))
    with agent.store.reading() as session:
        kept = [unseal(session, row, "text") for row in session.scalars(select(UnansweredQuestion))]
    assert kept == ["do you validate parking"]
    assert all_leads(agent.store)[0]["unanswered_questions"][0] == "do you validate parking"


def test_a_wrong_number_with_nothing_said_is_on_record_as_no_lead_and_told_to_nobody(agent: Agent) -> None:
    agent.turns.hear(a_text("#wrong_number"))
    assert [lead["status"] for lead in all_leads(agent.store)] == ["not_a_lead"]
    assert outgoing(agent.store) == []


def test_opting_out_cancels_what_was_waiting_for_the_number(agent: Agent) -> None:
    """A20: outbox rows for that number are cancelled, in the transaction that heard STOP."""
    agent.turns.hear(a_text("patient.name=Ann Lee; #urgent"))
    agent.turns.hear(a_text("STOP", sender="+16145550171"))
    states = {kind: state for kind, state, *_ in outgoing(agent.store)}
    assert states == {"coordinator_email": "pending", "urgent_alert": "cancelled"}
    agent.turns.hear(a_text("patient.name=Bob Ray; #urgent", sender="+16145550124"))
    assert kinds(agent.store).count("urgent_alert") == 1, "nothing more is written for a number that does not want texts"


def test_a_clinic_that_named_nobody_gets_a_task_instead_of_silence(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    silent = a_clinic(tmp_path / "silent", CLINIC.replace('coordinator_emails = ["coordinator@elm.example"]', ""))
    agent = _agent(silent, sqlite_store, tmp_path, clock, PlainEngine())
    agent.turns.hear(a_text("patient.name=Ann Lee; #complete"))
    assert [kind for kind, _ in tasks(sqlite_store)] == ["new_lead"]


def test_an_office_that_names_several_patients_makes_a_lead_of_each(sqlite_store: Store, clinic: Clinic, tmp_path: Path, clock: FakeClock) -> None:
    def office(state: State, *_: object) -> Step:
        referred = [
            Referral("RL-AAAAAA", {"patient.name": Filled("Ann Lee", "", "sms"), "referral.provider": Filled("Dr. Alan Smith", "", "sms")}, ()),
            Referral("RL-BBBBBB", {"patient.name": Filled("Bob Ray", "", "sms")}, ("patient.phone",)),
        ]
        role = {"caller.role": Filled("referring_office", "", "sms")}
        after = State(state.reference, intake="office", phase=Phase.COLLECTING, slots=role, batch=tuple(referred))
        return Step(after, (), tuple(events.OfficeReferred(referral) for referral in referred), None)

    agent = _agent(clinic, sqlite_store, tmp_path, clock, office)
    agent.turns.hear(a_text("two patients", sender="+16145550180"))
    found = {lead["reference"]: (lead["completeness"], [sent["kind"] for sent in lead["notifications"]]) for lead in all_leads(sqlite_store)}
    assert found == {
        "RL-AAAAAA": ("complete", ["coordinator_email", "physician_thank_you"]),
        "RL-BBBBBB": ("partial", ["coordinator_email", "physician_thank_you"]),
    }, "the second is known by the number the office texts from"


def test_who_hangs_up_in_a_call_without_a_word_leaves_nothing(agent: Agent) -> None:
    agent.turns.hear(in_call(Kind.OPENING))
    agent.turns.hear(in_call(Kind.HANGUP))
    assert how_many(agent.store, Lead) == [0]


def test_a_lead_is_found_by_phone_and_e_mail_in_any_form(agent: Agent) -> None:
    """A44: the blind index finds an exact phone or e-mail regardless of format."""
    from_json = f"patient.phone={NUMBER}; patient.email=Ann.Lee@Home.example"
    agent.turns.hear(a_text(from_json))
    with agent.store.reading() as session:
        found = [*leads.with_phone(session, "614-555-0123"), *leads.with_email(session, " ann.lee@home.EXAMPLE ")]
        assert len({lead.id for lead in found}) == 1
        assert len(found) == 2
        assert leads.with_phone(session, "614-555-0124") == []
        assert found[0].phone_index != found[0].email_index


def _agent(clinic: Clinic, store: Store, folder: Path, clock: FakeClock, engine: object) -> Agent:
    return build(
        some_settings(folder), clock=clock, understander=SlotReader(), finder=NoAnswers(), engine=engine, clinic=clinic, store=store  # type: ignore[arg-type]
    )
