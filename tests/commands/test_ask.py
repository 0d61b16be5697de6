from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.ask import ask
from tests.knowledge.clinic import FOLDER

CLINIC = ["--clinic", str(FOLDER), "--today", "2026-11-21"]


def test_one_question_is_answered_with_its_source() -> None:
    result = CliRunner().invoke(ask, [*CLINIC, "where", "do", "i", "park"])
    assert result.exit_code == 0
    assert "Mesquite Avenue" in result.output
    assert "article:park" in result.output


def test_json_has_the_fields_of_the_contract() -> None:
    result = CliRunner().invoke(ask, [*CLINIC, "--json", "do you take aetna and do you have a sauna?"])
    report = json.loads(result.output)
    assert set(report) == {"id", "text", "answered", "reply", "parts"}
    assert [set(part) for part in report["parts"]] == [{"question", "answered", "answer", "source", "id", "score"}] * 2
    assert [part["answered"] for part in report["parts"]] == [True, False]
    assert "coordinator" in report["reply"]


def test_lines_come_out_in_order_with_their_ids() -> None:
    rows = [
        {"id": "b", "text": "where do i park"},
        {"id": "a", "text": "is there a spring special?", "today": "2026-03-10"},
        {"id": "c", "text": "is there a spring special?"},
    ]
    result = CliRunner().invoke(ask, [*CLINIC, "--jsonl"], input="\n".join(map(json.dumps, rows)))
    reports = [json.loads(line) for line in result.output.splitlines()]
    assert [(report["id"], report["answered"]) for report in reports] == [("b", True), ("a", True), ("c", False)]


def test_the_ear_gets_its_own_wording() -> None:
    result = CliRunner().invoke(ask, [*CLINIC, "--json", "--channel", "voice", "what number can i call?"])
    assert "4 8 0, 5 5 5" in json.loads(result.output)["reply"]


def test_a_broken_clinic_folder_says_what_to_fix(tmp_path: Path) -> None:
    (tmp_path / "articles.jsonl").write_text("{oops\n", "utf-8")
    result = CliRunner().invoke(ask, ["--clinic", str(tmp_path), "hello?"])
    assert result.exit_code != 0
    assert "line 1" in result.output


def test_the_clinic_folder_is_the_one_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINIC_DIR", str(FOLDER))
    assert "Mesquite Avenue" in CliRunner().invoke(ask, ["where do i park"]).output


def test_a_question_is_needed() -> None:
    assert CliRunner().invoke(ask, CLINIC).exit_code == 2
