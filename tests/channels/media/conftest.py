"""Calls in their own time, over real understanding."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.clinic import Clinic
from nlu import understander
from nlu.parse import Understander
from nlu.vocabulary import Vocabulary
from tests.channels.media.conversation import Conversation

Talk = Callable[..., Conversation]


@pytest.fixture(scope="session")
def reader() -> Understander:
    return understander.build(Vocabulary())


@pytest.fixture
def talk(clinic: Clinic, reader: Understander) -> Talk:
    def begin(*args: object, **more: object) -> Conversation:
        return Conversation(clinic, reader, *args, **more)  # type: ignore[arg-type]

    return begin
