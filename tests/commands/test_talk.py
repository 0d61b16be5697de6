"""Talking to the line in a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def chat(folder: Path, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    """One `referline chat`, typed into; the end of what is typed is Ctrl-D."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DATA_DIR": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "commands.main", "chat", "--clinic", str(ROOT / "clinics" / "riverside"), *options]
    return subprocess.run(command, input=typed, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False)


def lead(out: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(out[out.index("\n{") :])
    return shown


def test_a_text_conversation_ends_with_its_lead(tmp_path: Path) -> None:
    done = chat(tmp_path, "my name is Maria Lopez and I have Cigna\n", "--from", "+14155550188", "--json")
    assert done.returncode == 0, done.stderr
    assert "line> Riverside Physical Therapy" in done.stdout
    shown = lead(done.stdout)
    assert shown["slots"]["patient.name"]["value"] == "Maria Lopez"
    assert shown["caller"]["number"] == "+14155550188"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("channel", ["voice", "web"])
def test_a_call_is_greeted_heard_and_hung_up(tmp_path: Path, channel: str) -> None:
    """A60: also here. An empty line is silence on a call; the end of the input is the hang-up, so the lead is partial at once."""
    done = chat(tmp_path, "\nmy name is Maria Lopez\n", "--channel", channel, "--json")
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[0]
    assert "automated assistant" in first
    assert "911" in first or "9 1 1" in first
    assert lead(done.stdout)["completeness"] == "partial"


def test_saying_nothing_makes_no_lead(tmp_path: Path) -> None:
    done = chat(tmp_path, "")
    assert done.returncode == 0, done.stderr
    assert "No lead" in done.stdout


def test_at_the_end_the_lead_is_shown_for_people(tmp_path: Path) -> None:
    done = chat(tmp_path, "my name is Maria Lopez and I have Cigna\n")
    assert "What the coordinators have now:" in done.stdout
    shown = done.stdout[done.stdout.index("What the coordinators") :]
    assert "patient.name" in shown
    assert "Maria Lopez" in shown
    assert "{" not in shown
