"""The clinic's payer table: who it is contracted with, plan by plan."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.articles import KnowledgeError
from nlu.vocabulary import Payer

_COLUMNS = ("payer", "aliases", "plan_type", "status", "referral_required", "authorization_required", "notes")


class Status(StrEnum):
    """Where the clinic stands with a plan."""

    IN_NETWORK = "in_network"
    OUT_OF_NETWORK = "out_of_network"
    VERIFY = "verify"
    """Differs card by card: staff look before the first visit."""
    NOT_ACCEPTED = "not_accepted"


class Rule(StrEnum):
    """Whether a plan wants a referral, or an authorization."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PayerRow:
    """One payer and one of its plan types."""

    payer: str
    aliases: tuple[str, ...]
    """Lower-case ways callers say it, recognition errors included."""
    plan_type: str
    """`PPO`, `HMO`, `Medicare Advantage`; empty when the row covers every plan."""
    status: Status
    referral: Rule
    authorization: Rule
    notes: str = ""
    """For staff; never read out, but plan names in it are understood."""
    source: str = ""
    """File and line."""

    @property
    def id(self) -> str:
        """As cited in an answer."""
        return f"payer:{self.payer}:{self.plan_type}" if self.plan_type else f"payer:{self.payer}"


def load_payers(path: Path) -> tuple[PayerRow, ...]:
    """Read `payers.csv` (aliases separated by `;`).

    Raises KnowledgeError for a missing column, an unknown word in a column, or a payer and plan listed twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS[:6] if name not in (reader.fieldnames or ())]
        if missing:
            raise KnowledgeError(path, 1, f"the header lacks {', '.join(missing)}; it should read {','.join(_COLUMNS)}")
        rows: dict[tuple[str, str], PayerRow] = {}
        for cells in reader:
            if not any((value or "").strip() for value in cells.values() if not isinstance(value, list)):
                continue
            row = _row({key: (value or "").strip() for key, value in cells.items() if isinstance(key, str)}, path, reader.line_num)
            key = (row.payer.lower(), row.plan_type.lower())
            if key in rows:
                raise KnowledgeError(path, reader.line_num, f'"{row.payer}" with plan "{row.plan_type}" is listed twice; keep the row that is right')
            rows[key] = row
    return tuple(rows.values())


def _row(cells: dict[str, str], path: Path, number: int) -> PayerRow:
    if not cells["payer"]:
        raise KnowledgeError(path, number, '"payer" is empty; write the name of the insurance company')
    return PayerRow(
        payer=cells["payer"],
        aliases=tuple(alias.strip().lower() for alias in cells["aliases"].split(";") if alias.strip()),
        plan_type=cells["plan_type"],
        status=Status(_one_of(cells, "status", Status, path, number)),
        referral=Rule(_one_of(cells, "referral_required", Rule, path, number)),
        authorization=Rule(_one_of(cells, "authorization_required", Rule, path, number)),
        notes=cells.get("notes", ""),
        source=f"{path.name}, line {number}",
    )


def _one_of(cells: dict[str, str], column: str, kind: type[StrEnum], path: Path, number: int) -> str:
    value = cells[column].lower().replace(" ", "_").replace("-", "_") or "unknown"
    allowed = [str(member) for member in kind]
    if value not in allowed:
        raise KnowledgeError(path, number, f'"{column}" is "{cells[column]}"; write one of {", ".join(allowed)}')
    return value


def vocabulary(rows: Iterable[PayerRow]) -> tuple[Payer, ...]:
    """The same table as the readers of `nlu` want it."""
    return tuple(Payer(row.payer, row.aliases, row.plan_type) for row in rows)
