"""`referline alerts` and `tasks`: what people have to do, and crossing it off."""

from __future__ import annotations

import json

from tests.commands.test_record import Run, run, say

__all__ = ["run"]
URGENT = "patient.name=Ann Lee; patient.phone=+16145550123; #urgent"


def test_open_alerts_are_red_until_somebody_has_them(run: Run) -> None:
    """A64: also without a console."""
    say(URGENT)
    shown = run("alerts", color=True)
    assert "\x1b[31m" in shown.output
    (alert,) = json.loads(run("alerts", "--json").output)
    assert (alert["open"], alert["level"]) == (True, "emergency")
    assert "cauda" not in shown.output
    assert "is yours" in run("alerts", "--ack", alert["reference"].lower(), "--by", "Dana").output
    assert run("alerts").output.strip() == "No open alerts."
    assert json.loads(run("alerts", "--all", "--json").output)[0]["acknowledged_by"] == "Dana"
    again = run("alerts", "--ack", alert["reference"])
    assert again.exit_code == 1
    assert "no open alert" in again.output


def test_tasks_are_listed_with_whom_to_reach_and_crossed_off(run: Run) -> None:
    say("patient.name=Ann Lee; patient.phone=+16145550123; #person")
    shown = run("tasks").output
    assert "call back" in shown
    assert "Ann Lee" in shown
    assert "(614) 555-0123" in shown
    (task,) = json.loads(run("tasks", "--json").output)
    assert (task["kind"], task["done_at"]) == ("call_back", None)
    assert run("tasks", "--done", task["id"][-8:]).output.strip() == "Nothing to do."
    assert json.loads(run("tasks", "--all", "--json").output)[0]["done_at"]
    assert "no open task" in run("tasks", "--done", task["id"]).output


def test_help_says_how_to_acknowledge(run: Run) -> None:
    assert "OK RL-" in run("alerts", "--help").output
    assert "--done" in run("tasks", "--help").output
