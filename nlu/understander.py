"""One message in, one `Parse` out: safety first, then acts, then slots with the overlaps between readers resolved.

Two readers may claim the same words: ten digits are a telephone number or a policy number, "Chase" is a name or a payer.
What was asked decides first, then confidence. Names and times are read from the message with the claimed numbers masked,
so that the digits of a phone are never an hour.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlu import acts, birth_dates, dates, emails, ids, language, names, opt_out, phones, practices, reasons, requests, role, safety, times
from nlu.carriers import CarrierReader
from nlu.message import Message
from nlu.office import OfficeReader
from nlu.parse import Act, Context, Parse, Reading, Understander
from nlu.providers import ProviderReader
from nlu.vocabulary import Vocabulary

log = logging.getLogger(__name__)

_READ = 1600
"""Characters read for acts and slots: no text message is longer. Danger and requests are looked for in all of it."""

_BARE = 0.6
"""Confidence of an answer taken whole because it was asked for."""

_EVASIONS = frozenset({Act.DONT_KNOW, Act.SKIP, Act.DENY, Act.WAIT, Act.REPEAT, Act.HELP, Act.BACKCHANNEL})
"""What a message may do instead of answering."""

Reader = Callable[[Message, Context], list[Reading]]

_NAMED_SLOTS = ("insurance.carrier", "insurance.plan", "referral.provider", "referral.practice", "referral.specialty")
_PHONE, _ID, _EMAIL, _BIRTH = phones.SLOT, ids.SLOT, emails.SLOT, birth_dates.SLOT


def build(vocabulary: Vocabulary) -> Understander:
    """The understander of one clinic; `Vocabulary()` is a clinic nothing is known about."""
    return ClinicUnderstander(CarrierReader(vocabulary).read, ProviderReader(vocabulary).read, OfficeReader(vocabulary))


@dataclass(frozen=True, slots=True)
class ClinicUnderstander:
    """Deterministic; holds no message."""

    carriers: Reader
    providers: Reader
    office: OfficeReader

    def read(self, text: str, context: Context) -> Parse:
        """Read one message. Never raises: a reader that fails is left out, and the failure is logged without the words."""
        message = Message.of(text)
        danger = safety.read(message, context)
        asks = requests.read(message, context)
        head = _head(message, _READ)
        slots = _without_evasion(self._slots(head, context), head, context)
        return Parse(
            text=message.text,
            acts=acts.read(head, context, filled={*slots, _PHONE} if asks.same_number and context.asked == _PHONE else slots.keys()),
            slots=slots,
            safety=danger,
            opt_out=opt_out.read(message),
            handoff=asks.handoff,
            advice=asks.advice,
            probe=asks.probe,
            robot=asks.robot,
            wrong_number=asks.wrong_number,
            same_number=asks.same_number,
            language=language.read(message, context),
            referrals=_referrals(self.office, head, context),
        )

    def _slots(self, message: Message, context: Context) -> Mapping[str, Reading]:
        numbers = _numbers(message, context)
        rest = _without_births(_without_phones(masked(message, numbers), context), numbers)
        payers = _safely("carriers", self.carriers, rest, context)
        named = [*payers, *_safely("providers", self.providers, rest, context)]
        who = _safely("role", role.read, message, context)
        people = _people(rest, named, context, str(who[0].value) if who else "")
        when = _safely("times", times.read, masked(rest, people), context)
        places = [reading for reading in named if reading.slot == practices.SLOT]
        why = _safely("reasons", reasons.read, masked(rest, [*people, *payers, *places]), context)
        if role.tells_a_story(message.low):
            named, why, who = payers, [], []
        return _best([*numbers, *named, *people, *who, *when, *why], context)


def _without_evasion(slots: Mapping[str, Reading], message: Message, context: Context) -> Mapping[str, Reading]:
    """ "idk", "nah", "n/a": readers that take a bare answer whole would take these too."""
    bare = slots.get(context.asked or "")
    evasions = _EVASIONS & acts.read(message, context, filled=()) if bare is not None and bare.confidence <= _BARE else frozenset()
    if bare is None or not evasions:
        return slots
    whole = bool(evasions & {Act.HELP, Act.REPEAT}) or bare.raw.strip(" .!?") == message.text.strip(" .!?")
    return {name: reading for name, reading in slots.items() if name != bare.slot} if whole else slots


def _referrals(office: OfficeReader, message: Message, context: Context) -> tuple[Mapping[str, Reading], ...]:
    try:
        return office.read(message, context)
    except Exception:
        log.exception("reader failed", extra={"reader": "office"})
        return ()


def _people(message: Message, named: Sequence[Reading], context: Context, speaker: str) -> list[Reading]:
    """Names, read around payers and providers; through them where a name was asked for ("Oscar Ramirez" is no payer then)."""
    if context.asked not in (names.PATIENT, names.CALLER):
        message = masked(message, [reading for reading in named if reading.slot != "referral.specialty"])
    return _safely("names", lambda text, moment: names.read(text, moment, speaker), message, context)


def _best(readings: Iterable[Reading], context: Context) -> dict[str, Reading]:
    """One reading a slot; where a name and a payer or provider claim the same words, the one asked for wins."""
    slots: dict[str, Reading] = {}
    for reading in readings:
        held = slots.get(reading.slot)
        if held is None or reading.confidence > held.confidence:
            slots[reading.slot] = reading
    person = slots.get(names.PATIENT)
    if person is not None:
        for slot in _NAMED_SLOTS:
            other = slots.get(slot)
            if other is not None and _overlap(person, other) and context.asked == names.PATIENT:
                del slots[slot]
    return slots


def _head(message: Message, length: int) -> Message:
    return message if len(message.text) <= length else Message.of(message.text[:length])


def masked(message: Message, readings: Iterable[Reading]) -> Message:
    """The message with the words of some readings blanked out, offsets unchanged."""
    text = message.text
    for reading in readings:
        width = reading.end - reading.start
        if width > 0:
            text = text[: reading.start] + "|" + " " * (width - 2) + "|" * (width > 1) + text[reading.end :]
    return message if text == message.text else Message.of(text)


def _without_phones(message: Message, context: Context) -> Message:
    """The numbers not chosen ("my work is ...") are no hours or dates either."""
    return masked(message, [Reading(_PHONE, phone.value, "", phone.start, phone.end) for phone in phones.find(message, context)])


def _without_births(message: Message, numbers: Sequence[Reading]) -> Message:
    """Beside a date of birth another date with a year is the wrong one ("3/14/61, not 3/4/61"), no day to come in."""
    if not any(reading.slot == _BIRTH for reading in numbers):
        return message
    return masked(message, [Reading(_BIRTH, "", "", day.start, day.end) for day in dates.find(message.low) if day.full])


def _numbers(message: Message, context: Context) -> list[Reading]:
    """E-mail, phone, member ID and date of birth, no two from the same words."""
    mail = _safely("emails", emails.read, message, context)
    rest = masked(message, mail)
    phone = _safely("phones", phones.read, rest, context)
    number = _safely("ids", ids.read, rest, context)
    if phone and number and _overlap(phone[0], number[0]):
        if _is_id(phone[0], number[0], message, context):
            phone = []
        else:
            number = []
    rest = masked(rest, [*phone, *number])
    birth = _safely("birth_dates", birth_dates.read, rest, context)
    return [*mail, *phone, *number, *birth]


def _is_id(phone: Reading, number: Reading, message: Message, context: Context) -> bool:
    """The same digits as a phone and as a member ID: which is it?"""
    if any(char.isalpha() for char in str(number.value)):
        return True
    if context.asked in (_PHONE, _ID):
        return context.asked == _ID and not phones.is_cued(message.low, phone.start)
    return number.confidence >= 0.8 and not phones.is_cued(message.low, phone.start)


def _overlap(one: Reading, other: Reading) -> bool:
    return one.start < other.end and other.start < one.end


def _safely(name: str, reader: Reader, message: Message, context: Context) -> list[Reading]:
    """The boundary that keeps a defect in one reader from silencing the line; the log names the reader, never the words."""
    try:
        return reader(message, context)
    except Exception:
        log.exception("reader failed", extra={"reader": name})
        return []
