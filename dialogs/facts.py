"""Taking what was said onto the record: new values, corrections, refusals, and what is not a value at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from dialogs.events import OtherPerson
from dialogs.intake import Slot
from dialogs.state import Filled, Phase, State
from dialogs.step import Kind
from dialogs.turn import Turn
from nlu.parse import Act, Parse, Reading, Value

SAME_NAME = 0.8
"""Similarity (0 to 1) from which two spellings are one person: Hernandez and Hernandes are 0.89, Smith and Jones 0.2."""

UNSURE = 0.5
"""Confidence below which a value is read back by voice, or offered as a choice when there are others it could be."""

ENOUGH_WORDS = 5
"""Words from which something said in passing tells enough."""

IN_PASSING = 3
"""Words up to which what was said in passing is a term, and no story."""

STEM = 4
"""Letters by which two words are one: sprained, sprain."""

DENSE = 5
"""Values in one message from which it is not small talk but everything they want to say."""

BARE = 6
"""Words up to which a message with a "no" in it is that no, and not a story of its own."""

GUESSED = 0.6
"""Confidence up to which a value is only the words that were left: "idk" is no practice."""

EXACT = ("date", "phone", "email", "role")
"""Kinds of slot whose values look like nothing else: another one right after the first corrects it, whatever was asked meanwhile."""

OFFICE = "referring_office"
"""The `caller.role` that switches to the office intake."""

_NAMED_THINGS = ("text", "payer", "provider")
"""Kinds of slot whose value is a name or a term, in which nobody says "not"."""

_NOT_WORDS = frozenset(Act) - {Act.CORRECT, Act.AFFIRM, Act.GREETING, Act.THANKS}
"""A message that only does one of these holds no words to keep as an answer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one message put on the record."""

    new: tuple[str, ...] = ()
    """Slots that had no value before."""
    changed: tuple[str, ...] = ()
    """Slots whose value was replaced."""
    declined: bool = False
    """The question asked was refused, or cannot be answered."""

    @property
    def any(self) -> bool:
        """Whether the message moved the request on."""
        return bool(self.new or self.changed or self.declined)


def take(turn: Turn) -> Taken:
    """Put every value of the message on the record, then settle the question that was asked."""
    turn.update(told=0)
    if turn.repeated:
        return Taken()
    if turn.state.intake == "patient" and _is_office(turn):
        turn.update(intake="office")
        turn.fill("caller.role", turn.filled(OFFICE, turn.heard.parse.text))
    other = _other_person(turn)
    if other is not None:
        turn.happened(OtherPerson(other))
        turn.state = other
    new: list[str] = []
    changed: list[str] = []
    for slot in turn.intake.slots:
        reading = _reading(turn, slot)
        if reading is None:
            continue
        kind = _record(turn, slot, reading)
        if kind is not None:
            (new if kind == "new" else changed).append(slot.name)
    asked = turn.state.asked
    declined = asked is not None and asked not in (*new, *changed) and _settle_without_value(turn, asked)
    if asked and declined and asked in turn.state.slots and asked not in turn.before.slots:
        new.append(asked)
    if (new or changed) and turn.heard.parse.slots:
        turn.update(told=turn.mark)
    return Taken(tuple(new), tuple(changed), declined)


def _is_office(turn: Turn) -> bool:
    """They said so, or the text is plainly one: several patients, or one and who refers them."""
    role, referrals = turn.heard.parse.slots.get("caller.role"), turn.heard.parse.referrals
    said = role is not None and role.value == OFFICE
    if role is not None and not said and len(referrals) < 2:
        return False
    return said or len(referrals) > 1 or bool(referrals and {"referral.provider", "referral.practice"} & referrals[0].keys())


def _reading(turn: Turn, slot: Slot) -> Reading | None:
    parse, sender = turn.heard.parse, turn.heard.sender
    # An office's text is read as a whole: what it says of its patient is truer than what single words look like.
    referral = parse.referrals[0] if len(parse.referrals) == 1 else {}
    # Its dates are of surgeries and births: no time anybody could come in.
    reading = referral.get(slot.name) or (None if referral and slot.kind == "times" else parse.slots.get(slot.name))
    if reading is not None and (_no_value(slot, parse, reading) or _implied(turn, slot, reading)):
        return None
    if slot.kind == "phone" and reading is None and sender and _means_this_number(turn, slot):
        return Reading(slot.name, sender, parse.text, confidence=1.0)
    return reading


def _no_value(slot: Slot, parse: Parse, reading: Reading) -> bool:
    """ "None" where none is not a value; a guess at the words by which they say that they have none, or that are something else."""
    if reading.value == "none" and slot.no != "none":
        return True
    surer = [r for r in parse.slots.values() if r.confidence > GUESSED and r.start < reading.end and reading.start < r.end]
    return reading.confidence <= GUESSED and not slot.elaborate and (bool(surer) or bool(parse.acts & {Act.DONT_KNOW, Act.SKIP}))


def _implied(turn: Turn, slot: Slot, reading: Reading) -> bool:
    """Words that give two slots at once ("workers' comp" is a plan and names no insurer) replace only the one that was meant."""
    known = turn.state.slots.get(slot.name)
    if known is None or known.value == reading.value:
        return False
    spans = {name: (r.start, r.end) for name, r in turn.heard.parse.slots.items()}
    kin = [s for s in turn.intake.slots if s.name in slot.vague_with or slot.name in s.vague_with]
    twins = [s for s in kin if spans.get(s.name) == (reading.start, reading.end)]
    meant = [s for s in twins if s.name == turn.state.asked or turn.mentions(s)]
    return bool(meant) and slot.name != turn.state.asked and not turn.mentions(slot)


def _means_this_number(turn: Turn, slot: Slot) -> bool:
    if turn.heard.parse.same_number:
        return True
    if turn.state.asked != slot.name:
        return False
    said = turn.heard.parse.text.strip(" .!").lower()
    return Act.AFFIRM in turn.heard.parse.acts or said in turn.locale.terms["same_number"]


def _record(turn: Turn, slot: Slot, reading: Reading) -> str | None:
    """`new`, `changed`, or None when the message does not change the record."""
    old = turn.state.slots.get(slot.name)
    if old is None:
        turn.fill(slot.name, _filled(turn, slot, reading))
        return "new"
    if old.value == reading.value:
        turn.fill(slot.name, replace(old, session=turn.state.session, needs_review=False, provisional=False))
        return None
    if not _may_replace(turn, slot, old, reading):
        _note_other(turn, slot, old, reading)
        return None
    turn.fill(slot.name, _with_passing(turn, slot, old, _filled(turn, slot, reading)))
    for name, kinds in slot.vague_with.items():
        # A plan that was only a word for the old payer ("workers' comp") goes with it, unless it was all that we knew of the payer.
        if old.value in kinds and Act.CORRECT not in turn.heard.parse.acts:
            break
        if name not in turn.heard.parse.slots and name in turn.state.slots and turn.state.slots[name].value in kinds:
            turn.forget(name)
    return "changed"


def _with_passing(turn: Turn, slot: Slot, old: Filled, new: Filled) -> Filled:
    """The few words said in passing stay before the answer that does not repeat them: "postpartum", then "leaking since the baby"."""
    if not (slot.elaborate and old.provisional and slot.name == turn.state.asked and turn.state.phase is Phase.COLLECTING):
        return new
    if not isinstance(old.value, str) or not isinstance(new.value, str) or Act.CORRECT in turn.heard.parse.acts:
        return new
    first, then = ([word[:STEM] for word in value.lower().split()] for value in (old.value, new.value))
    return new if len(first) > IN_PASSING or set(first) & set(then) else replace(new, value=f"{old.value}, {new.value}")


def _note_other(turn: Turn, slot: Slot, old: Filled, reading: Reading) -> None:
    """ "Do you take Cigna?", "and Aetna?": one of them is theirs, and we ask which when we come to it."""
    known = old.value if isinstance(old.value, tuple) else (old.value,)
    asks = Act.QUESTION in turn.heard.parse.acts and turn.state.phase is Phase.COLLECTING
    if asks and old.inquired and isinstance(reading.value, str) and reading.value not in known:
        both = (*(v for v in known if isinstance(v, str)), reading.value)
        turn.fill(slot.name, replace(old, value=both, provisional=True, needs_review=False))


def _filled(turn: Turn, slot: Slot, reading: Reading) -> Filled:
    source = "caller_id" if slot.kind == "phone" and reading.value == turn.heard.sender and reading.raw == turn.heard.parse.text else None
    confidence = min(reading.confidence, turn.heard.confidence)
    value: Value = reading.value
    if isinstance(value, str) and reading.candidates and confidence < UNSURE:
        value = tuple(dict.fromkeys((value, *reading.candidates)))[:3]
    left = turn.heard.kind is Kind.VOICEMAIL
    filled = turn.filled(value, reading.raw, confidence=confidence, provisional=_in_passing(turn, slot, value), needs_review=left)
    inquired = slot.kind == "payer" and Act.QUESTION in turn.heard.parse.acts
    return replace(filled, source=source or filled.source, inquired=inquired, session=0 if left else filled.session)


def _in_passing(turn: Turn, slot: Slot, value: Value) -> bool:
    """A few words nobody asked for, or a time inside a question ("do you have Saturdays?"), do not answer our question yet."""
    if turn.state.phase is not Phase.COLLECTING or turn.state.intake == "office":
        return False
    if slot.kind == "times":
        return Act.QUESTION in turn.heard.parse.acts
    if slot.name == turn.state.asked or len(turn.heard.parse.slots) >= DENSE:
        return False
    beside = {name: reading.value for name, reading in turn.heard.parse.slots.items()}
    if any(beside.get(name) in kinds for name, kinds in slot.vague_with.items()):
        return True
    if not slot.elaborate:
        return False
    # Who introduces themselves tells it in order; a story told before anything is on record rambles.
    introduced = any(s.essential and s.name in turn.heard.parse.slots for s in turn.intake.slots)
    return (not turn.before.slots and not introduced) or (isinstance(value, str) and len(value.split()) < ENOUGH_WORDS)


def _may_replace(turn: Turn, slot: Slot, old: Filled, reading: Reading) -> bool:
    """A later mention replaces a value only when it is meant to: asked for, a correction, a choice, or more of the same."""
    if turn.heard.kind is Kind.VOICEMAIL and old.confirmed:
        return False
    acts = turn.heard.parse.acts
    if Act.CORRECT in acts or slot.name in (turn.state.asked, turn.state.checking) or old.provisional:
        return True
    if slot.name in turn.state.recent and slot.kind in EXACT and Act.QUESTION not in acts:
        return True
    if Act.QUESTION in acts:
        return False
    if turn.state.phase in (Phase.CONFIRMING, Phase.DONE):
        return slot.name not in ("referral.reason", "caller.role") or turn.state.phase == Phase.CONFIRMING
    if slot.kind == "name" and _respelled(old.value, reading.value):
        return True
    return old.value in slot.vague or _settles(old.value, reading.value) or _says_more(old.value, reading.value)


def _settles(old: Value, new: Value) -> bool:
    return isinstance(old, tuple) and isinstance(new, str) and new in old


def _respelled(old: Value, new: Value) -> bool:
    """ "it's Whittier with two t's": the same person's name, written otherwise."""
    if not isinstance(old, str) or not isinstance(new, str) or len(old.split()) != len(new.split()):
        return False
    return SequenceMatcher(None, old.lower(), new.lower()).ratio() >= SAME_NAME


