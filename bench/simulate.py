"""Talks to the line as the personas would, through its real doors, and grades what is in the database afterwards.

    python -m bench.simulate --data ../shared/data [--only dp001] [--manner terse] [--show wrong]

Text messages go through the signed SMS webhook, calls through the signed voice webhook in gather mode (the row's words are what
the recogniser understood). Time is the rows' own: Friday 2026-11-20, after hours. Writes `bench/results/personas.md`.
Exit status 0 means that the goal was reached and nothing else was left in the database.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from agent import opt_outs, sweeps
from bench import provenance
from bench.manners import MANNERS, Manner, plain
from bench.person import Move, Person, says_goodbye
from bench.served import Served, line
from channels.emulator import PhoneCall

GOAL = 0.9
EVENING = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
"""Half past seven on Friday evening at the sample clinic: the desk is closed and the line answers."""
PACE = timedelta(seconds=20)
"""Between two messages of one person."""
LONGEST = 80
"""Turns after which the person has had enough: the line is to end by itself long before."""

Row = Mapping[str, Any]


@dataclass(slots=True)
class Talk:
    """One person's conversation with the line."""

    row: Row
    sender: str
    said: list[tuple[str, str]] = field(default_factory=list)
    """Who (`person`, `line`, `--`) and what."""
    turns: int = 0
    puzzled: int = 0
    endless: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one persona ended."""

    talk: Talk
    status: str
    slots: Mapping[str, Any]
    wrong: tuple[str, ...]
    """Why it is not right; empty when it is."""


class Phone:
    """The person's telephone: texts or calls, whichever they are doing."""

    def __init__(self, served: Served, sender: str, channel: str) -> None:
        self._served, self._sender = served, sender
        self.channel = "voice" if channel == "voice" else "sms"
        self._call: PhoneCall | None = None

    @property
    def ended(self) -> bool:
        """Whether the line hung up. A text thread has no end but silence."""
        return self._call is not None and self._call.over

    def open(self) -> str:
        """Dial, and hear the greeting; by text nothing is heard before one writes."""
        if self.channel == "sms":
            return ""
        self._call = PhoneCall(self._served.twilio, self._sender, self._served.number).dial()
        return " ".join(self._call.heard)

    def say(self, words: str) -> str:
        """Say or text something; the answer."""
        self._served.clock.forward(PACE)
        if self._call:
            return self._call.say(words)
        return "\n".join(self._served.twilio.text(words, self._sender, self._served.number).texts)

    def leave(self) -> None:
        """Hang up; by text there is nothing to do."""
        if self._call:
            self._call.hang_up()
        self._call = None


def talk(served: Served, row: Row, sender: str, manner: Manner = plain) -> Talk:
    """Have the whole conversation, with coming back later where the row says so."""
    served.clock.now = EVENING
    record, person = Talk(row, sender), Person(row)
    phone = Phone(served, sender, row["channel"])
    heard = phone.open()
    if heard:
        record.said.append(("line", heard))
    for record.turns in range(1, LONGEST + 1):
        move = person.hears(heard, ended=phone.ended or (record.turns > 1 and not heard))
        if move.hang_up and move.returns_by:
            move = _come_back(served, person, phone, move, record)
        if move.say is None:
            break
        for words in manner(person, move.say):
            record.said.append(("person", words))
            heard = phone.say(words)
            record.said.append(("line", heard))
            if phone.ended:
                break
        if phone.ended or (phone.channel == "sms" and says_goodbye(heard)):
            break
    else:
        record.endless = True
    record.puzzled = person.puzzled
    phone.leave()
    return record


def _come_back(served: Served, person: Person, phone: Phone, move: Move, record: Talk) -> Move:
    phone.leave()
    record.said.append(("--", f"gone for {move.minutes_later} minutes, comes back by {move.returns_by}"))
    _sweep_while(served, timedelta(minutes=move.minutes_later))
    phone.channel = str(move.returns_by)
    if greeting := phone.open():
        record.said.append(("line", greeting))
    return Move(say=person.returns())


def _sweep_while(served: Served, length: timedelta) -> None:
    """Time passes, and the schedule does what it does meanwhile."""
    until = served.clock.now + length
    while served.clock.now < until:
        served.clock.now = min(until, served.clock.now + timedelta(minutes=15))
        _close_quiet(served)


def _close_quiet(served: Served) -> None:
    sweeps.close_quiet(served.agent)


def grade(served: Served, talks: Iterable[Talk], score: ModuleType) -> tuple[list[Verdict], list[str]]:
    """Compare the database with what each person wanted; also the leads that should not be there."""
    mine: dict[str, list[dict[str, Any]]] = {}
    for lead in served.leads():
        mine.setdefault(str(lead["caller"]["number"]), []).append(lead)
    verdicts = []
    for record in talks:
        leads = mine.pop(record.sender, [])
        lead = leads[0] if leads else {"slots": {}, "outcome": _without_lead(served, record.sender)}
        slots = {name: slot["value"] for name, slot in lead["slots"].items()}
        wrong = [*_wrong(score, record.row, str(lead["outcome"]), slots), *(f"one lead too many: {extra['reference']}" for extra in leads[1:])]
        verdicts.append(Verdict(record, str(lead["outcome"]), slots, tuple([*wrong, "never ended"] if record.endless else wrong)))
    return verdicts, [f"{lead['reference']} of nobody" for leads in mine.values() for lead in leads]


def _without_lead(served: Served, sender: str) -> str:
    with served.agent.store.reading() as session:
        return "opted_out" if opt_outs.is_opted_out(session, sender) else "partial"


