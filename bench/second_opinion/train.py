"""Trains the second opinions of `nlu/opinion.py` and says what they are worth on sentences they were not trained on.

    python -m bench.second_opinion.train danger|requests [--leave-out f] [--public DIR] [--write]

`danger` answers "is this a red flag" and, for those that are, which level and group; `requests` whether a message seeks advice, a person or stored
information. Sentences: patterns, written ones (`written/<set>_<batch>.txt`) and, as ordinary talk,
public sets whose licence allows it (see README.md). Logistic regression with an L2 penalty, L-BFGS; the only randomness is the seed of the patterns.
"""

from __future__ import annotations

import hashlib
import json
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from bench.second_opinion import wordings
from nlu import requests, safety
from nlu.message import Message
from nlu.opinion import BUCKETS, Opinion
from nlu.wording import LEXICONS

_DRAWS = 10
_STEPS, _PENALTY = 50, 2e-6
_WRITTEN_WEIGHT = 5.0
"""A sentence somebody wrote counts as much as five drawn from a pattern."""
_CORPUS = Path(__file__).parents[2] / "tests" / "nlu" / "corpus"
_CORPORA = ("red_flags", "red_flags_more", "requests", "noise")
_PUBLIC = {
    "clinc150_train": ("text", 900), "banking77_train": ("text", 400), "restaurant8k_train": ("text", 300), "slurp_devel": ("text", 300),
    "multidogo_insurance_train": ("text", 500), "evi_en_train": ("asr_1best", 400),
}  # fmt: skip
"""Public sets (CC BY, CDLA-Permissive) and how many of their rows stand for ordinary talk."""


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence to learn from."""

    text: str
    about: str
    """The set it was written for: danger, calm, advice, handoff, probe, opt_out or public."""
    label: str
    """What it is: level and group ("emergency stroke"), `yes`, `stop`, `start`, `help`; `none` and `no` for the rest."""
    weight: float = 1.0
    batch: str = ""


def drawn_rows(rng: random.Random) -> list[Row]:
    """Sentences of the patterns; among them calm ones in pairs, and danger told after what is calm."""
    danger = [
        Row(_worn(pattern, rng), "danger", " ".join(reversed(heading.split())))
        for heading, pattern in wordings.patterns("danger.txt")
        for _ in range(_DRAWS)
    ]
    kinds: dict[str, list[str]] = {}
    for heading, pattern in wordings.patterns("calm.txt"):
        plain = heading == "chart"
        kinds.setdefault(heading, []).extend(wordings.drawn(pattern, rng) if plain else _worn(pattern, rng) for _ in range(_DRAWS * 3 // 2))
    calm = [text for texts in kinds.values() for text in texts]
    mixed = [_mixed(rng.choice(danger), kinds, rng) for _ in range(_DRAWS * 15)]
    pairs = [f"{rng.choice(calm)}{rng.choice([' and ', ', ', '. ', ' '])}{rng.choice(calm)}" for _ in range(_DRAWS * 10)]
    asked = [
        Row(wordings.worn(wordings.drawn(pattern, rng), rng), name, heading)
        for name in ("advice", "handoff", "probe", "opt_out")
        for heading, pattern in wordings.patterns(f"{name}.txt")
        for _ in range(_DRAWS)
    ]
    return [*danger, *mixed, *(Row(text, "calm", "none") for text in (*calm, *pairs)), *asked]


def _worn(pattern: str, rng: random.Random) -> str:
    return wordings.worn(wordings.dressed(wordings.drawn(pattern, rng), rng), rng)


def _mixed(found: Row, kinds: Mapping[str, list[str]], rng: random.Random) -> Row:
    """What is denied, long past or ordinary, and then what is not."""
    kind = rng.choice(["negation", "symptom", "history", "history", "ordinary", "services"])
    first = wordings.drawn("no <symp>", rng) if kind == "symptom" else rng.choice(kinds[kind])
    joins = {"negation": [" but "], "symptom": [" but "], "history": [" and now ", " but now ", " now ", ". now "]}
    return Row(f"{first}{rng.choice(joins.get(kind, [' and ', ' also ', '. ', ', ', ' but ']))}{found.text}", "danger", found.label)


def written_rows() -> list[Row]:
    """Sentences written one by one, in batches."""
    return [
        Row(text.strip(), path.stem.rpartition("_")[0], label.strip(), _WRITTEN_WEIGHT, path.stem.rpartition("_")[2])
        for path in sorted((wordings.FOLDER / "written").glob("*.txt"))
        for label, _, text in (line.partition("|") for line in path.read_text("utf-8").splitlines() if line.strip())
    ]


def tested_rows() -> list[Row]:
    """The sentences the readers are tested on: what the rules were written against."""
    rows: list[Row] = []
    for name in _CORPORA[:2]:
        sets = tomllib.loads((_CORPUS / f"{name}.toml").read_text("utf-8"))
        rows.extend(
            Row(text, "danger", f"{group['level'][0]} {group['group']}", _WRITTEN_WEIGHT) for group in sets["flag"] for text in group["texts"]
        )
        rows.extend(Row(text, "danger", "none", _WRITTEN_WEIGHT) for group in sets["calm"] for text in group["texts"])
    asked = tomllib.loads((_CORPUS / "requests.toml").read_text("utf-8"))
    rows.extend(
        Row(text, name, label, _WRITTEN_WEIGHT) for name in ("advice", "handoff", "probe") for label in ("yes", "no") for text in asked[name][label]
    )
    return rows


def public_rows(folder: Path, rng: random.Random) -> list[Row]:
    """Ordinary talk; none where the sets are not there."""
    rows: list[Row] = []
    for name, (key, many) in _PUBLIC.items():
        path = folder / f"{name}.jsonl"
        if path.exists():
            texts = [json.loads(line)[key] for line in path.read_text("utf-8").splitlines()]
            rows.extend(Row(text, "public", "none") for text in rng.sample(sorted({t for t in texts if t}), many))
    return rows


Labels = dict[str, dict[int, bool]]
"""By question, the rows that teach it and what the answer is for each."""


def _danger(rows: Sequence[Row]) -> Labels:
    """A request for advice may tell of danger in passing, so it teaches nothing about it."""
    label = {i: row.label if row.about == "danger" else "none" for i, row in enumerate(rows) if row.about != "advice" or row.label == "no"}
    kinds = sorted({" ".join(reversed(heading.split())) for heading, _ in wordings.patterns("danger.txt")})
    asked: Labels = {"danger": {i: name != "none" for i, name in label.items()}}
    return asked | {kind: {i: name == kind for i, name in label.items() if name in kinds} for kind in kinds}


def _requests(rows: Sequence[Row]) -> Labels:
    """A red flag told as a question may seek advice too, and public talk asks for stored information of its own kind: neither teaches."""
    taught = {"advice": {"calm", "handoff", "probe", "opt_out"}, "handoff": {"calm", "advice", "probe", "opt_out", "danger"}}
    taught["probe"] = {"calm", "advice", "handoff", "opt_out", "danger"}
    return {
        name: {i: row.about == name and row.label == "yes" for i, row in enumerate(rows) if row.about == name or row.about in others}
        for name, others in taught.items()
    }


_MODELS: Mapping[str, tuple[Callable[[Message], np.ndarray], Callable[[Sequence[Row]], Labels]]] = {
    "danger": (safety.features, _danger),
    "requests": (requests.features, _requests),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Features of many sentences in one run of numbers."""

    columns: np.ndarray
    starts: np.ndarray
    values: np.ndarray
    owners: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[np.ndarray]) -> Table:
        sizes = np.array([len(row) for row in rows])
        owners = np.repeat(np.arange(len(rows)), sizes)
        return cls(np.concatenate(rows).astype(np.int32), np.concatenate([[0], np.cumsum(sizes)[:-1]]), (1.0 / np.sqrt(sizes))[owners], owners)

    def scores(self, weights: np.ndarray) -> np.ndarray:
        return np.asarray(np.add.reduceat(weights[self.columns] * self.values, self.starts))

    def slope(self, errors: np.ndarray) -> np.ndarray:
        return np.bincount(self.columns, self.values * errors[self.owners], BUCKETS)


