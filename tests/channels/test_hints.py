"""What a call listens for, by what was asked."""

from __future__ import annotations

import pytest

from channels.hints import LONGEST_HINT, MOST_HINTS, keyed, listening
from channels.wording import languages, words
from dialogs.line import Expect
from nlu.vocabulary import Payer, ReferralSource, Vocabulary

CLINIC = Vocabulary(
    payers=(Payer("Cigna", ("sig na",), "PPO"), Payer("Blue Shield, of California", (), "")),
    sources=(ReferralSource("Dr. Helen Marsh", "Mill Creek Orthopedics"),),
)


def hints(form: str, slot: str | None = None) -> list[str]:
    return listening(Expect(slot, form), words("en"), CLINIC).hints.split(",")


def test_asked_for_the_insurance_the_clinics_payers_come_first() -> None:
    assert hints("payer", "insurance.carrier")[:3] == ["Cigna", "Blue Shield of California", "sig na"]


def test_asked_for_the_provider_the_known_sources_come_first() -> None:
    assert hints("name", "referral.provider")[:2] == ["Dr. Helen Marsh", "Mill Creek Orthopedics"]


def test_asked_for_days_the_weekdays_are_expected() -> None:
    assert {"Monday", "mornings"} <= set(hints("times", "preferred_times"))


def test_with_nothing_asked_providers_and_payers_are_expected() -> None:
    assert {"Dr. Helen Marsh", "Cigna", "knee"} <= set(listening(None, words("en"), CLINIC).hints.split(","))


def test_hints_stay_within_what_twilio_takes() -> None:
    many = Vocabulary(payers=tuple(Payer(f"Payer {n} <&\x08> " + "x" * (n % 130), (), "") for n in range(2000)))
    kept = listening(Expect("insurance.carrier", "payer"), words("en"), many).hints.split(",")
    assert len(kept) == MOST_HINTS
    assert max(map(len, kept)) <= LONGEST_HINT
    assert not any("\x08" in hint for hint in kept)


@pytest.mark.parametrize(("form", "most"), [("phone", 11), ("date", 8), ("id", None), ("yes_no", 1), ("text", 1)])
def test_the_keypad_fits_the_question(form: str, most: int | None) -> None:
    assert listening(Expect("x", form), words("en"), CLINIC).keypad.most == most


def test_a_readback_takes_yes_or_no_by_key_whatever_was_asked() -> None:
    asked = listening(Expect("patient.phone", "phone", confirming=True), words("en"), CLINIC)
    assert (asked.form, asked.keypad.most) == ("yes_no", 1)


@pytest.mark.parametrize(
    ("keys", "form", "meant"),
    [
        ("1", "yes_no", "yes"),
        ("2", "yes_no", "no"),
        ("0", "yes_no", "I would like to talk to a person"),
        ("0", "phone", "I would like to talk to a person"),
        ("6145550123", "phone", "6145550123"),
        ("08141985", "date", "08/14/1985"),
        ("081485", "date", "08/14/85"),
        ("814", "date", "814"),
        ("12345", "id", "12345"),
        ("1", "text", "1"),
    ],
)
def test_keys_become_words(keys: str, form: str, meant: str) -> None:
    assert keyed(keys, form, words("en")) == meant


def test_a_languages_key_is_a_word_of_it() -> None:
    assert keyed("9", "name", words("en")) == "hola"
    assert keyed("8", "text", words("es")) == "hello"
    assert keyed("9", "phone", words("en")) == "9"
    assert len({words(language).voice["key"] for language in languages()}) == len(languages())


def test_every_language_has_the_same_words() -> None:
    english = words("en")
    for language in languages():
        other = words(language)
        assert other.call.keys() == english.call.keys()
        assert other.text.keys() == english.text.keys()
        assert other.keys.keys() == english.keys.keys()
        assert other.hints.keys() == english.hints.keys()
        assert set(other.voice) == {"name", "language", "key"}
