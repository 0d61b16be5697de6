"""Fits the weights of `knowledge/lexicon/calibration.toml` on labelled questions: logistic regression over the measures of `knowledge.shelf`.

    python -m bench.calibrate CLINIC_DIR[:even] ... [--refuse public.jsonl ...] [--leave-out] [--write]

Each CLINIC_DIR holds articles.jsonl, payers.csv and questions.jsonl; `:even` takes every second row, so that the others stay unseen.
Ridge-regularised towards weights set by hand; a measure of what is missing may never speak for an article. `--leave-out` also tells how each
clinic's questions are answered with weights fitted on the others alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container
from datetime import date
from pathlib import Path
from typing import Any

import click
import numpy as np

from knowledge import finder as finders
from knowledge.answer import Asker
from knowledge.articles import load_articles
from knowledge.payers import load_payers
from knowledge.reading import cut
from knowledge.shelf import GUARDS, MEASURES
from knowledge.spanish import in_english, is_spanish

_TODAY = date(2026, 11, 21)
_FILE = Path(__file__).parents[1] / "knowledge" / "lexicon" / "calibration.toml"
_NEGATIVE = frozenset({"topic_miss", "blocked", "detail_miss", "aspect_miss", "word_miss", "no_topic", "place_clash", "like_nothing", *GUARDS})
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
    "own_word": 1.0,
    "place_hit": 0.8,
    "place_clash": -3.0,
    "like": 2.0,
    "like_margin": 1.5,
    "like_nothing": -0.5,
    "margin": 1.5,
    **dict.fromkeys(GUARDS, -4.0),
}
"""What the weights should be before any question was seen; few questions move them little."""
_RIDGE = 0.004
_STEPS = 2500
_REFUSED = 0.7
"""What a question that nobody should answer counts for; each is asked of one clinic."""
_WITHOUT = 0.3
"""What a question counts for when asked of a clinic whose answer to it was taken away: the nearest article left is a near miss."""
_WEIGHED = 6
"""Of the articles found, how many are learned from."""
_Rows = list[tuple[tuple[float, ...], bool, float]]
"""Measures, whether the article answers, how much the pair counts."""


@click.command()
@click.argument("folders", nargs=-1, required=True)
@click.option("--refuse", multiple=True, type=click.Path(exists=True, path_type=Path), help="Rows with a text that no clinic answers.")
@click.option("--extra", type=(click.Path(path_type=Path), click.Path(path_type=Path)), multiple=True, help="CLINIC_DIR and more questions for it.")
@click.option("--leave-out", is_flag=True, help="Also fit without each clinic in turn and tell how it is answered.")
@click.option("--write", is_flag=True, help="Write the weights found.")
def main(folders: tuple[str, ...], refuse: tuple[Path, ...], extra: tuple[tuple[Path, Path], ...], leave_out: bool, write: bool) -> None:
    """Fit, print, and write the weights."""
    refused = [json.loads(line)["text"] for path in refuse for line in path.read_text("utf-8").splitlines()[::40]]
    sets = [(Path(folder.partition(":")[0]), _questions(folder)) for folder in folders]
    sets += [(folder, _questions(str(path))) for folder, path in extra]
    rows = [_examples(folder, questions, refused[number :: len(sets)]) for number, (folder, questions) in enumerate(sets)]
    if leave_out:
        for folder, questions in sets:
            others = [row for (other, _), pairs in zip(sets, rows, strict=True) if other != folder for row in pairs]
            print(f"{folder.name} without itself: {_answered(folder, questions, _fit(others)[0])}")
    weights, told = _fit([row for pairs in rows for row in pairs])
    print(told)
    fitted = "\n".join(f"{name} = {weight:.2f}" for name, weight in zip(MEASURES, weights, strict=True))
    print(fitted)
    if write:
        head = _FILE.read_text("utf-8").partition("[weights]")[0]
        _FILE.write_text(f"{head}[weights]\n{fitted}\n", "utf-8")


def _answered(path: Path, questions: list[dict[str, Any]], weights: np.ndarray) -> str:
    """How a clinic's questions are answered with these weights, judged by what is cited."""
    finder = finders.build(load_articles(path / "articles.jsonl"), load_payers(path / "payers.csv"))
    finder.shelf.weights = tuple(float(weight) for weight in weights)
    counts: Counter[str] = Counter()
    for row in questions:
        parts = finder.find(row["text"], Asker(today=_TODAY, implied=True))
        cited = {part.answer.id for part in parts if part.answer}
        silent = not cited or any(part.answer is None for part in parts)
        for part in row["parts"]:
            wanted = [answer for answer in part["answer"].split("|") if answer != "none"]
            fair = {*part.get("accept", []), *(f"article:{name}" for name in part.get("accept", []))}
            if wanted:
                hit = any(told == answer or answer.startswith(f"{told}:") or told.startswith(f"{answer}:") for told in cited for answer in wanted)
                counts["right" if hit else "missed" if silent else "wrong"] += 1
            else:
                counts["abstained" if silent or cited <= fair else "wrong none"] += 1
    has, none = counts["right"] + counts["missed"] + counts["wrong"], counts["abstained"] + counts["wrong none"]
    wrong = (counts["wrong"] + counts["wrong none"]) / (has + none)
    return f"right {counts['right'] / has:.3f}, abstained {counts['abstained'] / none:.3f}, wrong {wrong:.3f} of {has + none} parts"


