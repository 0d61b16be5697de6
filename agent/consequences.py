"""What follows from what happened: a table from event to function, at the foot of this file.

Every function writes into the turn's own transaction: a message to be sent exists exactly when its cause does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from agent import addresses, alerts, leads, opt_outs, outbox, sources, tasks
from agent.clinic import Clinic
from agent.columns import seal, unseal, vault_of
from agent.leads import Kept
from agent.models import Alert, Call, Conversation, UnansweredQuestion, new_id
from dialogs import events
from dialogs.state import Filled, State
from nlu.parse import Channel


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where and when something happened, and the transaction it is written in."""

    session: Session
    clinic: Clinic
    base_url: str
    conversation_id: str
    lead: Kept | None
    """The conversation's own lead; None when nothing is worth keeping."""
    state: State
    channel: Channel
    number: str | None
    """The contact's number, E.164."""
    now: datetime
    call: str | None = None
    """The CallSid, in a call."""


def apply(occasion: Occasion, happened: tuple[events.Event, ...]) -> None:
    """Write everything that follows from these events."""
    for event in happened:
        CONSEQUENCES[type(event)](occasion, event)


def notify(occasion: Occasion, lead: Kept, what: str, key: str, *, urgent: bool = False) -> None:
    """Tell the coordinators. With no address in clinic.toml it becomes a task: a lead nobody hears of is lost."""
    if not occasion.clinic.coordinator_emails:
        _task(occasion, "new_lead", f"new_lead:{lead.reference}", lead)
    for address in occasion.clinic.coordinator_emails:
        _put(occasion, "coordinator_email", "email", address, {"event": what, **_about(occasion, lead)}, key, lead, urgent=urgent)


def thank(occasion: Occasion, lead: Kept, slots: Mapping[str, Filled]) -> None:
    """One thank-you per referral, to the source's known address; by hand where there is none."""
    provider, practice = (leads.said(slots, f"referral.{name}") or "" for name in ("provider", "practice"))
    key = f"thank_you:{lead.reference}"
    source = sources.find(occasion.clinic.referral_sources, provider, practice, occasion.number)
    if source is None and not (provider or practice):
        return
    if source is None or not source.email:
        _task(occasion, "thank_by_hand", key, lead)
        return
    named = {"provider": source.provider, "practice": source.practice, "clinic": occasion.clinic.name, "phone": occasion.clinic.phone}
    _put(occasion, "physician_thank_you", "email", source.email, {"reference": lead.reference, **named}, key, lead, one=True)


def _completed(occasion: Occasion, _event: object) -> None:
    lead = _own(occasion)
    notify(occasion, lead, "complete", f"complete:{lead.reference}")
    thank(occasion, lead, occasion.state.slots)


def _changed(occasion: Occasion, _event: object) -> None:
    lead = _own(occasion)
    notify(occasion, lead, "changed", f"changed:{lead.reference}:{occasion.state.messages}")
    thank(occasion, lead, occasion.state.slots)


def _ended(occasion: Occasion, event: events.IntakeEnded) -> None:
    lead = occasion.lead
    if lead is None or event.reason == "wrong_number":
        return
    notify(occasion, lead, "partial", f"partial:{lead.reference}")
    if occasion.state.intake == "office":
        thank(occasion, lead, occasion.state.slots)


def _office_referred(occasion: Occasion, event: events.OfficeReferred) -> None:
    lead = leads.project_referral(
        occasion.session, occasion.conversation_id, event.referral,
        language=occasion.state.language, channel=occasion.channel, number=occasion.number, now=occasion.now,
    )  # fmt: skip
    notify(occasion, lead, lead.completeness, f"{lead.completeness}:{lead.reference}")
    thank(occasion, lead, event.referral.slots)


def _urgent(occasion: Occasion, event: events.UrgentRaised) -> None:
    """Once per rule and session: somebody who says it three times is one emergency. The rule is health data, so the key hides it.

    The coordinators hear of it as of any lead; the first person on call at once, the others in turn (`agent.alerts`).
    """
    lead = _own(occasion)
    rule = vault_of(occasion.session).index("alert.rule", event.rule).hex()[:12]
    key = f"urgent:{lead.reference}:{occasion.state.session}:{rule}"
    if occasion.session.scalars(select(Alert.id).where(Alert.dedupe_key == key)).first() is not None:
        return
    alert = Alert(id=new_id(), conversation_id=occasion.conversation_id, dedupe_key=key, level=event.level, raised_at=occasion.now, told=0)
    seal(occasion.session, alert, "detail", json.dumps({"group": event.group, "rule": event.rule}))
    occasion.session.add(alert)
    notify(occasion, lead, "urgent", key, urgent=True)
    alerts.climb(alerts.Ladder(occasion.session, occasion.clinic, occasion.base_url, lead.reference, lead.id, occasion.now), alert)


