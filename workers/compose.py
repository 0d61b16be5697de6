"""From an outbox row to a message: the words are in `wording/messages.toml`, the facts in the row.

A row that lacks a fact its words need cannot be written (`Permanent`), so that a mistake becomes a task and not a crash.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from agent import addresses
from agent.outbox import Claimed
from workers.failures import Permanent
from workers.message import Outgoing

_WORDS = tomllib.loads((Path(__file__).parent / "wording" / "messages.toml").read_text("utf-8"))
_VARIANT = {"coordinator_email": "event", "urgent_alert": "level"}
"""Which fact of a row chooses among the words of its kind."""
_LINK = re.compile(r"https?://[^\s<>\"]+")
_TEXT = "sms"


def compose(claimed: Claimed) -> Outgoing:
    """The message of one row. Raises Permanent when the row has no recipient, no words, or lacks a fact."""
    if not claimed.to:
        raise Permanent("no_recipient")
    words = _words(claimed)
    plain = claimed.transport == _TEXT
    wording = words["text"] if plain else words.get("mail", words["text"])
    facts = _facts(claimed)
    try:
        subject, text = words["subject"].format_map(facts), wording.strip().format_map(facts)
    except KeyError:
        raise Permanent("incomplete") from None
    return Outgoing(
        id=claimed.id,
        to=claimed.to,
        # A line break would end the header; a clinic's or practice's name may hold one by accident.
        subject="" if plain else " ".join(subject.split()),
        text=text,
        html="" if plain else _html(text),
        reference=claimed.reference or "",
        created=claimed.created_at,
        again=claimed.ambiguous,
    )


def _words(claimed: Claimed) -> Mapping[str, str]:
    variants: Mapping[str, Mapping[str, str]] = _WORDS.get(claimed.kind, {})
    words = variants.get(claimed.payload.get(_VARIANT.get(claimed.kind, ""), "default"))
    if words is None:
        raise Permanent("no_words")
    return words


def _facts(claimed: Claimed) -> Mapping[str, str]:
    facts = dict(claimed.payload)
    named = next((name for name in ("provider", "practice") if facts.get(name)), "nobody")
    facts["greeting"] = _WORDS["greeting"][named].format_map(facts)
    if facts.get("phone"):
        facts["phone"] = addresses.national(facts["phone"])
    return facts


def _html(text: str) -> str:
    """The same words for programs that show HTML: paragraphs, and addresses one can click."""
    paragraphs = (html.escape(paragraph).replace("\n", "<br>\n") for paragraph in text.split("\n\n"))
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', body)
