"""The reference of a lead: what people say to each other on the phone, so nothing in it sounds or looks like something else."""

from __future__ import annotations

import secrets

ALPHABET = "2346789ABCDEFGHJKMNPQRTVWXY"
"""Without 0/O, 1/I/L, 5/S, U and Z: read aloud or by hand they are taken for one another."""
_LENGTH = 6


def mint() -> str:
    """`RL-7K3M9Q`: one of 387 million. The column is unique; a collision makes the turn think again."""
    number, letters = secrets.randbelow(len(ALPHABET) ** _LENGTH), ""
    for _ in range(_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return f"RL-{letters}"