def _wrong(score: ModuleType, row: Row, outcome: str, slots: Mapping[str, Any]) -> list[str]:
    """The score tool's own rules, with words: exactly the expected slots when complete, no wrong value otherwise."""
    same: Callable[[str, object, object], bool] = score.same
    if row["expect_status"] == "complete":
        wrong = list(score.compare(row["expect"], dict(slots), score.Counts()))
    else:
        pairs = [(name, row["expect"][name], value) for name, value in slots.items() if name in row["expect"]]
        wrong = [f"{name}: want {want!r}, got {value!r}" for name, want, value in pairs if not same(name, want, value)]
    return wrong if status_of(outcome) == row["expect_status"] else [f"status: want {row['expect_status']}, got {outcome}", *wrong]


def status_of(outcome: str) -> str:
    """The rows know five statuses; a wrong number is a partial that nobody follows up."""
    return "partial" if outcome == "wrong_number" else outcome


def senders(rows: Iterable[Row]) -> list[str]:
    """Each person's own number: the one they give, unless somebody before them gave it or they give none."""
    taken: list[str] = []
    for place, row in enumerate(rows):
        own = row["goal"].get("patient.phone")
        taken.append(own if isinstance(own, str) and own.startswith("+1") and own not in taken else f"+1628555{1000 + place:04d}")
    return taken


def page(verdicts: list[Verdict], extra: list[str], source: str) -> str:
    """The page of results. Transcripts stay on the terminal: the rows are not part of the project."""
    right = sum(not v.wrong for v in verdicts)
    turns = sorted(v.talk.turns for v in verdicts)
    failed = [(v.talk.row, v) for v in verdicts if v.wrong]
    rows = [f"| {row['id']} | {row['channel']} | {row['expect_status']} | {v.status} | {_cell(v.wrong)} |" for row, v in failed]
    table = ["| persona | by | wanted | got | why it is not right |", "|---|---|---|---|---|", *rows] if rows else ["Every one ended right."]
    return "\n".join(
        [
            "# Conversations with simulated people",
            "",
            provenance.line(),
            "",
            f"`python -m bench.simulate` over `{source}`: each persona talks to a really served line through its signed webhooks,",
            "by text or by a call in gather mode.",
            "Graded on the final database state as `referline leads --json` gives it, by the score tool's rules.",
            "",
            f"**{right} of {len(verdicts)} ended exactly right ({right / len(verdicts):.1%}; goal {GOAL:.0%}).**",
            f"Leads in the database that belong to nobody: {len(extra)}.",
            f"Turns per conversation: median {turns[len(turns) // 2]}, most {turns[-1]}.",
            "",
            *table,
        ]
    )


def _cell(wrong: Iterable[str]) -> str:
    """Which slots, without the person's words."""
    kinds = [text if text.startswith(("status", "one lead", "never")) else text.partition(":")[0] + _kind(text) for text in wrong]
    return "; ".join(kinds)


def _kind(text: str) -> str:
    if text.endswith("got None"):
        return " missing"
    return " not wanted" if "want nothing" in text else " differs"


def shown(verdict: Verdict) -> str:
    """One conversation for the terminal."""
    row = verdict.talk.row
    head = f"=== {row['id']} {row['channel']} {row['style']} | want {row['expect_status']}, got {verdict.status} | puzzled {verdict.talk.puzzled}"
    return "\n".join([head, *(f"  {who:<6} {what}" for who, what in verdict.talk.said), *(f"  !! {why}" for why in verdict.wrong)])


def main() -> int:
    """Talk, grade, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the labelled rows")
    parser.add_argument("--personas", type=Path, help="the rows; conversations/dev/personas.jsonl of the data by default")
    parser.add_argument("--clinic", type=Path, default=Path("clinics/riverside"))
    parser.add_argument("--score-tool", type=Path, help="score.py; beside the data by default")
    parser.add_argument("--only", action="append", metavar="ID", help="talk as one persona; writes no page")
    parser.add_argument("--manner", choices=list(MANNERS), default="plain", help="how everybody talks; others than `plain` write no page")
    parser.add_argument("--show", choices=["wrong", "all"], help="print transcripts")
    parser.add_argument("--predictions", type=Path, help="write what was recorded as JSON lines for the score tool")
    args = parser.parse_args()
    source = args.personas or args.data / "conversations" / "dev" / "personas.jsonl"
    rows = [json.loads(text) for text in source.read_text(encoding="utf-8").splitlines() if text.strip()]
    numbers = dict(zip((row["id"] for row in rows), senders(rows), strict=True))
    rows = [row for row in rows if not args.only or row["id"] in args.only]
    with tempfile.TemporaryDirectory() as folder, line(Path(folder), args.clinic, EVENING) as served:
        talks = [talk(served, row, numbers[row["id"]], MANNERS[args.manner]) for row in rows]
        served.clock.now = EVENING
        _sweep_while(served, timedelta(days=1))
        verdicts, extra = grade(served, talks, score_tool(args.score_tool or args.data.parent / "tools" / "score.py"))
    for verdict in verdicts:
        if args.show == "all" or (args.show and verdict.wrong):
            print(shown(verdict), end="\n\n")
    if args.predictions:
        found = [{"id": v.talk.row["id"], "status": status_of(v.status), "slots": v.slots} for v in verdicts]
        args.predictions.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    right = sum(not v.wrong for v in verdicts)
    print(f"{right} of {len(verdicts)} ended exactly right", *extra, sep="\n")
    if not args.only and args.manner == "plain":
        print(provenance.write("personas.md", page(verdicts, extra, source.name)))
    return 0 if right >= GOAL * len(verdicts) and not extra else 1


def score_tool(path: Path) -> ModuleType:
    """The score tool that lies beside the data, as a module."""
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: there is no score tool; name it with --score-tool")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    raise SystemExit(main())
