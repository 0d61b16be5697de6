"""Fits the weights of `knowledge/lexicon/calibration.toml` on labelled questions: logistic regression over the measures of `knowledge.shelf`.

    python -m bench.calibrate CLINIC_DIR[:even] ... [--refuse public.jsonl ...] [--write]

Each CLINIC_DIR holds articles.jsonl, payers.csv and questions.jsonl; `:even` takes every second row, so that the others stay unseen.
Ridge-regularised towards weights set by hand; a measure of what is missing may never speak for an article.
"""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click
import numpy as np

from knowledge import finder as finders
from knowledge.answer import Finder
from knowledge.articles import load_articles
from knowledge.payers import load_payers
from knowledge.reading import cut
from knowledge.shelf import GUARDS, LEXICAL, MEASURES, Found, Query, Shelf
from knowledge.spanish import in_english, is_spanish

_TODAY = date(2026, 11, 21)
_FILE = Path(__file__).parents[1] / "knowledge" / "lexicon" / "calibration.toml"
_NEGATIVE = frozenset({"topic_miss", "blocked", "detail_miss", "aspect_miss", "word_miss", "no_topic", *GUARDS})
_POSITIVE = frozenset(MEASURES) - _NEGATIVE - {"one"}
_PRIOR: dict[str, float] = {
    "one": -3.0,
    "topic_hit": 3.5,
    "topic_miss": -1.5,
    "blocked": -3.0,
    "context_hit": 1.0,
    "about": 2.5,
    "detail_hit": 0.5,
    "detail_miss": -0.5,
    "aspect_hit": 0.3,
    "aspect_miss": -1.0,
    "word_hit": 1.5,
    "word_miss": -1.5,
    "around_hit": 0.8,
    "similar": 0.5,
    "title_hit": 1.5,
    "no_topic": -0.5,
    "meaning": 1.5,
    "meaning_alone": 1.5,
    "margin": 1.5,
    "meaning_margin": 1.5,
    **dict.fromkeys(GUARDS, -4.0),
}
"""What the weights should be before any question was seen; few questions move them little."""
_RIDGE = 0.004
_WITHOUT = 0.3
"""What a question counts for when asked of a clinic whose answer to it was taken away: the nearest article left is a near miss."""
_NEARNESS = MEASURES.index("meaning")


@click.command()
@click.argument("folders", nargs=-1, required=True)
@click.option("--refuse", multiple=True, type=click.Path(exists=True, path_type=Path), help="Rows with a text that no clinic answers.")
@click.option("--extra", type=(click.Path(path_type=Path), click.Path(path_type=Path)), multiple=True, help="CLINIC_DIR and more questions for it.")
@click.option("--write", is_flag=True, help="Write the weights found.")
def main(folders: tuple[str, ...], refuse: tuple[Path, ...], extra: tuple[tuple[Path, Path], ...], write: bool) -> None:
    """Fit, print, and write the weights."""
    refused = [json.loads(line)["text"] for path in refuse for line in path.read_text("utf-8").splitlines()[::40]]
    sets = [(Path(folder.partition(":")[0]), _questions(folder)) for folder in folders]
    sets += [(folder, _questions(str(path))) for folder, path in extra]
    rows = [row for folder, questions in sets for row in _examples(folder, questions, refused)]
    labels = np.array([row[1] for row in rows], dtype=float)
    importance = np.array([row[2] for row in rows])
    fitted = {}
    for table, used in (("weights", LEXICAL), ("weights_with_meaning", MEASURES)):
        mask = np.array([float(name in used) for name in MEASURES])
        measures = np.array([row[0] for row in rows]) * mask
        weights = _fit(measures, labels, importance) * mask
        told = 1 / (1 + np.exp(-measures @ weights))
        print(f"{table}: {len(rows)} pairs, {int(labels.sum())} right; log loss {_loss(told, labels, importance):.4f}")
        fitted[table] = "\n".join(f"{name} = {weight:.2f}" for name, weight in zip(MEASURES, weights, strict=True) if name in used)
    print(fitted["weights_with_meaning"])
    if write:
        head = _FILE.read_text("utf-8").partition("[weights]")[0]
        _FILE.write_text(head + "\n\n".join(f"[{table}]\n{weights}" for table, weights in fitted.items()) + "\n", "utf-8")


