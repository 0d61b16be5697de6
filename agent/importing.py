"""Brings a document in: from a file or an address, read in a process of its own, kept as a draft that answers nobody yet."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent import fetching, knowledge_base, knowledge_changes
from agent.clinic import Clinic
from agent.fetching import Refused, Wanted
from agent.knowledge_changes import Published
from agent.store import Store
from knowledge.documents import bounded
from knowledge.documents.document import Unreadable
from knowledge.documents.formats import Progress
from knowledge.drafting.compose import draft
from knowledge.drafting.draft import Draft

_LONGEST_NAME = 512


class NotBrought(Exception):
    """A document that could not be brought in: which one, which page, and why, for the person who tried."""

    def __init__(self, source: str, why: str, page: int = 0) -> None:
        super().__init__(f"{source}, page {page}: {why}" if page else f"{source}: {why}")
        self.source = source
        self.why = why
        self.page = page


@dataclass(frozen=True, slots=True)
class Brought:
    """A document on file."""

    draft_id: str
    draft: Draft
    published: Published | None
    """What went live; None: it waits."""


def bring(
    store: Store, clinic: Clinic, place: str, *, now: datetime, progress: Progress, publish: bool = False, within: Collection[str] = ()
) -> Brought:
    """Read a document and keep it as a draft; `publish`: let it answer at once. Raises NotBrought, StoreError.

    `within`: hosts of the clinic's own network that addresses may name.
    """
    with tempfile.TemporaryDirectory(prefix="referline-import-") as folder:
        try:
            path, source = _found(place, Path(folder), within)
            read = draft(bounded.read(path, progress), source)
        except Refused as error:
            raise NotBrought(place, str(error)) from error
        except Unreadable as error:
            raise NotBrought(place, error.why, error.page) from error
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not read.articles and not read.payers:
        raise NotBrought(place, "nothing in it could be understood as a question with an answer or as a payer list")
    with store.transaction() as session:
        draft_id = knowledge_base.keep_draft(session, clinic, read, digest, now)
        told = knowledge_changes.publish(session, clinic, draft_id, now) if publish else None
    return Brought(draft_id, read, told)


def _found(place: str, folder: Path, within: Collection[str]) -> tuple[Path, str]:
    """The file, and what it is called in the record."""
    if "://" in place:
        fetched = fetching.fetch(place, folder, Wanted(within=within))
        return fetched.path, fetched.address[:_LONGEST_NAME]
    path = Path(place)
    return path, path.name[:_LONGEST_NAME]
