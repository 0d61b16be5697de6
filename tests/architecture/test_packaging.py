"""What is installed is what was written: a wheel holds every module, and every file of words and data beside one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOMS, ROOT

_LEFT_OUT = (".md", ".pyc")
"""For who reads the source; made anew."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in a wheel built from a copy of the source."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "wsgi.py"):
        shutil.copy(ROOT / name, copy / name)
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = copy.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_module_and_every_file_of_data_is_in_the_wheel(installed: set[str]) -> None:
    written = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in _files(ROOT / room)}
    assert written - installed == set()


def test_nothing_else_is_in_it(installed: set[str]) -> None:
    """No test, no bench, no sample clinic: those are run from the source."""
    tops = {name.partition("/")[0] for name in installed}
    assert {top for top in tops if not top.endswith(".dist-info")} == {*ROOMS, "wsgi.py"}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix not in _LEFT_OUT]
