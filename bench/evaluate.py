"""How well messages are understood: every set, one table, one page of confusions.

    python -m bench.evaluate --data ../shared/data [--only acts] [--show 20]

Writes `bench/results/understanding.md` and `bench/results/confusions.md` (kinds of mistakes and how often, no sentence of anybody's data) when
every set was run; `--show` prints the sentences on the terminal.
"""

from __future__ import annotations

import argparse
import csv
import gc
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bench import own_sets, public_sets
from bench.own_sets import TODAY, Score, read_rows, text_of
from nlu.parse import Context, Understander
from nlu.understander import build
from nlu.vocabulary import Payer, Vocabulary

RESULTS = Path(__file__).with_name("results")
TEXT_LENGTH = 160
"""Characters: one SMS segment."""


def hostile(understander: Understander, data: Path) -> list[Score]:
    """The longest time on any of 10,000 fuzzed inputs and the hostile rows; an exception ends the run."""
    slowest = {"ms": 0.0}

    def timed(text: str, asked: str | None = None) -> None:
        gc.disable()  # the collector would walk the hundreds of thousands of objects hypothesis holds, and we would time that
        start = time.thread_time()
        understander.read(text, Context(TODAY, asked))
        slowest["ms"] = max(slowest["ms"], (time.thread_time() - start) * 1000)
        gc.enable()

    timed("warm")
    for row in read_rows(data / "safety" / "dev" / "hostile.jsonl"):
        timed(text_of(row))
    words = st.sampled_from(
        "no not my chest hurts numb stop name is 415 555 oh double s as in sam dot at com may 3rd after before . , ? - aetna doctor".split()
    )
    texts = st.one_of(st.text(max_size=400), st.lists(words, max_size=120).map(" ".join), st.text("0123456789-/() .,:", max_size=300))
    slots = st.sampled_from(
        [None, "patient.name", "patient.phone", "patient.date_of_birth", "insurance.member_id", "preferred_times", "insurance.carrier"]
    )

    @seed(20261120)
    @settings(max_examples=10_000, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(texts, slots)
    def fuzz(text: str, asked: str | None) -> None:
        timed(text, asked)

    fuzz()
    return [Score("fuzz and hostile input: slowest, ms", slowest["ms"], 200, 10_060, lower_is_better=True)]


def cost(understander: Understander, data: Path) -> list[Score]:
    """Median time of a parse of 160 characters, each text read once so that no cache of ours helps."""
    said = " ".join(r["text"] for r in read_rows(data / "conversations" / "dev" / "utterances.jsonl") if r.get("lang") != "es")
    texts = [said[n : n + TEXT_LENGTH] for n in range(0, len(said) - TEXT_LENGTH, TEXT_LENGTH)]
    took = []
    for text in texts:
        start = time.thread_time()
        understander.read(text, Context(TODAY))
        took.append((time.thread_time() - start) * 1000)
    note = f"95th percentile {statistics.quantiles(took, n=20)[-1]:.1f} ms"
    return [Score("cost of a parse of 160 characters: median, ms", statistics.median(took), 6, len(texts), note, lower_is_better=True)]


_STARTING = r"""
import re, time
from pathlib import Path
held = lambda: int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
begun = time.perf_counter()
from nlu import tagger
from nlu.understander import build
from nlu.vocabulary import Vocabulary
build(Vocabulary())
print(time.perf_counter() - begun, held())
begun = time.perf_counter()
tagger.persons("Jessica Turner has an appointment on Friday")
print(time.perf_counter() - begun, held())
"""


def start() -> list[Score]:
    """Seconds and megabytes of a process that reads, before and after the first message that needs the entity recogniser."""
    done = subprocess.run([sys.executable, "-c", _STARTING], capture_output=True, text=True, check=True, timeout=120).stdout.split()
    seconds, size, waited, grown = map(float, done)
    return [
        Score("start of a reader: seconds", seconds, 10, 1, "without spaCy", lower_is_better=True),
        Score("memory of a reader: MB", size, 200, 1, f"{grown - size:.0f} more, in {waited:.1f} s, once spaCy is needed", lower_is_better=True),
    ]


def vocabulary(data: Path) -> Vocabulary:
    """The sample clinic's payers."""
    with (data / "knowledge" / "dev" / "payers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    payers = [Payer(r["payer"], tuple(a.strip().lower() for a in r.get("aliases", "").split(";") if a.strip()), r.get("plan_type", "")) for r in rows]
    return Vocabulary(tuple(payers), state="CA")


def main() -> int:
    """Run the sets asked for; 0 when every goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the labelled rows")
    parser.add_argument("--score-tool", type=Path, help="score.py; beside the data by default")
    parser.add_argument("--only", action="append", metavar="NAME", help="run one set")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print up to N mistakes of each score")
    args = parser.parse_args()
    tool = args.score_tool or args.data.parent / "tools" / "score.py"
    understander = build(vocabulary(args.data))
    gc.collect()
    gc.freeze()  # as a long-running server does: the lexicons' million objects are not walked again in the middle of a turn
    sets: dict[str, Callable[[], list[Score]]] = {
        "utterances": lambda: own_sets.utterances(understander, args.data, tool),
        "office": lambda: own_sets.office_texts(understander, args.data, tool),
        "safety": lambda: own_sets.safety(understander, args.data, tool),
        "acts": lambda: public_sets.acts(understander, args.data),
        "bookings": lambda: public_sets.bookings(understander, args.data),
        "expressions": lambda: public_sets.expressions(understander, args.data),
        "speech": lambda: public_sets.telephone_speech(understander, args.data),
        "chat": lambda: public_sets.insurance_chat(understander, args.data),
        "hostile": lambda: hostile(understander, args.data),
        "cost": lambda: cost(understander, args.data),
        "start": start,
    }
    unknown = set(args.only or ()) - set(sets)
    if unknown:
        parser.error(f"no such set: {', '.join(sorted(unknown))}; there are {', '.join(sets)}")
    scores: list[Score] = []
    for name, run in sets.items():
        if not args.only or name in args.only:
            for score in run():
                scores.append(score)
                print(_line(score), flush=True)
                for example in score.examples[: args.show]:
                    print("   ", example)
    if not args.only:
        _write_pages(scores)
    return 0 if all(s.reached for s in scores) else 1


def _line(score: Score) -> str:
    mark = "ok  " if score.reached else "LOW " if not score.lower_is_better else "HIGH"
    sign = "<=" if score.lower_is_better else ">="
    return f"{mark} {score.name:<48} {score.value:8.3f}  goal {sign} {score.goal:<6} rows {score.rows:<6} {score.note}"


def _row(score: Score) -> str:
    goal = f"{'≤' if score.lower_is_better else '≥'} {score.goal:g}"
    cells = (score.name, f"{score.value:.3f}", goal, str(score.rows or ""), "yes" if score.reached else "no", score.note)
    return f"| {' | '.join(cells)} |"


def _write_pages(scores: list[Score]) -> None:
    RESULTS.mkdir(exist_ok=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    machine = f"{platform.processor() or platform.machine()}, {platform.system()}, Python {platform.python_version()}, one core"
    head = f"Commit {commit}, {time.strftime('%Y-%m-%d')}, {machine}.\n\n"
    table = ["| set | value | goal | rows | reached | note |", "|---|---|---|---|---|---|"]
    table += [_row(s) for s in scores]
    (RESULTS / "understanding.md").write_text("# Understanding, measured\n\n" + head + "\n".join(table) + "\n", "utf-8")
    page = ["# What is taken for what\n", head]
    for score in scores:
        if score.wrong:
            page += [f"## {score.name}: {score.value:.3f}\n", "| mistake | times |", "|---|---|"]
            page += [f"| {kind} | {count} |" for kind, count in score.wrong.most_common(30)] + [""]
    (RESULTS / "confusions.md").write_text("\n".join(page), "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