def _says_more(old: Value, new: Value) -> bool:
    """ "Maria" then "Maria Hernandez", "Dr. Smith" then "Dr. Alan Smith"."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    fewer, more = set(old.lower().split()), set(new.lower().split())
    return fewer < more


def _settle_without_value(turn: Turn, asked: str) -> bool:
    """The question got no value: a yes or no that stands for one, or a refusal, settles it all the same."""
    slot = turn.intake.slot(asked)
    acts = turn.heard.parse.acts
    if slot is None or turn.state.phase is not Phase.COLLECTING or asked in turn.state.slots:
        return False
    denies = Act.DENY in acts and denies_only(turn)
    elsewhere = Act.QUESTION in acts or Act.CORRECT in acts or bool(turn.heard.parse.slots)
    stands_for = slot.yes if Act.AFFIRM in acts or turn.said("yes_words") else slot.no if denies else None
    if stands_for is not None and not elsewhere:
        turn.fill(asked, turn.filled(stands_for, turn.heard.parse.text))
        return True
    if Act.DONT_KNOW in acts or _none_given(turn, slot):
        return _decline(turn, slot, "dont_know")
    if Act.SKIP in acts or (denies and not elsewhere):
        return _decline(turn, slot, "declined")
    return False


def denies_only(turn: Turn) -> bool:
    """A "no" to the question just asked: not one that goes on ("no it's double t") or calls something wrong, for those put right
    what was said before."""
    said = turn.heard.parse.text.split()
    return len(said) <= BARE and not turn.names(turn.locale.terms["wrong_words"]) and not turn.names(turn.locale.terms["but_is"])


def _none_given(turn: Turn, slot: Slot) -> bool:
    reading = turn.heard.parse.slots.get(slot.name)
    return reading is not None and reading.value == "none"


def _decline(turn: Turn, slot: Slot, why: str) -> bool:
    if slot.essential and turn.state.tries.get(slot.name, 0) < 1:
        return False
    turn.decline(slot.name, why)
    return True


def keep_as_said(turn: Turn, slot: Slot) -> bool:
    """After the ladder: keep words we could not read, marked for review. False when there are none to keep."""
    parse = turn.heard.parse
    words = parse.text.strip()
    if not slot.verbatim or not words or parse.acts & _NOT_WORDS or parse.slots:
        return False
    if slot.kind in _NAMED_THINGS and not slot.elaborate and turn.names(turn.locale.terms["negations"]):
        return False  # "I don't have another" is nobody's plan
    turn.fill(slot.name, turn.filled(words[:200], words, confidence=0.3, needs_review=True))
    turn.update(stalled=0)
    return True


def of_somebody_else(turn: Turn) -> bool:
    """A name that is not the one on record, at the start of a later session, is somebody else at the same number."""
    reading, known = turn.heard.parse.slots.get("patient.name"), turn.state.slots.get("patient.name")
    if turn.state.named or reading is None or not isinstance(reading.value, str) or known is None:
        return False
    return known.session != turn.state.session and isinstance(known.value, str) and not same_person(known.value, reading.value)


def _other_person(turn: Turn) -> State | None:
    """Where somebody else's conversation begins; None when this is nobody else's."""
    state, reading = turn.state, turn.heard.parse.slots.get("patient.name")
    if state.named or reading is None or not isinstance(reading.value, str):
        return None
    if not of_somebody_else(turn):
        turn.update(named=True)
        return None
    slots = {name: filled for name, filled in state.slots.items() if filled.session == state.session}
    return State(
        reference=turn.moment.references[0],
        language=state.language,
        slots=slots,
        asked=state.asked,
        messages=state.messages,
        session=state.session,
        named=True,
    )


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: a lone first or last name counts, and so does a slip of spelling."""
    a, b = one.lower().split(), other.lower().split()
    if set(a) <= set(b) or set(b) <= set(a):
        return True
    return SequenceMatcher(None, " ".join(a), " ".join(b)).ratio() >= SAME_NAME
