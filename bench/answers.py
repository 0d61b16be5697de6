"""How well the clinic's knowledge answers, beside simpler means in the same run on the same questions, and what it costs.

    python -m bench.answers --data ../shared/data [--score-tool ../shared/tools/score.py]

Single-part questions that an article answers, or that nothing answers, are asked of everyone; each peer's threshold is where it answers
rightly as often as it abstains rightly (equal abstention). Ours keeps the one threshold it ships with. Payers and several parts are ours alone and
are scored by the tool beside the data. Also: refusal of questions that have nothing to do with a clinic, time, memory. Writes results/answers.md.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import click
import numpy as np
from rapidfuzz import fuzz

from bench import provenance
from bench.sentences import standard_sentences
from commands.ask import answered, open_finder
from knowledge.answer import Asker, Finder
from knowledge.articles import Article, load_articles
from knowledge.finder import build
from knowledge.payers import load_payers

ASKER = Asker(today=date(2026, 11, 21), implied=True)
_WORD = re.compile(r"[a-z0-9]+")
_INSURANCE = frozenset(("insurance", "insurance_change"))
"""CLINC150 intents a clinic may well answer."""
Scorer = Callable[[str], tuple[str, float]]
"""Question in; likeliest article's id and how likely out."""


@dataclass(frozen=True, slots=True)
class Row:
    """One peer's figures."""

    name: str
    right: float
    abstained: float
    wrong: float
    milliseconds: float
    megabytes: float


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("../shared/data"), show_default=True)
@click.option("--score-tool", type=click.Path(path_type=Path), help="Default: tools/score.py beside the data.")
def main(data: Path, score_tool: Path | None) -> None:
    """Measure and write the page."""
    clinic = data / "knowledge" / "dev"
    articles = [article for article in load_articles(clinic / "articles.jsonl") if article.current(ASKER.today)]
    questions = [json.loads(line) for line in (clinic / "questions.jsonl").read_text("utf-8").splitlines()]
    finder = open_finder(clinic)
    tool = score_tool or data.parent / "tools" / "score.py"
    page = ["# Answers", "", provenance.line(), "", "## All questions, as the score tool judges them", ""]
    page += [_LOOKED_AT, "", f"- {_scored(finder, questions, clinic, tool)}"]
    page += ["", "## Beside simpler means, single-part questions about articles", "", _TABLE]
    page += [_told(row) for row in _peers(articles, questions, finder, clinic)]
    page += ["", "## Refusing what no clinic answers", "", _REFUSING, ""]
    page += _refusals(finder, data / "public")
    page += ["", "## Time", "", _TIMED, ""]
    page += [_timed(size, articles, clinic, questions) for size in (100, 1000, 10_000)]
    print("\n".join(page))
    print(provenance.write("answers.md", "\n".join(page)))


_LOOKED_AT = "These questions were looked at while building; what fresh ones to clinics of our own gave is in docs/adr/0005."
_TABLE = """Time is processor time of one thread, so that neighbours on the machine do not count. Memory is what a process of its own grows by when it
opens the means over the clinic's articles and answers every question once.

| means | right | abstained | wrong of all | ms per question | MB |
|---|---|---|---|---|---|"""
_TIMED = "Wall time, then processor time of the thread that answers: on a busy machine only the second says something of the product."


def _told(row: Row) -> str:
    return f"| {row.name} | {row.right:.3f} | {row.abstained:.3f} | {row.wrong:.3f} | {row.milliseconds:.1f} | {row.megabytes:.1f} |"


