"""Where a measurement comes from: it is worth nothing without its commit and machine."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path

RESULTS = Path(__file__).with_name("results")


def line() -> str:
    """One line for the head of a page of results."""
    asked = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10).stdout.strip() or "unknown"
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"Commit {commit}, {time.strftime('%Y-%m-%d')}, {machine}."


def write(name: str, page: str) -> Path:
    """Write a page of results and say where it is."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / name
    path.write_text(page.rstrip() + "\n", encoding="utf-8")
    return path


def _processor() -> str:
    """The processor's name, which Linux keeps where `platform` does not look."""
    about = Path("/proc/cpuinfo")
    names = [row.partition(":")[2].strip() for row in about.read_text().splitlines() if row.startswith("model name")] if about.exists() else []
    return names[0] if names else platform.processor() or platform.machine()
