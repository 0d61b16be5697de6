from __future__ import annotations

import fcntl
from datetime import date
from pathlib import Path

import pytest

from agent import settings
from channels.speech import model
from channels.speech.grammar import GrammarBook, material
from channels.speech.recogniser import Ears
from channels.speech.resolving import ClinicEars
from nlu import understander
from nlu.name_words import FIRST, LAST
from nlu.vocabulary import Payer, ReferralSource, Vocabulary

VOCABULARY = Vocabulary(
    payers=(Payer("Cigna", ("cigna", "sigma"), "PPO"), Payer("Aetna", ("aetna", "etna"), "HMO")),
    sources=(ReferralSource("Dr. Ann Novak, MD", "Harbor Spine Center", "orthopedics"),),
    state="CA",
)


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The acoustic model, fetched once into DATA_DIR where there is none; without one, what needs ears is skipped and says why."""
    folders = settings.folders()
    folders.models.mkdir(parents=True, exist_ok=True)
    with (folders.models / "fetching").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = model.find(folders.vosk_model_dir, folders.models)
        if found is None:
            try:
                found = model.fetch(folders.models, print)
            except model.ModelError as error:
                pytest.skip(f"no speech model: {error}")
    return found


@pytest.fixture(scope="session")
def ears(model_dir: Path) -> Ears:
    return Ears(model_dir)


@pytest.fixture(scope="session")
def book(ears: Ears) -> GrammarBook:
    names = {"first": tuple(FIRST), "last": tuple(LAST)}
    return GrammarBook(material(VOCABULARY, ["Do you have parking?"], names), ears.knows)


@pytest.fixture(scope="session")
def clinic_ears(ears: Ears, book: GrammarBook) -> ClinicEars:
    return ClinicEars(ears, book, understander.build(VOCABULARY), lambda: date(2026, 11, 21))
