"""Voice messages: noted when they are left, listened to when their sound is here, and heard as a turn of the call they belong to."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Protocol, cast

from agent import attachments
from agent.attachments import VOICEMAIL, Noted, Standing
from agent.bootstrap import Agent
from agent.columns import unseal
from agent.messages import Inbound
from agent.models import Contact, Conversation
from agent.turns import TurnFailed
from dialogs.step import Kind
from nlu.parse import Language

log = logging.getLogger(__name__)

_RECORDING = re.compile(r"RE[0-9a-fA-F]{32}", re.ASCII)
TRANSCRIBED, NOT_TRANSCRIBED = "transcribed", "not_transcribed"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was made out."""

    text: str
    """Empty: no word."""
    confidence: float
    """0 to 1."""


class NotTranscribed(Exception):
    """Nobody here can: no model for its language, or no recording. It stays to be listened to."""


class Transcriber(Protocol):
    """Ears for whole recordings. Its implementation belongs to `channels`, which nothing below imports; whoever starts the process gives it."""

    def transcribe(self, recording: bytes, language: Language) -> Transcript:
        """The words of a WAV recording in the language of its call. Raises NotTranscribed."""


def left(agent: Agent, call: str, recording: str, number: str | None) -> bool:
    """A caller left a message: a lead, a task for a coordinator, and the recording to be fetched. False when that could not be kept."""
    if not _RECORDING.fullmatch(recording):
        log.error("a recording without a usable id", extra={"call": call})
        return False
    account = agent.settings.twilio_account_sid
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording}"
    try:
        agent.turns.hear(Inbound("voice", recording, Kind.RECORDED, number, session=call, media=(url,)))
    except TurnFailed:
        log.error("a voicemail could not be noted", extra={"call": call})
        return False
    return True


def read(agent: Agent, attachment_id: str, transcriber: Transcriber) -> None:
    """Take its words as a turn of their own. Doing it again does nothing. Raises TurnFailed, StoreError, VaultError."""
    found = _unread(agent, attachment_id)
    if found is None:
        return
    _hear(agent, found, _listened(agent, found, transcriber))


def give_up(agent: Agent, attachment_id: str) -> None:
    """Listening failed for good: tell the coordinators that there is a message all the same. Raises TurnFailed, StoreError, VaultError."""
    found = _unread(agent, attachment_id)
    if found is not None:
        _hear(agent, found, None)


@dataclass(frozen=True, slots=True)
class _Unread:
    """A message nobody has listened to."""

    noted: Noted
    number: str | None
    """Where it was left from, E.164."""
    language: Language


def _unread(agent: Agent, attachment_id: str) -> _Unread | None:
    with agent.store.reading() as session:
        noted = attachments.noted(session, attachment_id)
        if noted is None or noted.kind != VOICEMAIL or noted.heard is not None:
            return None
        conversation = session.get_one(Conversation, noted.conversation_id)
        number = unseal(session, session.get_one(Contact, conversation.contact_id), "number")
        return _Unread(noted, number, cast(Language, conversation.language))


def _listened(agent: Agent, found: _Unread, transcriber: Transcriber) -> Transcript | None:
    noted = found.noted
    if noted.standing != Standing.KEPT:
        return None
    with agent.store.reading() as session:
        recording = attachments.contents(session, noted.id)
    try:
        return transcriber.transcribe(recording, found.language)
    except NotTranscribed:
        log.warning("a voicemail is kept and not transcribed", extra={"attachment": noted.id})
        return None


def _hear(agent: Agent, found: _Unread, transcript: Transcript | None) -> None:
    noted, number = found.noted, found.number
    text, confidence = (transcript.text, transcript.confidence) if transcript else ("", None)
    agent.turns.hear(Inbound("voice", f"{noted.message_id}:words", Kind.VOICEMAIL, number, text, session=noted.call, confidence=confidence))
    with agent.store.transaction() as session:
        attachments.heard(session, noted.id, TRANSCRIBED if transcript else NOT_TRANSCRIBED)
