"""The only functions a worker runs, by the names jobs carry. The names are opaque to Redis: nothing is ever imported by them.

Whoever can write to Redis can name any function of any module in a job, and RQ would import and call it. This table is what
stands in the way; `workers.queues` looks a job's name up here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from workers.delivery import Courier

DELIVER: Final = "deliver_outbox"

Jobs: TypeAlias = Mapping[str, Callable[[str], None]]
"""What each name does; the argument is an id of a row, and nothing else travels."""


def allowed(courier: Courier) -> Jobs:
    """The allow-list, bound to what this process works with."""
    return {DELIVER: courier.answer_ring}
