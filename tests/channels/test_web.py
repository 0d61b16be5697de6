"""What the application does around its doors."""

from __future__ import annotations

import logging
from types import ModuleType

import pytest
from flask import Flask

from agent.bootstrap import Agent
from channels import doors, twilio_sms
from channels.doors import DoorError
from channels.emulator import Twilio
from channels.web import create_app
from tests.fakes.turns import FakeTurns


def test_the_process_says_that_it_is_alive(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_it_is_ready_when_a_turn_could_be_taken(app: Flask) -> None:
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ready", "failing": []})


def test_it_is_not_ready_without_the_tables(app: Flask, agent: Agent) -> None:
    with agent.store.connection() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.get_json()["failing"]) == (503, ["migrations"])


def test_it_is_not_ready_without_the_database(app: Flask, agent: Agent) -> None:
    path = agent.store.sqlite_path
    assert path is not None
    agent.store.dispose()
    for file in path.parent.glob("referline.db*"):
        file.unlink()
    path.mkdir()
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.get_json()["failing"]) == (503, ["database"])
    assert app.test_client().get("/healthz").status_code == 200


def test_metrics_count_requests_and_failures_without_saying_whose(app: Flask, twilio: Twilio, turns: FakeTurns) -> None:
    twilio.text("hello", from_="+14155559876")
    turns.failures = 1
    twilio.text("canary", from_="+14155559876")
    page = app.test_client().get("/metrics").get_data(as_text=True)
    assert 'referline_requests_total{endpoint="twilio_sms.text_came",status="200"} 2.0' in page
    assert 'referline_failed_turns_total{door="twilio_sms"} 1.0' in page
    assert "5559876" not in page
    assert "canary" not in page


def test_two_applications_in_one_process_count_for_themselves(agent: Agent) -> None:
    assert create_app(agent).extensions != create_app(agent).extensions


def test_every_answer_is_hardened(app: Flask, twilio: Twilio) -> None:
    """A48."""
    for response in (app.test_client().get("/healthz"), app.test_client().get("/nowhere"), app.test_client().post("/twilio/sms")):
        policy = response.headers["Content-Security-Policy"]
        assert all(rule in policy for rule in ("base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"))
        assert "unsafe-inline" not in policy
        assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/twilio/sms", 405), ("POST", "/healthz", 405)])
def test_errors_have_no_words(app: Flask, method: str, path: str, status: int) -> None:
    """A plain error page would be texted to the patient, an HTML one taken for TwiML."""
    response = app.test_client().open(path, method=method)
    assert (response.status_code, response.get_data()) == (status, b"")


def test_a_fault_outside_the_doors_shows_nothing(agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(agent)

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("canary")

    response = app.test_client().get("/broken")
    assert (response.status_code, response.get_data()) == (500, b"")
    assert "a request failed" in caplog.messages


def test_requests_are_logged_by_rule_and_never_by_address(twilio: Twilio, caplog: pytest.LogCaptureFixture) -> None:
    """A41."""
    caplog.set_level(logging.DEBUG)
    twilio.post("/twilio/sms?canary=1", twilio.text_fields("canary words", from_="+14155559876"))
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "twilio_sms.text_came" in logged
    assert "canary" not in logged
    assert "5559876" not in logged


def test_every_door_is_found() -> None:
    assert {"twilio_sms", "twilio_voice", "twilio_status"} <= {door.name for door in doors.discover()}


def test_half_a_door_fails_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    half = ModuleType("channels.half")
    half.routes = twilio_sms.routes  # type: ignore[attr-defined]
    monkeypatch.setattr(doors, "_modules", lambda: [half])
    with pytest.raises(DoorError, match="no NAME"):
        doors.discover()


def test_two_doors_with_one_name_fail_loudly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_modules", lambda: [twilio_sms, twilio_sms])
    with pytest.raises(DoorError, match="already"):
        doors.discover()
