"""Readers asked what a sentence says, and the sentences to ask them about."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from nlu.message import Message
from nlu.parse import Context, Reading, Value

TODAY = date(2026, 11, 20)
Reader = Callable[[Message, Context], list[Reading]]


def heard(reader: Reader, text: str, asked: str = "", confirming: bool = False) -> dict[str, Value]:
    """What `reader` reads from `text`, by slot."""
    return {r.slot: r.value for r in reader(Message.of(text), Context(today=TODAY, asked=asked or None, confirming=confirming))}


def corpus(name: str) -> list[tuple[str, str, tuple[Any, ...]]]:
    """Rows of `corpus/<name>.toml`: slot asked for, sentence, and what is to be read (all empty: nothing)."""
    rows: list[tuple[str, str, tuple[Any, ...]]] = []
    for group in tomllib.loads((Path(__file__).parent / "corpus" / f"{name}.toml").read_text(encoding="utf-8"))["said"]:
        rows += [(group["asked"], text, tuple(wanted)) for text, *wanted in group["read"]]
        rows += [(group["asked"], text, ()) for text in group.get("nothing", ())]
    return rows
