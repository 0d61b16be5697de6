"""How much of what a clinic's documents say is answered once they are imported, into a clinic that has said nothing else.

    python -m bench.documents --data ../shared/data [--clinic DIR]

Every document is read as `referline knowledge import` reads it. Each fact's question is then asked; it counts when all its key phrases are in the
reply or in the passage the reply cites. The payer table is compared row for row with the clinic's own. Writes results/documents.md.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from bench import provenance
from knowledge.answer import Asker
from knowledge.articles import Article
from knowledge.documents import bounded
from knowledge.drafting.compose import draft
from knowledge.drafting.draft import Draft
from knowledge.finder import build
from knowledge.payers import PayerRow, load_payers
from knowledge.phrasing import Phrasing, reply

ASKER = Asker(today=date(2026, 11, 21), implied=True)
_STATUS = {"in_network": "in network", "out_of_network": "out of network", "not_accepted": "not accepted", "verify": "verify"}


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("../shared/data"), show_default=True)
@click.option("--clinic", "name", default="dev", show_default=True, help="Folder of knowledge/ with docs/, docs/expected.jsonl and payers.csv.")
@click.option("--verbose", is_flag=True, help="Print every fact that is not answered.")
def main(data: Path, name: str, verbose: bool) -> None:
    """Measure and write the page."""
    clinic = data / "knowledge" / name
    facts = [json.loads(line) for line in (clinic / "docs" / "expected.jsonl").read_text("utf-8").splitlines()]
    page = ["# Documents", "", provenance.line(), ""]
    drafts: list[Draft] = []
    for path in sorted((clinic / "docs").iterdir()):
        if path.suffix == ".jsonl":
            continue
        start = time.perf_counter()
        made = draft(bounded.read(path), path.name)
        drafts.append(made)
        spent = time.perf_counter() - start
        page.append(f"- {path.name}: {len(made.articles)} articles, {len(made.payers)} payer rows, {len(made.unread)} not understood, {spent:.1f} s")
    articles = [entry.article for one in drafts for entry in one.articles]
    payers = [row for one in drafts for row in one.payers]
    missed = _missed(facts, articles, payers)
    page += ["", f"Facts answered: {1 - len(missed) / len(facts):.3f} of {len(facts)}"]
    page += [f"Payer rows exactly right: {_rows_right(payers, load_payers(clinic / 'payers.csv'))}"]
    print("\n".join(page))
    if verbose:
        print("\n".join(missed))
    print(provenance.write("documents.md", "\n".join(page)))


def _missed(facts: Sequence[dict[str, Any]], articles: Sequence[Article], payers: Sequence[PayerRow]) -> list[str]:
    finder = build(articles, payers)
    by_id = {f"article:{article.id}": f"{article.title} {article.question} {article.answer}" for article in articles}
    by_id |= {row.id: f"{row.payer} {row.plan_type} {_STATUS[row.status]} {row.referral} {row.authorization} {row.notes}" for row in payers}
    missed = []
    for fact in facts:
        parts = finder.find(fact["question"], ASKER)
        cited = " ".join(by_id.get(part.answer.id, "") for part in parts if part.answer)
        told = _folded(f"{reply(parts, Phrasing('en'), 'sms')} {cited}")
        if not all(_folded(key) in told for key in fact["key"]):
            answered = [part.answer.id if part.answer else None for part in parts]
            missed.append(f"{fact['id']} {fact['question']} {fact['key']} -> {answered} {told[:160]}")
    return missed


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[-–—]", " ", text.lower()).split())


def _rows_right(found: Sequence[PayerRow], wanted: Sequence[PayerRow]) -> str:
    def cells(rows: Sequence[PayerRow]) -> set[tuple[str, ...]]:
        return {(row.payer, row.plan_type, row.status, row.referral, row.authorization) for row in rows}

    return f"{len(cells(found) & cells(wanted))} of {len(wanted)}, {len(cells(found) - cells(wanted))} besides"


if __name__ == "__main__":
    main()