def _person_requested(occasion: Occasion, _event: object) -> None:
    lead = _own(occasion)
    _task(occasion, "call_back", f"call_back:{lead.reference}:{occasion.state.session}", lead)


def _unanswered(occasion: Occasion, event: events.QuestionUnanswered) -> None:
    asked = select(UnansweredQuestion).where(UnansweredQuestion.conversation_id == occasion.conversation_id)
    if any(unseal(occasion.session, row, "text") == event.question for row in occasion.session.scalars(asked)):
        return
    row = UnansweredQuestion(id=new_id(), conversation_id=occasion.conversation_id, asked_at=occasion.now)
    seal(occasion.session, row, "text", event.question)
    occasion.session.add(row)


def _opted_out(occasion: Occasion, _event: object) -> None:
    if occasion.number is not None:
        opt_outs.opt_out(occasion.session, occasion.number, occasion.now)


def _opted_in(occasion: Occasion, _event: object) -> None:
    if occasion.number is not None:
        opt_outs.opt_in(occasion.session, occasion.number, occasion.now)


def _voicemail_read(occasion: Occasion, _event: object) -> None:
    """Also when nobody could make out a word: then it can be listened to."""
    lead, state = occasion.lead, occasion.state
    if lead is not None and (state.slots or not state.wrong_number):
        notify(occasion, lead, "voicemail", f"voicemail:{lead.reference}:{state.messages}")


def _text_promised(occasion: Occasion, event: events.TextPromised) -> None:
    """To where the call comes from, and to nowhere a caller named."""
    if occasion.number is None or occasion.call is None:
        return
    outbox.put(
        occasion.session, kind="continue_by_text", transport="sms", to=occasion.number, payload={"text": event.text},
        dedupe_key=f"card_request:{occasion.call}", due_at=occasion.now, conversation_id=occasion.conversation_id,
    )  # fmt: skip


_DISCLOSED = update(Conversation).where(Conversation.id == bindparam("greeted"))


def _disclosed(occasion: Occasion, event: events.Disclosed) -> None:
    disclosed = {"disclosure": event.version, "disclosed_at": occasion.now}
    occasion.session.connection().execute(_DISCLOSED, {"greeted": occasion.conversation_id, **disclosed})
    if occasion.call is not None:
        occasion.session.execute(update(Call).where(Call.sid == occasion.call).values(disclosed))


def _other_person(_occasion: Occasion, _event: object) -> None:
    """Nothing more: `agent.turns` has given the new person a conversation of their own, which all else here is about."""


def _own(occasion: Occasion) -> Kept:
    assert occasion.lead is not None, "whatever completes, asks for a person or is urgent is worth keeping"
    return occasion.lead


def _about(occasion: Occasion, lead: Kept) -> dict[str, str]:
    link = f"{occasion.base_url}/console/leads/{lead.reference}"
    return {"reference": lead.reference, "link": link, "clinic": occasion.clinic.name}


def _put(
    occasion: Occasion,
    kind: str,
    transport: str,
    to: str,
    payload: Mapping[str, str],
    key: str,
    lead: Kept,
    *,
    urgent: bool = False,
    one: bool = False,
) -> None:
    """`one`: whoever it goes to, there is one per key; otherwise one per key and recipient."""
    recipient = "" if one else f":{vault_of(occasion.session).index(outbox.FIELD, addresses.normalised(to)).hex()[:12]}"
    outbox.put(
        occasion.session, kind=kind, transport=transport, to=to, payload=payload, dedupe_key=f"{kind}:{key}{recipient}", due_at=occasion.now,
        urgent=urgent, reference=lead.reference, lead_id=lead.id, conversation_id=occasion.conversation_id,
    )  # fmt: skip


def _task(occasion: Occasion, kind: str, key: str, lead: Kept) -> None:
    due_on = occasion.clinic.calendar.callback_day(occasion.now)
    tasks.add(occasion.session, kind, key=key, due_on=due_on, now=occasion.now, conversation_id=occasion.conversation_id, lead_id=lead.id)


CONSEQUENCES: Mapping[type, Callable[[Occasion, Any], None]] = {
    events.IntakeCompleted: _completed,
    events.IntakeChanged: _changed,
    events.IntakeEnded: _ended,
    events.OfficeReferred: _office_referred,
    events.UrgentRaised: _urgent,
    events.PersonRequested: _person_requested,
    events.QuestionUnanswered: _unanswered,
    events.OptedOut: _opted_out,
    events.OptedIn: _opted_in,
    events.OtherPerson: _other_person,
    events.VoicemailRead: _voicemail_read,
    events.TextPromised: _text_promised,
    events.Disclosed: _disclosed,
}