def fit(table: Table, yes: np.ndarray, importance: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and bias. Both answers weigh the same, however many sentences each has."""
    importance = importance * np.where(yes, 0.5 / importance[yes].sum(), 0.5 / importance[~yes].sum())

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table.scores(at[:-1]) + at[-1]
        errors = (1.0 / (1.0 + np.exp(-scores)) - yes) * importance
        lost = float(((np.logaddexp(0.0, scores) - yes * scores) * importance).sum()) + _PENALTY / 2 * float(at[:-1] @ at[:-1])
        return lost, np.append(table.slope(errors) + _PENALTY * at[:-1], errors.sum())

    found = _least(cost, np.zeros(BUCKETS + 1))
    return found[:-1], float(found[-1])


def _least(cost: Callable[[np.ndarray], tuple[float, np.ndarray]], at: np.ndarray) -> np.ndarray:
    """L-BFGS (Nocedal and Wright 2006, algorithm 7.4) with steps halved until the cost falls enough."""
    lost, slope = cost(at)
    past: list[tuple[np.ndarray, np.ndarray, float]] = []
    for _ in range(_STEPS):
        way, kept = -slope.copy(), []
        for moved, turned, inverse in reversed(past):
            share = inverse * float(moved @ way)
            way -= share * turned
            kept.append(share)
        if past:
            moved, turned, _ = past[-1]
            way *= float(moved @ turned) / float(turned @ turned)
        for (moved, turned, inverse), share in zip(past, reversed(kept), strict=True):
            way += moved * (share - inverse * float(turned @ way))
        size = 1.0
        while (new := cost(at + size * way))[0] > lost + 1e-4 * size * float(slope @ way) and size > 1e-6:
            size /= 2
        moved, turned = size * way, new[1] - slope
        if float(moved @ turned) > 1e-12:
            past = [*past[-9:], (moved, turned, 1.0 / float(moved @ turned))]
        fallen = lost - new[0]
        at, (lost, slope) = at + moved, new
        if fallen < 1e-7 * abs(lost):
            break
    return at


def quantised(weights: np.ndarray, bias: float) -> tuple[np.ndarray, np.ndarray]:
    """int8 weights, and what one step is worth with the bias."""
    scale = max(float(np.abs(weights).max()) / 127, 1e-9)
    return np.round(weights / scale).astype(np.int8), np.array([scale, bias])


def digest() -> str:
    """Of every file of sentences: the model file keeps it, so that a test can tell whether they still belong together."""
    files = sorted(p for folder in (wordings.FOLDER, _CORPUS) for p in folder.rglob("*") if p.suffix == ".txt" or p.stem in _CORPORA)
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()[:16]


def trained(features: Sequence[np.ndarray], rows: Sequence[Row], labels: Labels, kept: Callable[[Row], bool]) -> dict[str, np.ndarray]:
    """The arrays of a model."""
    arrays: dict[str, np.ndarray] = {}
    for question, answers in labels.items():
        among = [i for i in answers if kept(rows[i])]
        fitted = fit(Table.of([features[i] for i in among]), np.array([answers[i] for i in among]), np.array([rows[i].weight for i in among]))
        arrays[f"weights.{question}"], arrays[f"scale_bias.{question}"] = quantised(*fitted)
    return arrays


def report(question: str, opinion: Opinion, features: Sequence[np.ndarray], answers: Sequence[bool]) -> str:
    """How many are found, for several shares of false alarms."""
    sure, yes = np.array([opinion.on(question, row) for row in features]), np.array(answers)
    calm = np.sort(sure[~yes])[::-1]
    found = ", ".join(f"{(sure[yes] > calm[int(part * len(calm))]).mean():.3f} at {part:.0%}" for part in (0.01, 0.03, 0.05, 0.1))
    return f"{question}: {yes.sum()} of {len(yes)}; found at false alarms: {found}"


@click.command()
@click.argument("model", type=click.Choice(sorted(_MODELS)))
@click.option("--leave-out", default="", help="a written batch to measure on instead of training on it")
@click.option("--public", type=click.Path(path_type=Path), default=Path("../shared/data/public"), help="folder of the public sets")
@click.option("--write", is_flag=True, help="write the model file")
def main(model: str, leave_out: str, public: Path, write: bool) -> None:
    """Train, measure, and write the model file."""
    rng = random.Random(5)
    read, taught = _MODELS[model]
    rows = [*drawn_rows(rng), *written_rows(), *tested_rows(), *public_rows(public, rng)]
    features, labels = [read(Message.of(row.text)) for row in rows], taught(rows)
    arrays = trained(features, rows, labels, lambda row: not leave_out or row.batch != leave_out)
    opinion = Opinion.of(arrays)
    for question, answers in labels.items():
        seen = [i for i in answers if rows[i].batch and (not leave_out or rows[i].batch == leave_out)]
        if 0 < sum(answers[i] for i in seen) < len(seen):
            click.echo(report(question, opinion, [features[i] for i in seen], [answers[i] for i in seen]))
    if write:
        named: dict[str, Any] = {"trained_on": np.array(digest()), **arrays}
        np.savez_compressed(LEXICONS / f"{model}.npz", **named)


if __name__ == "__main__":
    main()