def _scored(finder: Finder, rows: Sequence[dict[str, Any]], clinic: Path, tool: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        gold, told = Path(folder) / "gold.jsonl", Path(folder) / "told.jsonl"
        gold.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        told.write_text("".join(json.dumps(answered(finder, row["text"], ASKER, row["id"])) + "\n" for row in rows), "utf-8")
        run = subprocess.run([sys.executable, str(tool), "questions", str(gold), str(told)], capture_output=True, text=True, check=False, timeout=60)
    return run.stdout.strip().splitlines()[-1] if run.stdout else f"not scored ({clinic.name}: {tool} failed)"


def _peers(articles: Sequence[Article], questions: Sequence[dict[str, Any]], finder: Finder, clinic: Path) -> list[Row]:
    single = [row for row in questions if len(row["parts"]) == 1 and not row["parts"][0]["answer"].startswith("payer")]
    rows = [_measured(OURS, _ours(finder), single, 0.0, _grown(OURS, clinic))]
    for name, make in _PEERS.items():
        scorer = make(articles)
        if scorer is not None:
            rows.append(_measured(name, scorer, single, _equal([scorer(row["text"]) for row in single], single), _grown(name, clinic)))
    return rows


OURS = "referline"


def _grown(name: str, clinic: Path) -> float:
    """Megabytes a fresh process grows by when it opens one means and answers with it."""
    told = subprocess.run([sys.executable, "-c", _GROWING, name, str(clinic)], capture_output=True, text=True, check=True, timeout=600).stdout
    return float(told.split()[-1])


_GROWING = """
import sys
from pathlib import Path
import psutil
from bench import answers
before = psutil.Process().memory_info().rss
answers.answer_all(sys.argv[1], Path(sys.argv[2]))
print((psutil.Process().memory_info().rss - before) / 1e6)
"""


def answer_all(name: str, clinic: Path) -> None:
    """Open one means over a clinic's articles and put every question to it; for whoever watches the process."""
    articles = [article for article in load_articles(clinic / "articles.jsonl") if article.current(ASKER.today)]
    scorer = _ours(open_finder(clinic)) if name == OURS else _PEERS[name](articles)
    for line in (clinic / "questions.jsonl").read_text("utf-8").splitlines():
        assert scorer is not None
        scorer(json.loads(line)["text"])


def _ours(finder: Finder) -> Scorer:
    def ask(text: str) -> tuple[str, float]:
        found = [part.answer for part in finder.find(text, ASKER) if part.answer]
        return (found[0].id.split(":", 1)[-1], found[0].score) if found else ("", -1.0)

    return ask


def _measured(name: str, scorer: Scorer, single: Sequence[dict[str, Any]], threshold: float, megabytes: float) -> Row:
    start = time.thread_time()
    answers = [scorer(row["text"]) for row in single]
    spent = (time.thread_time() - start) / len(single) * 1000
    counts = _counts(answers, single, threshold)
    has, none = counts["right"] + counts["other"] + counts["missed"], counts["abstained"] + counts["wrong"]
    return Row(name, counts["right"] / has, counts["abstained"] / none, (counts["other"] + counts["wrong"]) / len(single), spent, megabytes)


def _counts(answers: Sequence[tuple[str, float]], single: Sequence[dict[str, Any]], threshold: float) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (told, score), row in zip(answers, single, strict=True):
        part = row["parts"][0]
        wanted = {answer.split(":")[1] for answer in part["answer"].split("|") if ":" in answer}
        fair = {answer.split(":")[-1] for answer in part.get("accept", [])}
        if not wanted:
            counts["abstained" if score < threshold or told in fair else "wrong"] += 1
        else:
            counts["missed" if score < threshold else "right" if told.split(":")[0] in wanted else "other"] += 1
    return counts


def _equal(answers: Sequence[tuple[str, float]], single: Sequence[dict[str, Any]]) -> float:
    """The threshold at which rightly answered and rightly abstained are nearest to each other."""

    def gap(threshold: float) -> float:
        counts = _counts(answers, single, threshold)
        has, none = counts["right"] + counts["other"] + counts["missed"], counts["abstained"] + counts["wrong"]
        return abs(counts["right"] / has - counts["abstained"] / none)

    return min(sorted({score for _, score in answers}), key=gap)


def _text(article: Article) -> str:
    return f"{article.title} {article.question} {' '.join(article.tags)} {article.answer}".lower()


def _bm25(articles: Sequence[Article]) -> Scorer:
    documents = [Counter(_WORD.findall(_text(article))) for article in articles]
    seen = Counter(word for document in documents for word in document)
    mean = sum(document.total() for document in documents) / len(documents)

    def ask(text: str) -> tuple[str, float]:
        words = _WORD.findall(text.lower())
        weight = {word: math.log(1 + (len(documents) - seen[word] + 0.5) / (seen[word] + 0.5)) for word in words}
        scores = [
            sum(weight[word] * document[word] * 2.5 / (document[word] + 1.5 * (0.25 + 0.75 * document.total() / mean)) for word in words)
            for document in documents
        ]
        best = int(np.argmax(scores))
        return articles[best].id, scores[best] / max(1, len(words))

    return ask


def _tfidf(articles: Sequence[Article], pieces: Callable[[str], list[str]]) -> Scorer:
    documents = [Counter(pieces(_text(article))) for article in articles]
    seen = Counter(piece for document in documents for piece in document)
    rarity = {piece: math.log((1 + len(documents)) / (1 + count)) + 1 for piece, count in seen.items()}

    def vector(counts: Counter[str]) -> dict[str, float]:
        weighed = {piece: (1 + math.log(count)) * rarity.get(piece, 0.0) for piece, count in counts.items()}
        length = math.sqrt(sum(value * value for value in weighed.values())) or 1.0
        return {piece: value / length for piece, value in weighed.items()}

    vectors = [vector(document) for document in documents]

    def ask(text: str) -> tuple[str, float]:
        asked = vector(Counter(pieces(text.lower())))
        scores = [sum(value * document.get(piece, 0.0) for piece, value in asked.items()) for document in vectors]
        best = int(np.argmax(scores))
        return articles[best].id, scores[best]

    return ask


def _grams(text: str) -> list[str]:
    padded = f" {' '.join(_WORD.findall(text))} "
    return [padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1)]


