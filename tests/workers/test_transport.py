from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

from agent import settings
from agent.settings import Settings
from agent.vault import new_key
from workers import transport
from workers.message import Outgoing
from workers.transport import TransportError
from workers.transports.console import Console
from workers.transports.email import Email
from workers.transports.sms import Sms

ACCOUNT = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "token", "twilio_from": "+16145550142"}


def given(tmp_path: Path, **told: object) -> Settings:
    return settings.load(data_dir=tmp_path, secret_key="x" * 40, encryption_keys=new_key(), **told)


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of the developer's."""
    monkeypatch.chdir(tmp_path)


def test_what_is_not_configured_is_printed(tmp_path: Path) -> None:
    found = transport.load(given(tmp_path))
    assert set(found) >= {"email", "sms", "console"}
    assert {type(one) for one in found.values()} == {Console}


def test_what_is_configured_is_used(tmp_path: Path) -> None:
    found = transport.load(given(tmp_path, smtp_url="smtp://127.0.0.1", mail_from="line@clinic.example", **ACCOUNT))
    assert (type(found["email"]), type(found["sms"])) == (Email, Sms)


def test_texts_report_back_only_where_twilio_can_reach_us(tmp_path: Path) -> None:
    near = transport.load(given(tmp_path, **ACCOUNT))["sms"]
    far = transport.load(given(tmp_path, public_base_url="https://line.example/", **ACCOUNT))["sms"]
    assert isinstance(near, Sms)
    assert isinstance(far, Sms)
    assert (near._callback, far._callback) == (None, "https://line.example/twilio/status/message")


@pytest.mark.parametrize("source", ["", "NAME = 'pigeon'", "def build(settings): return None"])
def test_a_file_that_is_no_transport_fails_loudly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    folder = tmp_path / "birds"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "pigeon.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    package = ModuleType("birds")
    package.__path__ = [str(folder)]
    monkeypatch.setitem(sys.modules, "birds", package)
    try:
        with pytest.raises(TransportError, match=r"birds\.pigeon"):
            transport.load(given(tmp_path), package)
    finally:
        sys.modules.pop("birds.pigeon", None)


def test_a_printed_message_shows_to_whom_and_what() -> None:
    out = io.StringIO()
    Console(out).send(Outgoing("row", "desk@clinic.example", "New request", "First line.\nSecond line."))
    assert out.getvalue() == "-- not sent, printed instead: to desk@clinic.example: New request\n   | First line.\n   | Second line.\n"