def _questions(given: str) -> list[dict[str, Any]]:
    """Of a folder, `:even` for every second one, or of a file."""
    place, _, half = given.partition(":")
    path = Path(place) / "questions.jsonl" if Path(place).is_dir() else Path(place)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()][:: 2 if half else 1]


def _examples(path: Path, questions: list[dict[str, Any]], refused: list[str]) -> list[tuple[tuple[float, ...], bool, float]]:
    finder = finders.build(load_articles(path / "articles.jsonl"), load_payers(path / "payers.csv"))
    out = []
    for row in questions:
        wanted = {answer.split(":")[1] for part in row["parts"] for answer in part["answer"].split("|") if answer.startswith("article:")}
        fair = {answer.split(":")[-1] for part in row["parts"] for answer in part.get("accept", [])}
        if not any(part["answer"].startswith("payer:") for part in row["parts"]) or wanted:
            out += _pairs(finder, row["text"], wanted, fair - wanted, 1.0, len(row["parts"]))
        if wanted and len(row["parts"]) == 1:
            out += _pairs(finder, row["text"], set(), fair - wanted, _WITHOUT, 1, wanted)
    for text in refused:
        out += _pairs(finder, text, set(), set(), 0.15, 1)
    return out


def _pairs(
    finder: Finder, text: str, wanted: set[str], fair: set[str], weight: float, parts: int, without: Container[str] = ()
) -> list[tuple[tuple[float, ...], bool, float]]:
    """Each article met by each clause of a message: its measures, whether it answers, how much the pair counts. `without`: articles left out."""
    assert isinstance(finder, finders.ClinicFinder)
    heard = finder.reader.read(text, in_english if is_spanish(cut(text)) else None)
    pairs = []
    for ask in finder.asks(heard):
        usable = [keep and name not in without for keep, name in zip(finder.usable(_TODAY), finder.ids, strict=True)]
        found = _met(finder.shelf, ask.query, usable)
        hit = any(one.article.id in wanted for one in found)
        if wanted and parts > 1 and not hit:
            continue  # the clause of another part
        for rank, one in enumerate(found):
            if one.article.id not in fair:
                pairs.append((one.measures, one.article.id in wanted, weight * (1.0 if rank < 2 else 0.4)))
    return pairs


def _met(shelf: Shelf, query: Query, usable: Sequence[bool]) -> list[Found]:
    """The likeliest by topics and words, then the nearest in meaning that are not among them."""
    by_words = shelf.weigh(shelf.candidates(query, usable), query, shelf.lexical)
    complete = shelf.weigh(shelf.candidates(query, usable, by_words), query, shelf.semantic) if query.said else by_words
    nearest = sorted(complete, key=lambda one: -one.measures[_NEARNESS])[:3]
    return list({one.article.id: one for one in (*complete[:6], *nearest)}.values())


def _fit(measures: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Projected gradient: signs are kept, so that no weight may say the opposite of what its measure means."""
    lowest = np.array([0.0 if name in _POSITIVE else -np.inf for name in MEASURES])
    highest = np.array([0.0 if name in _NEGATIVE else np.inf for name in MEASURES])
    prior = np.array([_PRIOR[name] for name in MEASURES])
    weights = prior.copy()
    total = importance.sum()
    speed, velocity = 0.6, np.zeros(len(MEASURES))
    for _ in range(6000):
        told = 1 / (1 + np.exp(-measures @ weights))
        slope = measures.T @ (importance * (told - labels)) / total + _RIDGE * (weights - prior)
        velocity = 0.9 * velocity - speed * slope
        weights = np.clip(weights + velocity, lowest, highest)
    return weights


def _loss(told: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> float:
    safe = np.clip(told, 1e-6, 1 - 1e-6)
    return float(-(importance * (labels * np.log(safe) + (1 - labels) * np.log(1 - safe))).sum() / importance.sum())


if __name__ == "__main__":
    main()
