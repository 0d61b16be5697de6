"""What a clinic knows that helps to understand its callers: payers and known referral sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payer:
    """One row of the clinic's payer table: a payer and one of its plan types."""

    name: str
    aliases: tuple[str, ...]
    """Lower-case ways callers say it, recognition errors included."""
    plan_type: str
    """`PPO`, `HMO`, `Medicare Advantage`, ...; empty when the row covers every plan."""


@dataclass(frozen=True, slots=True)
class ReferralSource:
    """Someone known to send patients to this clinic."""

    provider: str
    """`Dr. First Last`, `First Last, NP`."""
    practice: str = ""
    specialty: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The clinic's own words."""

    payers: tuple[Payer, ...] = ()
    sources: tuple[ReferralSource, ...] = ()
    state: str = ""
    """Two-letter state of the clinic: it decides which Blue Cross is meant by "blue cross"."""
