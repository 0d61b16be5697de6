"""One step of a conversation: state and what was heard in, new state, words and facts out. Pure."""

from __future__ import annotations

from dialogs.script import Script
from dialogs.state import State
from dialogs.step import Heard, Moment, Step


def step(state: State, heard: Heard, script: Script, moment: Moment) -> Step:
    """Think about one message. The same arguments give the same Step; nothing outside is read or changed."""
    raise AssertionError("written next")
