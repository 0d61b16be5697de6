"""Whole conversations with the sample clinic, read by the real reader and answered from its own knowledge.

Each `tests/conversations/*.toml` is one: what people say, what must be heard in reply, and what is on record at the end.

    [[turn]]
    say = "..."             # or: call = true (a call is answered), hang_up = true, silence = true
    by = "voice"            # sms unless given
    after_minutes = 90      # time that passes before
    hear = ["..."]          # each must be in the reply, whatever the case
    never = ["..."]         # none may be
    asks = "insurance.plan" # the slot asked for at the end of the turn
    [[lead]]                # every lead on record, oldest first: `slots` and any field of the contract
"""

from __future__ import annotations

import itertools
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from agent import clinic as clinics
from agent.bootstrap import Agent, build
from agent.clinic import Clinic
from agent.messages import Inbound, Reply
from agent.store import Store
from dialogs.step import Kind
from knowledge import finder as knowledge
from knowledge.answer import Finder
from nlu import understander as understanding
from nlu.parse import Understander
from tests.agent.record import all_leads, outgoing
from tests.builders import some_settings
from tests.fakes.clock import FakeClock
from tests.fakes.doorbell import FakeDoorbell

STORIES = sorted((Path(__file__).parents[1] / "conversations").glob("*.toml"))
CLINIC = Path(__file__).parents[2] / "clinics" / "riverside"
NUMBER = "+16145550190"

_ids = itertools.count(1)


@lru_cache(maxsize=1)
def parts() -> tuple[Clinic, Understander, Finder]:
    """Reader and finder take seconds to build: one of each for all conversations. They remember nothing."""
    clinic = clinics.load(CLINIC)
    return clinic, understanding.build(clinic.vocabulary), knowledge.build(clinic.articles, clinic.payers, clinic.availability)


@pytest.fixture
def line(tmp_path: Path, sqlite_store: Store, clock: FakeClock, doorbell: FakeDoorbell) -> Agent:
    clinic, understander, finder = parts()
    return build(
        some_settings(tmp_path), clinic=clinic, store=sqlite_store, clock=clock, doorbell=doorbell, understander=understander, finder=finder
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_conversation(story: Path, line: Agent, clock: FakeClock) -> None:
    told = tomllib.loads(story.read_text(encoding="utf-8"))
    for number, turn in enumerate(told["turn"], start=1):
        clock.passes(minutes=turn.get("after_minutes", 0), seconds=5)
        reply = line.turns.hear(_inbound(turn, number, told["turn"]))
        _check(turn, reply)
    _check_record(told, line.store)


def _inbound(turn: dict[str, Any], number: int, turns: list[dict[str, Any]]) -> Inbound:
    by = turn.get("by", "sms")
    kinds = (("call", Kind.OPENING), ("hang_up", Kind.HANGUP), ("silence", Kind.SILENCE))
    kind = next((kind for key, kind in kinds if turn.get(key)), Kind.WORDS)
    calls = sum(1 for earlier in turns[:number] if earlier.get("call"))
    session = f"CA{calls}" if by == "voice" else None
    return Inbound(by, f"{next(_ids)}", kind, turn.get("from", NUMBER), turn.get("say", ""), session=session)


def _check(turn: dict[str, Any], reply: Reply) -> None:
    said = " ".join(line.spoken if turn.get("by") == "voice" else line.text for line in reply.lines)
    where = f"after {turn.get('say', turn)!r} the line said: {said!r}"
    for words in turn.get("hear", ()):
        assert words.lower() in said.lower(), where
    for words in turn.get("never", ()):
        assert words.lower() not in said.lower(), where
    if "asks" in turn:
        assert reply.expect is not None, where
        assert (reply.expect.slot or "") == turn["asks"], where
    if "ends" in turn:
        assert reply.end == turn["ends"], where


def _check_record(told: dict[str, Any], store: Store) -> None:
    found = all_leads(store)
    wanted = told.get("lead", [])
    assert len(found) == len(wanted), found
    for lead, want in zip(found, wanted, strict=True):
        values = {name: slot["value"] for name, slot in lead["slots"].items()}
        slots = want.pop("slots", {})
        assert {name: values.get(name) for name in slots} == slots
        assert {field: lead[field] for field in want} == want
    if "outbox" in told:
        assert sorted(kind for kind, *_ in outgoing(store)) == sorted(told["outbox"])
