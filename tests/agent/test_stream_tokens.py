"""A token opens one stream of one call, once and soon; afterwards the record says where the call stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from agent import stream_tokens
from agent.bootstrap import Agent
from agent.messages import Inbound
from agent.models import Stream
from agent.store import Store
from agent.stream_tokens import LIFE, Place, Ticket
from dialogs.step import Kind
from tests.builders import NUMBER
from tests.fakes.clock import FakeClock

CALL, ACCOUNT = "CA1", "AC1"
TICKET = Ticket(CALL, ACCOUNT, NUMBER, "+16145550142", 3, ("cut_off",))


def admitted(store: Store, token: str, now: FakeClock, call: str = CALL, account: str = ACCOUNT) -> Ticket | None:
    return stream_tokens.admit(store, token, call, account, now())


def hear(agent: Agent, step: str, kind: Kind = Kind.WORDS) -> None:
    agent.turns.hear(Inbound("voice", f"{CALL}:{step}", kind, NUMBER, "patient.name=Ann Lee", session=CALL))


def test_a_token_brings_back_what_the_webhook_knew(store: Store, clock: FakeClock) -> None:
    ticket = admitted(store, stream_tokens.mint(store, TICKET, clock()), clock)
    assert ticket is not None
    assert (ticket.sender, ticket.to, ticket.step, ticket.preface) == (NUMBER, "+16145550142", 3, ("cut_off",))


def test_a_token_is_good_once(store: Store, clock: FakeClock) -> None:
    """A12: a token that was used opens nothing, however many try at the same moment."""
    token = stream_tokens.mint(store, TICKET, clock())
    with ThreadPoolExecutor(8) as crowd:
        found = list(crowd.map(lambda _: admitted(store, token, clock), range(8)))
    assert sum(one is not None for one in found) == 1


@pytest.mark.parametrize(("call", "account"), [("CA2", ACCOUNT), (CALL, "AC2")])
def test_a_token_is_of_one_call(store: Store, clock: FakeClock, call: str, account: str) -> None:
    """A12: another call's token opens nothing, and is still good for its own call."""
    token = stream_tokens.mint(store, TICKET, clock())
    assert admitted(store, token, clock, call, account) is None
    assert admitted(store, token, clock) is not None


def test_a_token_is_good_for_a_minute(store: Store, clock: FakeClock) -> None:
    """A12: expired."""
    token = stream_tokens.mint(store, TICKET, clock())
    clock.now += LIFE
    assert admitted(store, token, clock) is None


def test_a_token_ends_with_its_call(agent: Agent, store: Store, clock: FakeClock) -> None:
    """A12: after the call ended, also when the call never came to a word."""
    token = stream_tokens.mint(store, TICKET, clock())
    hear(agent, "0", Kind.OPENING)
    hear(agent, "hangup", Kind.HANGUP)
    assert admitted(store, token, clock) is None
    voided = stream_tokens.mint(store, Ticket("CA9", ACCOUNT, None, ""), clock())
    stream_tokens.void(store, "CA9", clock())
    assert admitted(store, voided, clock, "CA9") is None


def test_the_record_has_neither_token_nor_number(store: Store, clock: FakeClock) -> None:
    """A42: what would let somebody in, or says who called, cannot be read from the file."""
    token = stream_tokens.mint(store, TICKET, clock())
    with store.reading() as session:
        row = session.scalars(select(Stream)).one()
        kept = repr([getattr(row, column.key) for column in Stream.__table__.columns])
    assert token not in kept
    assert NUMBER not in kept


def test_old_admissions_are_deleted(store: Store, clock: FakeClock) -> None:
    stream_tokens.mint(store, TICKET, clock())
    clock.now += timedelta(days=2)
    stream_tokens.mint(store, TICKET, clock())
    with store.reading() as session:
        assert len(session.scalars(select(Stream)).all()) == 1


def test_where_a_call_stands(agent: Agent, store: Store, clock: FakeClock) -> None:
    """The last step heard, whatever came between; said to the end only when that very step was."""
    assert stream_tokens.place(store, CALL) == Place(None, said=False, wish=None)
    ticket = admitted(store, stream_tokens.mint(store, TICKET, clock()), clock)
    assert ticket is not None
    hear(agent, "0", Kind.OPENING)
    for step in ("9", "10"):
        hear(agent, step)
    assert stream_tokens.place(store, CALL) == Place(10, said=False, wish=None)
    stream_tokens.leave(store, ticket, 10, "person")
    assert stream_tokens.place(store, CALL) == Place(10, said=True, wish="person")
    hear(agent, "11")
    assert stream_tokens.place(store, CALL) == Place(11, said=False, wish="person")
