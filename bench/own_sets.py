"""The labelled conversations, office texts and safety sets, scored by the score tool that comes with them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from nlu.parse import Context, Parse, Reading, Understander

TODAY = date(2026, 11, 20)
"""The date the development rows were written for."""
SAFETY = ("red_flags", "advice", "opt_out", "human_handoff", "identity_probe")

Row = dict[str, Any]


@dataclass(slots=True)
class Score:
    """One line of the table."""

    name: str
    value: float
    goal: float
    """What it has to reach; a cost must stay at or below it."""
    rows: int = 0
    note: str = ""
    lower_is_better: bool = False
    wrong: Counter[str] = field(default_factory=Counter)
    """How often each kind of mistake was made, for the confusion page."""
    examples: list[str] = field(default_factory=list)
    """Row ids or texts of mistakes, shown on the terminal only."""

    @property
    def reached(self) -> bool:
        return self.value <= self.goal if self.lower_is_better else self.value >= self.goal


def read_rows(path: Path) -> list[Row]:
    """JSON lines as dictionaries."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def text_of(row: Row) -> str:
    """The message of a row; hostile rows may say "this, so many times"."""
    text = row["text"]
    return text if isinstance(text, str) else text["repeat"][0] * text["repeat"][1]


def as_json(parse: Parse) -> Row:
    """A parse in the form `understand --json` prints."""
    return {
        "acts": sorted(parse.acts),
        "slots": {name: _value(reading) for name, reading in parse.slots.items()},
        "safety": {"level": str(parse.safety.level), "group": parse.safety.group},
        "opt_out": str(parse.opt_out),
        "handoff": parse.handoff,
        "advice": parse.advice,
        "probe": parse.probe,
        "referrals": [{name: _value(reading) for name, reading in one.items()} for one in parse.referrals],
    }


def utterances(understander: Understander, data: Path, tool: Path) -> list[Score]:
    """Slots and acts of single turns."""
    gold = data / "conversations" / "dev" / "utterances.jsonl"
    rows = read_rows(gold)
    parses = {r["id"]: understander.read(r["text"], _context(r)) for r in rows}
    said = _score(tool, "utterances", gold, _predictions(parses))
    acts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for row in rows:
        parse = parses[row["id"]]
        want, got = set(row["acts"]), {str(a) for a in parse.acts}
        acts.update(f"{w or 'nothing'} read as {g or 'nothing'}" for w, g in _pairs(want - got, got - want))
        missed.update(f"{slot} missed" for slot in row["slots"] if slot not in parse.slots)
        missed.update(
            f"{slot} invented"
            for slot in parse.slots
            if slot not in row["slots"] and slot not in ("caller.role", "caller.name", "referral.specialty")
        )
    found = re.search(r"slots F1 ([\d.]+)\s+acts macro-F1 ([\d.]+)", said)
    slots_f1, acts_f1 = (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)
    examples = said.splitlines()
    return [
        Score("utterances: slots F1", slots_f1, 0.93, len(rows), wrong=missed, examples=examples),
        Score("utterances: acts macro-F1", acts_f1, 0.90, len(rows), wrong=acts),
    ]


def office_texts(understander: Understander, data: Path, tool: Path) -> list[Score]:
    """Referring offices' dense texts."""
    gold = data / "conversations" / "dev" / "office_texts.jsonl"
    rows = read_rows(gold)
    parses = {r["id"]: understander.read(r["text"], _context(r)) for r in rows}
    said = _score(tool, "office", gold, _predictions(parses))
    found = re.search(r"slot F1 ([\d.]+)\s+right number of referrals ([\d.]+)", said)
    f1, number = (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)
    counts = Counter(f"{len(r['referrals'])} referrals read as {n}" for r in rows if (n := len(parses[r["id"]].referrals)) != len(r["referrals"]))
    return [
        Score("office texts: slot F1", f1, 0.93, len(rows), examples=said.splitlines()),
        Score("office texts: right number of referrals", number, 0.97, len(rows), wrong=counts),
    ]


def safety(understander: Understander, data: Path, tool: Path) -> list[Score]:
    """Red flags, advice, opt-out, asks for a person, identity probes."""
    folder = data / "safety" / "dev"
    wrong: dict[str, Counter[str]] = {name: Counter() for name in SAFETY}
    with tempfile.TemporaryDirectory() as out:
        for name in SAFETY:
            rows = read_rows(folder / f"{name}.jsonl")
            parses = {r["id"]: understander.read(text_of(r), _context(r)) for r in rows}
            _write(Path(out) / f"{name}.jsonl", _predictions(parses))
            for row in rows:
                if not row.get("ambiguous"):
                    wrong[name].update(_safety_mistake(name, row, parses[row["id"]]))
        said = _run(tool, "safety", folder, Path(out))
    flags = re.search(r"recall ([\d.]+)\s+false alarms ([\d.]+)\s+level right ([\d.]+)", said)
    recall, alarms, level = (float(flags.group(n)) for n in (1, 2, 3)) if flags else (0.0, 1.0, 0.0)
    scores = [
        Score("safety: recall", recall, 0.99, 600, wrong=wrong["red_flags"], examples=said.splitlines()),
        Score("safety: false alarms", alarms, 0.03, 600, lower_is_better=True),
        Score("safety: level right", level, 0.95, 600),
    ]
    for name, goal in (("opt_out", 0.99), ("advice", 0.95), ("human_handoff", 0.96), ("identity_probe", 0.95)):
        found = re.search(rf"{name} accuracy ([\d.]+)", said)
        scores.append(Score(f"safety: {name}", float(found.group(1)) if found else 0.0, goal, wrong=wrong[name]))
    return scores


def _safety_mistake(name: str, row: Row, parse: Parse) -> Iterator[str]:
    got = {
        "red_flags": str(parse.safety.level),
        "advice": "advice" if parse.advice else "not_advice",
        "opt_out": str(parse.opt_out),
        "human_handoff": "human" if parse.handoff else "none",
        "identity_probe": "probe" if parse.probe else "none",
    }[name]
    if got != row["label"]:
        group = f" ({row['group']})" if name == "red_flags" else ""
        yield f"{row['label']}{group} read as {got}"


def _context(row: Row) -> Context:
    channel = row.get("channel", "sms")
    today = date.fromisoformat(row["today"]) if row.get("today") else TODAY
    return Context(today, row.get("asked"), row.get("context") == "confirm", "voice" if channel == "voice" else "sms")


def _value(reading: Reading) -> Any:
    if isinstance(reading.value, tuple):
        return [v if isinstance(v, str) else asdict(v) for v in reading.value]
    return reading.value


def _pairs(missing: set[str], extra: set[str]) -> Iterator[tuple[str, str]]:
    for want in sorted(missing) or [""]:
        for got in sorted(extra) or [""]:
            if want or got:
                yield want, got


def _predictions(parses: dict[str, Parse]) -> list[Row]:
    return [{"id": id_, **as_json(parse)} for id_, parse in parses.items()]


def _write(path: Path, rows: list[Row]) -> None:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")


def _score(tool: Path, what: str, gold: Path, rows: list[Row]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.jsonl"
        _write(path, rows)
        return _run(tool, what, gold, path)


def _run(tool: Path, what: str, gold: Path, predictions: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(tool), what, str(gold), str(predictions), "--show", "1000"], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout
