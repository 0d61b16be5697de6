"""Ways of talking that the rows of the personas do not have: the same person, answering as other people do.

Each manner takes what the person would say next and returns the messages they send instead, one after the other without waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.person import Person

Manner = Callable[[Person, str], list[str]]

_ALIKE = ("confirm", "safety", "missing")
"""Moments that are no question about a slot."""


def plain(person: Person, words: str) -> list[str]:
    """As the row says it."""
    return [words]


def twice(person: Person, words: str) -> list[str]:
    """Says every answer again before there is a reply."""
    return [words, words] if _answers(person, words) else [words]


def yes_first(person: Person, words: str) -> list[str]:
    """Says yes to a question that yes does not answer, and then answers it."""
    yes = {"en": "yes", "es": "sí"}[person.language]
    return [yes, words] if _answers(person, words) else [words]


def terse(person: Person, words: str) -> list[str]:
    """The shortest way to say it."""
    says = person.row["answers"].get(person.asked, ())
    return [min(says, key=len)] if words in says else [words]


def ahead(person: Person, words: str) -> list[str]:
    """Answers, and at once what will be asked later."""
    following = next((slot for slot in person.row["answers"] if slot not in person.answered), None)
    if not _answers(person, words) or following is None or following == _stops_at(person):
        return [words]
    person.answered.add(following)
    return [words, _named(person, following)]


def elsewhere(person: Person, words: str) -> list[str]:
    """Tells something else than what was asked for, every third time."""
    named = _LABELS[person.language]
    following = next((slot for slot in person.row["answers"] if slot in named and slot not in person.answered), None)
    if not _answers(person, words) or following is None or following == _stops_at(person) or len(person.answered) % 3:
        return [words]
    person.answered.add(following)
    if person.asked in person.answered:
        person.answered.discard(person.asked)
        person.told[person.asked] -= 1
    return [_named(person, following)]


def all_at_once(person: Person, words: str) -> list[str]:
    """The whole row in the first message."""
    if person.answered or words != person.row["opening"] or person.row["expect_status"] != "complete":
        return [words]
    told = [_named(person, slot) for slot in person.row["answers"] if slot != _stops_at(person)]
    return [". ".join([words, *told])]


def corrects_at_the_end(person: Person, words: str) -> list[str]:
    """Answers the summary with a change, and takes the change back."""
    if words not in person.row["confirm_yes"] or person.told["changed"] or person.row["expect_status"] != "complete":
        return [words]
    said = person.row["answers"].get("patient.phone")
    if not said:
        return [words]
    person.told["changed"] += 1
    wrong, right = {
        "en": ("no, the phone number is 614-555-0999", f"sorry, the phone number is {said[-1]}"),
        "es": ("no, el teléfono es 614-555-0999", f"perdón, el teléfono es {said[-1]}"),
    }[person.language]
    return [wrong, right]


def _answers(person: Person, words: str) -> bool:
    """Whether these words answer a question about a slot."""
    return person.asked is not None and person.asked not in _ALIKE and words in person.row["answers"].get(person.asked, ())


def _stops_at(person: Person) -> str | None:
    return person.row["drops"]["after"] if person.row["drops"] else None


def _named(person: Person, slot: str) -> str:
    """An answer nobody asked for is introduced by what it is."""
    said = person.row["answers"][slot][-1]
    label = _LABELS[person.language].get(slot)
    return f"{label} {said}" if label else str(said)


_LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "patient.phone": "the phone number is",
        "insurance.member_id": "the member id is",
        "insurance.plan": "the plan is",
        "insurance.carrier": "the insurance is",
        "referral.provider": "referred by",
        "referral.practice": "the practice is",
        "patient.date_of_birth": "date of birth",
        "patient.name": "the name is",
    },
    "es": {
        "patient.phone": "el teléfono es",
        "insurance.member_id": "el número de miembro es",
        "insurance.plan": "el plan es",
        "insurance.carrier": "el seguro es",
        "referral.provider": "me refirió",
        "referral.practice": "el consultorio es",
        "patient.date_of_birth": "fecha de nacimiento",
        "patient.name": "el nombre es",
    },
}

MANNERS: Mapping[str, Manner] = {
    "plain": plain,
    "twice": twice,
    "yes-first": yes_first,
    "terse": terse,
    "ahead": ahead,
    "elsewhere": elsewhere,
    "all-at-once": all_at_once,
    "corrects-at-the-end": corrects_at_the_end,
}
