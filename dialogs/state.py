"""Where a conversation stands: everything the next step needs, and nothing else. It lives in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dialogs.line import Line
from nlu.parse import Language, Value


class Phase(StrEnum):
    """What the conversation is busy with."""

    COLLECTING = "collecting"
    CONFIRMING = "confirming"
    """Everything was read back; we wait for a yes or a change."""
    DONE = "done"
    """The request was sent to the coordinator; questions and changes are still welcome."""
    CLOSED = "closed"
    """Over without a complete request: hung up, gone quiet, refused, wrong number."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot's value on record."""

    value: Value
    raw: str
    """The words it was taken from."""
    source: str
    """`sms`, `speech`, `dtmf`, `web`, `caller_id`, `office`."""
    confirmed: bool = False
    """The person agreed to it when it was read back."""
    confidence: float = 1.0
    needs_review: bool = False
    """The coordinator should look: accepted as is after the no-match ladder, or two candidates left open."""
    provisional: bool = False
    """Said in passing: kept, but asked for all the same, once."""
    inquired: bool = False
    """Named in a question of theirs ("do you take Cigna?"): taken for theirs until they ask about another."""
    message: int = 0
    """Number of the message it was said in, counting from 1."""
    session: int = 0
    """Number of the call or text session it was said in: what another session said is not read out before
    the person has named themselves again."""


@dataclass(frozen=True, slots=True)
class Referral:
    """One of several patients in an office's text."""

    reference: str
    slots: Mapping[str, Filled]
    missing: tuple[str, ...]
    """Required slots the text did not give."""


@dataclass(frozen=True, slots=True)
class State:
    """A conversation between one person and the line, over one or several calls and texts."""

    reference: str
    """The lead's reference, `RL-` and six characters, minted before the first word."""
    intake: str = "patient"
    """Name of the intake being filled."""
    language: Language = "en"
    phase: Phase = Phase.COLLECTING
    slots: Mapping[str, Filled] = field(default_factory=dict)
    asked: str | None = None
    """The slot of the outstanding question."""
    asked_before: str | None = None
    """The slot of the question before that one, for "go back"."""
    recent: tuple[str, ...] = ()
    """The slots that were told last: "no, it's double t" is about one of them."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """How often each slot was asked without an answer."""
    passed: Mapping[str, int] = field(default_factory=dict)
    """How often something else was told instead of an answer."""
    declined: Mapping[str, str] = field(default_factory=dict)
    """Slots the person will not or cannot give, with why: `declined`, `dont_know`."""
    unanswered: tuple[str, ...] = ()
    """Questions nobody could answer, for the coordinator."""
    topic: str | None = None
    """Id of the last answer given."""
    red_flags: tuple[str, ...] = ()
    """Ids of the safety rules that fired."""
    history: tuple[str, ...] = ()
    """Red-flag groups mentioned as past or denied."""
    urgent: bool = False
    alarms: int = 0
    """How often the emergency instruction was given."""
    safety_question: tuple[str, ...] = ()
    """Level, group and rule of the red flag whose "are you having that right now?" is outstanding."""
    handoff: bool = False
    """A person was asked for."""
    opted_out: bool = False
    wrong_number: bool = False
    messages: int = 0
    """Messages heard so far."""
    session: int = 0
    """Sessions so far: calls, chats, and text exchanges separated by quiet."""
    greeted: bool = False
    """The disclosure was given in this session."""
    named: bool = False
    """The person gave a name in this session that agrees with the record."""
    checking: str | None = None
    """The slot just read back, whose "no" is still possible."""
    person_asks: int = 0
    """How often a person was asked for."""
    batch: tuple[Referral, ...] = ()
    """The patients of an office's text, when there are several."""
    stalled: int = 0
    """Turns in a row that brought nothing: it bounds the conversation."""
    attached: int = 0
    """Pictures and voice messages that came with it."""
    told: int = 0
    """Mark of the words that told something last: the same words again are no answer to the next question. 0: none."""
    last: tuple[Line, ...] = ()
    """What was said last, for "can you repeat that?"."""