def _token_set(articles: Sequence[Article]) -> Scorer:
    def ask(text: str) -> tuple[str, float]:
        scores = [fuzz.token_set_ratio(text.lower(), f"{article.question} {article.title}".lower()) for article in articles]
        best = int(np.argmax(scores))
        return articles[best].id, scores[best]

    return ask


def _nearest_sentence(articles: Sequence[Article]) -> Scorer | None:
    """None where the wheels of the sentence model are not installed."""
    sentences = standard_sentences()
    if sentences is None:
        return None
    vectors = sentences.vectors([article.question for article in articles])

    def ask(text: str) -> tuple[str, float]:
        scores = vectors @ sentences.vectors([text.lower()])[0]
        best = int(np.argmax(scores))
        return articles[best].id, float(scores[best])

    return ask


_PEERS: dict[str, Callable[[Sequence[Article]], Scorer | None]] = {
    "rapidfuzz token_set_ratio": _token_set,
    "BM25": _bm25,
    "word TF-IDF": lambda articles: _tfidf(articles, _WORD.findall),
    "character TF-IDF": lambda articles: _tfidf(articles, _grams),
    "MiniLM nearest question": _nearest_sentence,
}


_REFUSING = """CLINC150 (every fifth row of train, all of val) without its insurance intents, and HINT3's shops and game, asked of one clinic.
Every answer counts against us, also those to a question any clinic may answer rightly: where are you, when are you open, how can I pay, who do I
complain to. The last column names what was cited most, so that a reader can judge how many of those there are."""


def _refusals(finder: Finder, public: Path) -> list[str]:
    out = ["| set | refused | of | cited most |", "|---|---|---|---|"]
    for name, every in _REFUSED.items():
        rows = [json.loads(line) for line in (public / f"{name}.jsonl").read_text("utf-8").splitlines()[::every]]
        texts = [row["text"] for row in rows if row["intent"] not in _INSURANCE]
        found = [[part.answer.id for part in finder.find(text, ASKER) if part.answer] for text in texts]
        most = Counter(cited.partition(":")[2] for ids in found for cited in ids).most_common(6)
        out.append(
            f"| {name} | {sum(not ids for ids in found) / len(texts):.3f} | {len(texts)} | {', '.join(f'{what} {count}' for what, count in most)} |"
        )
    return out


_REFUSED = {"clinc150_train": 5, "clinc150_val": 1, "hint3_curekart_train": 1, "hint3_powerplay11_train": 1, "hint3_sofmattress_train": 1}
"""Sets, and of how many rows one is asked."""


def _timed(size: int, articles: Sequence[Article], clinic: Path, questions: Sequence[dict[str, Any]]) -> str:
    many = [
        replace(articles[number % len(articles)], id=f"a{number}", question=f"{articles[number % len(articles)].question} {number}")
        for number in range(size)
    ]
    start, busy = time.perf_counter(), time.process_time()
    finder = build(many, load_payers(clinic / "payers.csv"))
    built, worked = time.perf_counter() - start, time.process_time() - busy
    start = time.perf_counter()
    finder.refreshed(articles=[replace(many[0], answer="Changed."), *many[1:]])
    renewed = time.perf_counter() - start
    passed, worked_each = [], []
    for row in questions:
        start, busy = time.perf_counter(), time.thread_time()
        finder.find(row["text"], ASKER)
        worked_each.append((time.thread_time() - busy) * 1000)
        passed.append((time.perf_counter() - start) * 1000)
    build_time = f"built in {built:.2f} s ({worked:.2f} s of processor), one changed in {renewed:.2f} s"
    return f"- {size} articles: {build_time}; per question {_spread(passed)}; processor {_spread(worked_each)}"


def _spread(milliseconds: Sequence[float]) -> str:
    ordered = sorted(milliseconds)
    return f"median {ordered[len(ordered) // 2]:.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    main()