def _questions(given: str) -> list[dict[str, Any]]:
    """Of a folder, `:even` for every second one, or of a file."""
    place, _, half = given.partition(":")
    path = Path(place) / "questions.jsonl" if Path(place).is_dir() else Path(place)
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()][:: 2 if half else 1]


def _examples(path: Path, questions: list[dict[str, Any]], refused: list[str]) -> _Rows:
    finder = finders.build(load_articles(path / "articles.jsonl"), load_payers(path / "payers.csv"))
    out: _Rows = []
    for row in questions:
        wanted = {answer.split(":")[1] for part in row["parts"] for answer in part["answer"].split("|") if answer.startswith("article:")}
        fair = {answer.split(":")[-1] for part in row["parts"] for answer in part.get("accept", [])}
        if not any(part["answer"].startswith("payer:") for part in row["parts"]) or wanted:
            out += _pairs(finder, row["text"], wanted, fair - wanted, 1.0, len(row["parts"]))
        if wanted and len(row["parts"]) == 1:
            out += _pairs(finder, row["text"], set(), fair - wanted, _WITHOUT, 1, wanted)
    for text in refused:
        out += _pairs(finder, text, set(), set(), _REFUSED, 1)
    return out


def _pairs(
    finder: finders.ClinicFinder, text: str, wanted: set[str], fair: set[str], weight: float, parts: int, without: Container[str] = ()
) -> _Rows:
    """Each article met by each clause of a message. `without`: articles left out."""
    heard = finder.reader.read(text, in_english if is_spanish(cut(text)) else None)
    pairs: _Rows = []
    for ask in finder.asks(heard):
        usable = [keep and name not in without for keep, name in zip(finder.usable(_TODAY), finder.ids, strict=True)]
        found = finder.shelf.find(ask.query, usable)[:_WEIGHED]
        if wanted and parts > 1 and not any(one.article.id in wanted for one in found):
            continue  # the clause of another part
        for rank, one in enumerate(found):
            if one.article.id not in fair:
                pairs.append((one.measures, one.article.id in wanted, weight * (1.0 if rank < 2 else 0.4)))
    return pairs


def _fit(rows: _Rows) -> tuple[np.ndarray, str]:
    """Weights and how well they tell. Projected gradient: signs are kept, so that no weight may say the opposite of what its measure means."""
    measures = np.array([row[0] for row in rows])
    labels = np.array([row[1] for row in rows], dtype=float)
    importance = np.array([row[2] for row in rows])
    lowest = np.array([0.0 if name in _POSITIVE else -np.inf for name in MEASURES])
    highest = np.array([0.0 if name in _NEGATIVE else np.inf for name in MEASURES])
    prior = np.array([_PRIOR[name] for name in MEASURES])
    weights = prior.copy()
    total = importance.sum()
    speed, velocity = 0.6, np.zeros(len(MEASURES))
    for _ in range(_STEPS):
        told = 1 / (1 + np.exp(-measures @ weights))
        slope = measures.T @ (importance * (told - labels)) / total + _RIDGE * (weights - prior)
        velocity = 0.9 * velocity - speed * slope
        weights = np.clip(weights + velocity, lowest, highest)
    told = 1 / (1 + np.exp(-measures @ weights))
    return weights, f"{len(rows)} pairs, {int(labels.sum())} right; log loss {_loss(told, labels, importance):.4f}"


def _loss(told: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> float:
    safe = np.clip(told, 1e-6, 1 - 1e-6)
    return float(-(importance * (labels * np.log(safe) + (1 - labels) * np.log(1 - safe))).sum() / importance.sum())


if __name__ == "__main__":
    main()
