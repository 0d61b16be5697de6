"""What a call should listen for: recognition hints and the keypad, from the slot that was asked and the clinic's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from channels.twiml import inert
from channels.wording import Words, by_key
from dialogs.line import Expect
from nlu.vocabulary import Vocabulary

MOST_HINTS = 200
"""Twilio takes 500 phrases; past this size each one helps less and the response grows."""
LONGEST_HINT = 100
"""Characters of one phrase; Twilio refuses longer ones."""
PERSON_KEY = "0"

_PATIENT = "auto"
_UNHURRIED = "2"
"""Seconds of quiet that end an answer given in groups, such as a telephone number; `auto` would cut it at the first pause."""


@dataclass(frozen=True, slots=True)
class Keypad:
    """How keys are collected while we listen."""

    most: int | None
    """Number of keys after which we stop waiting; None: until `ends`."""
    ends: str = "#"
    """The key that says "that was all"."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Everything a <Gather> needs to know about what comes next."""

    form: str
    """What keys mean here, see `keyed`."""
    hints: str
    """Comma separated."""
    keypad: Keypad
    speech_timeout: str
    """Seconds of quiet that end an answer, or `auto`."""


_ONE_KEY = Keypad(1)
_KEYPADS: Mapping[str, Keypad] = {
    # Eleven: some begin with the 1. Ten would cut those short and hear the rest as the next answer.
    "phone": Keypad(11),
    "date": Keypad(8),
    "id": Keypad(None),
}
_SEVERAL_KEYS = frozenset(_KEYPADS)
_UNHURRIED_FORMS = frozenset({"phone", "id", "email"})


def listening(expect: Expect | None, words: Words, vocabulary: Vocabulary) -> Listening:
    """What to listen for after a reply; with nothing asked, for anything."""
    form = "text" if expect is None else "yes_no" if expect.confirming else expect.form
    slot = None if expect is None else expect.slot
    phrases = (*_clinics_words(slot, form, vocabulary), *words.hints.get(form, ()), *words.hints["always"])
    return Listening(form, _joined(phrases), _KEYPADS.get(form, _ONE_KEY), _UNHURRIED if form in _UNHURRIED_FORMS else _PATIENT)


def keyed(keys: str, form: str, words: Words) -> str:
    """What the keys pressed stand for, in words the readers know. 0 alone is always a person; a language's key is a word of it."""
    if keys == PERSON_KEY:
        return words.keys["person"]
    if form not in _SEVERAL_KEYS and (chosen := by_key(keys)):
        return chosen.keys["language"]
    if form == "yes_no" and keys in ("1", "2"):
        return words.keys["yes" if keys == "1" else "no"]
    if form == "date" and keys.isdigit() and len(keys) in (6, 8):
        return f"{keys[:2]}/{keys[2:4]}/{keys[4:]}"
    return keys


def _clinics_words(slot: str | None, form: str, vocabulary: Vocabulary) -> Iterable[str]:
    payers = (payer.name for payer in vocabulary.payers)
    if form == "payer":
        return (*payers, *(alias for payer in vocabulary.payers for alias in payer.aliases))
    providers = [source.provider for source in vocabulary.sources]
    practices = [source.practice for source in vocabulary.sources]
    if slot == "referral.provider":
        return (*providers, *practices)
    if slot == "referral.practice":
        return (*practices, *providers)
    if form in ("yes_no", "date", "phone", "id", "email"):
        return ()
    # An open question is answered with anything: "Doctor Feld sent me, and do you take Cigna?"
    return (*providers, *practices, *payers)


def _joined(phrases: Iterable[str]) -> str:
    kept: dict[str, str] = {}
    for phrase in phrases:
        plain = " ".join(inert(phrase).replace(",", " ").split())
        if plain and len(plain) <= LONGEST_HINT:
            kept.setdefault(plain.casefold(), plain)
    return ",".join(list(kept.values())[:MOST_HINTS])
