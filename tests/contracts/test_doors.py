"""What holds for every door there is, and for the next one: nothing here names any."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from channels import doors

LOCKED = (401, 403)
ANY_VALUE = "x"
"""What stands in for a variable part of an address."""


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)


def address(rule: Rule) -> str:
    return re.sub(r"<[^>]+>", ANY_VALUE, rule.rule)


def knocks(app: Flask) -> Iterator[tuple[Rule, str, int, bytes, str]]:
    """Every rule by every method it takes, as somebody nobody knows."""
    client: FlaskClient = app.test_client()
    for rule in rules(app):
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            response = client.open(address(rule), method=method)
            yield rule, method, response.status_code, response.get_data(), response.headers.get("Location", "")


def public(app: Flask) -> dict[str, str]:
    return dict(app.extensions["referline_public"])


def test_every_route_is_guarded_or_public_with_a_reason(app: Flask) -> None:
    """Signature, token or login: a stranger gets 401, 403 or the login page, and never data (A1, A50)."""
    for rule, method, status, body, location in knocks(app):
        if rule.rule in public(app):
            continue
        to_login = status == 302 and "/login" in location
        assert status in LOCKED or to_login, f"{method} {rule.rule} answered {status} to a stranger"
        assert to_login or len(body) < 200, f"{method} {rule.rule} has much to say to a stranger"


def test_what_is_public_exists_and_says_why(app: Flask) -> None:
    existing = {rule.rule for rule in rules(app)}
    for rule, reason in public(app).items():
        assert rule in existing, f"{rule} is listed as public and does not exist"
        assert len(reason.split()) >= 4, f"{rule}: the reason is too short to be one"


def test_no_webhook_redirects(app: Flask) -> None:
    """A10: what machines post to never answers 3xx, also with a slash too many."""
    client = app.test_client()
    for rule in rules(app):
        if "POST" in (rule.methods or set()) and "/console" not in rule.rule:
            for path in (address(rule), address(rule).rstrip("/") + "/", "/" + address(rule)):
                assert not 300 <= client.post(path).status_code < 400, path


@pytest.mark.parametrize("door", doors.discover(), ids=lambda door: door.name)
def test_a_door_keeps_to_a_blueprint_of_its_own_name(app: Flask, door: doors.Door) -> None:
    assert door.name in app.blueprints
    assert any((rule.endpoint or "").startswith(f"{door.name}.") for rule in rules(app))
