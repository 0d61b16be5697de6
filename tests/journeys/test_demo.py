"""`referline demo` is finite, and fails when anything it shows did not really happen."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from commands.demo import Actor

_ROOT = Path(__file__).parents[2]


def test_the_demo_plays_a_text_and_a_call_and_shows_what_came_of_them(tmp_path: Path) -> None:
    """Two complete leads, two notifications, two thank-yous, all through the real doors and a real SMTP server."""
    command = [sys.executable, "-m", "commands.main", "demo", "--clinic", str(_ROOT / "clinics" / "riverside")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  complete  by ") == 2
    assert done.stdout.count("Subject:  New request RL-") == 2
    assert done.stdout.count("Subject:  Thank you for your referral (RL-") == 2
    assert list(tmp_path.iterdir()) == []


def test_an_actor_answers_the_question_that_came_last() -> None:
    actor = Actor("Ana", "+16145550161", "hi", {"phone": ["555"], "full name": ["Ana", "Ana Ruiz"]}, "skip")
    before: Counter[str] = Counter()
    assert actor.answer("I have your phone. What is the full name?", before) == "Ana"
    assert actor.answer("The full name again, please?", before) == "Ana Ruiz"
    assert actor.answer("Anything else?", before) == "skip"


def test_the_script_names_two_actors() -> None:
    script = tomllib.loads((_ROOT / "commands" / "demo.toml").read_text(encoding="utf-8"))
    assert [Actor(**script[part]).name for part in ("text", "call")] == ["Maria", "George"]
