"""Who sends the patient: provider, practice and specialty."""

from __future__ import annotations

import pytest

from nlu import practices, specialties
from nlu.providers import PROVIDER, ProviderReader
from nlu.vocabulary import ReferralSource, Vocabulary
from tests.nlu.listening import corpus, heard

READER = ProviderReader(Vocabulary())
KNOWN = ProviderReader(
    Vocabulary(sources=(ReferralSource("Dr. Allan Smyth", "Bay Ortho"), ReferralSource("Dr. Wei Chen"), ReferralSource("Dr. Amy Chen")))
)


@pytest.mark.parametrize(("asked", "text", "wanted"), corpus("providers"))
def test_a_referral_source_is_read_as_callers_say_it(asked: str, text: str, wanted: tuple[str, ...]) -> None:
    provider, practice, specialty = wanted or ("", "", "")
    got = heard(READER.read, text, asked)
    assert (got.get(PROVIDER, ""), got.get(practices.SLOT, "")) == (provider, practice)
    assert not specialty or got[specialties.SLOT] == specialty


def test_two_names_nobody_chose_between_are_both_kept() -> None:
    assert heard(READER.read, "dr smith or dr smythe", PROVIDER)[PROVIDER] == ("Dr. Smith", "Dr. Smythe")


def test_a_known_source_is_written_the_clinics_way() -> None:
    """Known referral sources come first, in the clinic's spelling."""
    assert heard(KNOWN.read, "doctor alan smyth", PROVIDER)[PROVIDER] == "Dr. Allan Smyth"
    assert heard(KNOWN.read, "dr smyth", PROVIDER)[PROVIDER] == "Dr. Allan Smyth"


def test_two_known_sources_of_one_name_settle_nothing() -> None:
    assert heard(KNOWN.read, "doctor chen", PROVIDER)[PROVIDER] == "Dr. Chen"
    assert heard(KNOWN.read, "doctor amy chen", PROVIDER)[PROVIDER] == "Dr. Amy Chen"


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("orthopedist", "orthopedics"),
        ("brain doctor", "neurology"),
        ("p c p", "primary care"),
        ("pain clinic", "pain management"),
        ("hes a foot doctor", "podiatry"),
        ("ear doctor", "ENT"),
        ("pm&r", "physiatry"),
        ("traumatólogo", "orthopedics"),
        ("spine surgeon", "neurosurgery"),
    ],
)
def test_a_specialty_is_one_of_a_closed_list(text: str, specialty: str) -> None:
    assert heard(READER.read, text, specialties.SLOT)[specialties.SLOT] == specialty
