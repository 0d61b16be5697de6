from __future__ import annotations

import json

from click.testing import CliRunner

from commands.understand import understand


def test_one_message_as_json() -> None:
    result = CliRunner().invoke(understand, ["--json", "--asked", "patient.name", "dora vela"])
    report = json.loads(result.output)
    assert report["slots"]["patient.name"]["value"] == "Dora Vela"
    assert report["safety"]["level"] == "none"
    assert {"id", "text", "acts", "slots", "safety", "opt_out", "handoff", "advice", "probe"} <= report.keys()


def test_lines_in_are_lines_out_in_order() -> None:
    lines = [{"id": "b", "text": "tomorrow", "asked": "preferred_times", "today": "2026-11-20"}, {"id": "a", "text": "hi"}]
    result = CliRunner().invoke(understand, ["--jsonl"], input="\n".join(map(json.dumps, lines)))
    out = [json.loads(line) for line in result.output.splitlines()]
    assert [row["id"] for row in out] == ["b", "a"]
    assert out[0]["slots"]["preferred_times"]["value"] == [
        {"days": ["sat"], "part": "any", "after": None, "before": None, "from": "2026-11-21", "to": "2026-11-21"}
    ]
