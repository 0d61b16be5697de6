"""The clinic's folder: defaults for what is left out, and every mistake named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import clinic as clinics
from agent import script
from agent.clinic import ClinicError
from tests.builders import a_clinic

SAMPLE = Path(__file__).parents[2] / "clinics" / "riverside"


def test_an_empty_folder_is_a_clinic_with_defaults(tmp_path: Path) -> None:
    clinic = clinics.load(tmp_path)
    assert (clinic.name, clinic.resume_hours, clinic.articles, clinic.payers) == ("our clinic", 72, (), ())
    assert clinic.timezone_name == "Eastern time"
    assert script.load(clinic).intakes.keys() >= {"patient", "office"}


def test_the_sample_clinic_is_whole_and_made_up() -> None:
    clinic = clinics.load(SAMPLE)
    assert (clinic.name, clinic.state, clinic.timezone.key) == ("Riverside Physical Therapy", "OH", "America/New_York")
    assert len(clinic.articles) > 50
    assert len(clinic.payers) > 20
    assert clinic.availability.stated
    assert 4 <= len(clinic.referral_sources) <= 6
    mailboxes = [source.email for source in clinic.referral_sources if source.email] + [person.email for person in clinic.on_call]
    assert all(mailbox.endswith(".example") for mailbox in (*mailboxes, *clinic.coordinator_emails))
    assert all("55501" in number for source in clinic.referral_sources for number in (source.fax, source.phone))
    words = script.load(clinic)
    assert (words.clinic.name, words.clinic.phone) == (clinic.name, "+16145550142")
    assert words.locales.keys() >= {"en", "es"}


def test_numbers_are_normalised_and_sources_known_to_the_understanding(tmp_path: Path) -> None:
    clinic = a_clinic(tmp_path / "c", 'phone = "(614) 555-0142"\n[[referral_sources]]\nprovider = "Dr. Ann Lee"\nphone = "614.555.0180"\n')
    assert (clinic.phone, clinic.referral_sources[0].phone) == ("+16145550142", "+16145550180")
    assert [source.provider for source in clinic.vocabulary.sources] == ["Dr. Ann Lee"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('phone = "12"', "phone: is no telephone number"),
        ('timezone = "Ohio"', "timezone: is no time zone"),
        ('nmae = "x"', "nmae: this name is not permitted"),
        ('[hours]\nmon = ["9-5"]', "hours.mon.0: write hours as 08:00-17:00"),
        ('[hours]\nmon = ["17:00-08:00"]', "hours.mon.0: closing must come after opening"),
        ('coordinator_emails = ["nobody"]', "coordinator_emails.0: is no e-mail address"),
        ("name = ", "clinic.toml: Invalid value"),
        ("resume_hours = 0", "resume_hours: "),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ClinicError) as refused:
        a_clinic(tmp_path / "c", text)
    assert said in str(refused.value)
    assert "clinic.toml" in str(refused.value)


def test_all_mistakes_of_the_file_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ClinicError) as refused:
        a_clinic(tmp_path / "c", 'phone = "12"\ntimezone = "Ohio"\n')
    assert len(str(refused.value).splitlines()) == 2


def test_a_folder_that_is_not_there_says_which_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ClinicError, match="CLINIC_DIR"):
        clinics.load(tmp_path / "nowhere")


def test_a_broken_payer_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "payers.csv").write_text("payer,aliases\nAetna,aetna\n")
    with pytest.raises(ClinicError, match=r"payers\.csv, line 1"):
        clinics.load(tmp_path)
