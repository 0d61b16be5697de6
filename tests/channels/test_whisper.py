"""What somebody of the clinic hears who picks up a call from the line."""

from __future__ import annotations

from pathlib import Path

from agent.transfers import Whisper
from channels import whisper
from tests.builders import a_clinic


def test_it_says_the_clinic_the_kind_of_caller_and_the_wish(tmp_path: Path) -> None:
    said = " ".join(whisper.offer(a_clinic(tmp_path), Whisper(role="caregiver", urgent=True)))
    assert "Elm Street PT" in said
    assert "someone calling for a patient who reported something urgent" in said
    assert "Press 1 to accept" in said


def test_staff_hear_their_own_language_and_which_one_the_caller_speaks(tmp_path: Path) -> None:
    assert "The caller speaks Spanish." in whisper.offer(a_clinic(tmp_path), Whisper(language="es"))
    assert "speaks" not in " ".join(whisper.offer(a_clinic(tmp_path), Whisper()))


def test_a_name_is_never_in_the_offer(tmp_path: Path) -> None:
    """A62: an answering machine may be listening."""
    about = Whisper(role="patient", name="Ann Lee", reference="RL-7K3M9Q")
    offered = " ".join(whisper.offer(a_clinic(tmp_path), about))
    assert "Ann" not in offered
    assert "RL" not in offered
    assert whisper.joined(about) == ["Connecting you with Ann Lee."]
    assert whisper.joined(Whisper()) == []


def test_a_caller_who_did_not_wait_is_named_by_the_reference_only() -> None:
    assert "R L - 7 K 3 M 9 Q" in " ".join(whisper.gone(Whisper(gone=True, reference="RL-7K3M9Q", name="Ann Lee")))
    assert "Ann" not in " ".join(whisper.gone(Whisper(gone=True, reference="RL-7K3M9Q", name="Ann Lee")))
