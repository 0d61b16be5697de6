"""Things tests need, built in one line each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from agent import clinic as clinics
from agent import settings
from agent.clinic import Clinic
from agent.messages import Door, Inbound
from agent.settings import Settings
from agent.vault import Vault, decode_key, index_key, new_key
from dialogs.step import Kind

SECRET = "a secret of the tests, long enough for anybody"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
NUMBER = "+16145550123"

CLINIC = """
name = "Elm Street PT"
phone = "+16145550142"
state = "OH"
timezone = "America/New_York"
numbers = ["+16145550142"]
desk_number = "+16145550141"
coordinator_emails = ["coordinator@elm.example"]

[[on_call]]
name = "On Call"
phone = "+16145550171"

[[referral_sources]]
provider = "Dr. Alan Smith"
practice = "Bay Ortho"
email = "referrals@bayortho.example"
phone = "+16145550180"
aliases = ["the bay center"]

[[referral_sources]]
provider = "Dr. Marcus Bell"
practice = "Mill Neurology"
fax = "+16145550187"
"""

_numbers = count(1)


def a_clinic(folder: Path, text: str = CLINIC) -> Clinic:
    """A clinic from the text of its clinic.toml."""
    folder.mkdir(exist_ok=True)
    (folder / "clinic.toml").write_text(text, encoding="utf-8")
    return clinics.load(folder)


def some_settings(folder: Path, **changes: Any) -> Settings:
    """Settings that name every secret, so that no file is needed."""
    given: dict[str, Any] = {"data_dir": folder / "var", "secret_key": SECRET, "encryption_keys": (KEY,), **changes}
    return settings.load(**given)


def a_vault(*keys: bytes, secret: str = SECRET) -> Vault:
    """A vault; without keys, the one the test databases are sealed with."""
    return Vault(keys or (decode_key(KEY),), index_key(secret))


def another_key() -> bytes:
    """A key that seals nothing yet."""
    return decode_key(new_key())


def a_text(text: str, *, sender: str | None = NUMBER, id: str | None = None, **rest: Any) -> Inbound:
    """A text message, each with an id of its own unless one is given."""
    return Inbound("sms", id or f"SM{next(_numbers)}", Kind.WORDS, sender, text, **rest)


def in_call(kind: Kind, text: str = "", *, call: str = "CA1", sender: str | None = NUMBER, door: Door = "voice") -> Inbound:
    """Something that happens in a call, or in a chat with another door."""
    return Inbound(door, f"{call}:{next(_numbers)}", kind, sender, text, session=call)


def outgoing(key: str, **changes: Any) -> Mapping[str, Any]:
    """Arguments for `outbox.put`; `due_at` must be among the changes."""
    usual = {"kind": "coordinator_email", "transport": "email", "to": "ann@clinic.example", "payload": {"reference": "RL-2346AB"}}
    return {**usual, "dedupe_key": key, **changes}


LEASE = timedelta(seconds=60)
