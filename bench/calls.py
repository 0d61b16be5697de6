"""How many calls one machine can hold: N callers in real time from N sockets, against the real server with the real ears and voice.

    python -m bench.calls [--model DIR] [--clinic DIR] [--calls 5,20,40] [--short 200]

Callers speak with another synthetic voice than the line's. They run in a process of their own, on the same cores as the server, and
dial one after the other within a few seconds, as after an advertisement: all answer the same question at nearly the same time.
Writes `bench/results/calls.md`. Exit status 0 means that the goals were reached.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil

from bench import provenance
from channels.emulator import PhoneCall, Twilio, over_http
from channels.speech import model
from channels.speech.synthesis import Synthesiser, Voice
from channels.stream_emulator import QUIET, Stream, on_streams, realtime
from commands.call import Caller, frames
from commands.stage import ACCOUNT, TOKEN, Stage, line, wait_for

_SAID = ("Maria Lopez", "It's for me", "my left knee hurts", "six one four, five five five, oh one four two", "yes", "Cigna", "Doctor Smith")
_AT_ONCE = 10
"""Short calls at the same time."""
GOAL_CALLS, GOAL_P95_S, GOAL_MB = 20, 0.3, 15.0
GOAL_GROWTH_MB = 15.0
"""Over the short calls: less than one call more would take."""
_AIM = "Aim: 20 calls, better 40, on two cores; p95 below 300 ms; below 15 MB for each further call; no gap above 60 ms; flat after 200 calls."


@dataclass(slots=True)
class Heard:
    """What the callers of one level noticed."""

    pauses: list[float]
    """Seconds from the end of something said to the first audio that came back."""
    gaps: list[float]
    calls: int
    streamed: int


def main() -> None:
    """Measure, and write bench/results/calls.md."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--model", type=Path, help="folder of the speech model; var/models by default")
    arguments.add_argument("--clinic", type=Path, default=Path("clinics/riverside"))
    arguments.add_argument("--calls", default="5,20,40")
    arguments.add_argument("--short", type=int, default=200, help="short calls, to see whether memory grows")
    arguments.add_argument("--callers", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.callers:
        json.dump(_call(json.loads(given.callers)), sys.stdout)
        return
    folder = model.find(given.model, Path("var/models"))
    if folder is None:
        raise SystemExit("There is no speech model: `referline models fetch` fetches one")
    settings = {"VOICE_MODE": "stream", "VOSK_MODEL_DIR": str(folder.absolute()), "VOICE_CALLS_AT_ONCE": "60"}
    with line(given.clinic, "+16145550142", ("web",), **settings) as stage:
        wait_for("the speech model", lambda: _metric(stage, "referline_speech_loaded") == 1, 120)
        idle = _worker(stage).memory_full_info().pss / 1e6
        rows = [_told(_level(stage, int(level))) for level in given.calls.split(",")]
        growth = _short(stage, given.short)
    print(provenance.write("calls.md", _page(idle, rows, growth)))
    sys.exit(0 if _reached(rows, growth) else 1)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    print(f"{row['calls']} calls: first audio p95 {1000 * row['p95']:.0f} ms", flush=True)
    return row


def _reached(rows: Sequence[Mapping[str, Any]], growth: Sequence[tuple[int, float]]) -> bool:
    """Whether the goals for twenty calls were, and memory stayed flat. A caller put through to a person comes back on a stream more."""
    goal = [row for row in rows if row["calls"] <= GOAL_CALLS]
    flat = not growth or growth[-1][1] - growth[0][1] < GOAL_GROWTH_MB
    met = (row["streamed"] >= row["calls"] and row["p95"] < GOAL_P95_S and row["mb"] < GOAL_MB and not row["late"] for row in goal)
    return flat and all(met)


def _level(stage: Stage, calls: int) -> dict[str, Any]:
    """One number of calls at once."""
    worker = _worker(stage)
    before, idle, busy = _histogram(stage), worker.memory_info().rss, worker.cpu_times()
    began = time.monotonic()
    most, done = [idle], threading.Event()
    watch = threading.Thread(target=_watch, args=(worker, most, done))
    watch.start()
    heard = _callers(stage, calls, len(_SAID))
    done.set()
    watch.join()
    spent = worker.cpu_times()
    delta = {bound: count - before.get(bound, 0) for bound, count in _histogram(stage).items()}
    seconds = time.monotonic() - began
    return {
        "calls": calls,
        "streamed": heard.streamed,
        "turns": max(delta.values(), default=0),
        "p50": _quantile(delta, 0.5),
        "p95": _quantile(delta, 0.95),
        "pause": statistics.median(heard.pauses) if heard.pauses else float("nan"),
        "gap": max(heard.gaps, default=0.0),
        "late": sum(gap > 0.06 for gap in heard.gaps),
        "mb": (max(most) - idle) / calls / 1e6,
        "cpu": (spent.user + spent.system - busy.user - busy.system) / seconds,
    }


def _short(stage: Stage, calls: int) -> list[tuple[int, float]]:
    """Memory after so many calls of a few seconds."""
    worker, points = _worker(stage), []
    for done in range(0, calls, 5 * _AT_ONCE):
        for _ in range(5):
            _callers(stage, _AT_ONCE, 0)
        points.append((done + 5 * _AT_ONCE, worker.memory_info().rss / 1e6))
    return points


def _callers(stage: Stage, calls: int, say: int) -> Heard:
    task = json.dumps({"server": stage.base_url, "number": stage.number, "calls": calls, "say": say})
    command = [sys.executable, "-m", "bench.calls", "--callers", task]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    return Heard(**json.loads(done.stdout))


def _call(task: Mapping[str, Any]) -> dict[str, Any]:
    """In the callers' own process: so many calls at once."""
    twilio = Twilio(over_http(task["server"]), TOKEN, task["server"], ACCOUNT)
    mouth = Synthesiser({"en": Voice("en-us+f3", 150), "es": Voice("es-419")})
    said = [mouth.speak(text) for text in _SAID[: task["say"]]]
    found = Heard([], [], 0, 0)

    def one(number: int) -> None:
        time.sleep(number * 0.15)
        caller = _Measured(said) if said else _Brief(mouth.speak("yes"))
        call = PhoneCall(twilio, f"+1415555{number:04d}", task["number"])
        call.stream = on_streams("ws" + task["server"].removeprefix("http"), caller)
        call.dial()
        call.hang_up()
        found.calls += 1
        found.streamed += call.streams
        found.pauses += caller.pauses
        found.gaps += caller.gaps

    threads = [threading.Thread(target=one, args=(number,)) for number in range(task["calls"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"pauses": found.pauses, "gaps": found.gaps, "calls": found.calls, "streamed": found.streamed}


class _Measured(Caller):
    """Notes how long each answer took to begin."""

    def __init__(self, said: Sequence[bytes]) -> None:
        super().__init__(said)
        self.pauses: list[float] = []
        self.gaps: list[float] = []

    def __call__(self, stream: Stream) -> None:
        """Talk, then look at what came when."""
        super().__call__(stream)
        arrivals = [moment for moment, _ in stream.ear.arrivals]
        for ended in self.finished:
            answer = next((moment for moment in arrivals if moment > ended), None)
            if answer is not None and answer - ended < 4.5:
                self.pauses.append(answer - ended)
        self.gaps += stream.ear.gaps


class _Brief:
    """Speaks at once, over the greeting, and hangs up three seconds later."""

    def __init__(self, said: bytes) -> None:
        self._said = said
        self.pauses: list[float] = []
        self.gaps: list[float] = []

    def __call__(self, stream: Stream) -> None:
        """Talk."""
        for number, frame in enumerate(realtime([QUIET] * 50 + list(frames(self._said)))):
            if not stream.open or number > 200:
                return
            stream.frame(frame)


def _worker(stage: Stage) -> psutil.Process:
    (worker,) = psutil.Process(stage.process).children()
    return worker


def _watch(worker: psutil.Process, most: list[int], done: threading.Event) -> None:
    while not done.wait(0.5):
        most.append(worker.memory_info().rss)


def _page_of(stage: Stage) -> str:
    with urllib.request.urlopen(f"{stage.base_url}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def _metric(stage: Stage, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", _page_of(stage), re.MULTILINE)
    return float(found[1]) if found else 0.0


def _histogram(stage: Stage) -> dict[float, float]:
    """Cumulative counts by upper bound in seconds."""
    rows = re.findall(r'^referline_first_audio_seconds_bucket\{le="(\S+)"\} (\S+)$', _page_of(stage), re.MULTILINE)
    return {float(bound.replace("+Inf", "inf")): float(count) for bound, count in rows}


def _quantile(counts: Mapping[float, float], share: float) -> float:
    """Interpolated within its bucket; the upper bound of the last but one at most."""
    total = max(counts.values(), default=0.0)
    for (low, below), (high, upto) in pairwise([(0.0, 0.0), *sorted(counts.items())]):
        if total and upto >= share * total:
            return low if high == float("inf") else low + (high - low) * (share * total - below) / max(1.0, upto - below)
    return float("nan")


def _page(idle: float, rows: Sequence[Mapping[str, Any]], growth: Sequence[tuple[int, float]]) -> str:
    loaded = f"The web process with speech loaded, before the first call: {idle:.0f} MB (proportional set size)."
    return "\n".join((*_table(rows), "", loaded, "", *_growth(growth), "", _AIM))


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "# Calls at once"
    yield ""
    yield f"{provenance.line()} Load average at the end: {os.getloadavg()[1]:.1f} (the calls themselves make at most 2)."
    yield ""
    yield "Real time, real sockets, real recogniser and voice; the callers on the same cores. First audio: from the end of the turn, as the server"
    yield "decides it, to the first audio sent. Pause: what the caller notices, from their last sound to our first."
    yield ""
    yield "| calls | streamed | turns | first audio p50 ms | p95 ms | pause p50 ms | worst gap ms | gaps > 60 ms | MB a call | cores |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        times = " | ".join(f"{1000 * row[name]:.0f}" for name in ("p50", "p95", "pause", "gap"))
        yield f"| {row['calls']} | {row['streamed']} | {row['turns']:.0f} | {times} | {row['late']} | {row['mb']:.1f} | {row['cpu']:.2f} |"


def _growth(points: Sequence[tuple[int, float]]) -> Iterator[str]:
    yield "| short calls so far | RSS MB of the web process |"
    yield "|---|---|"
    for calls, megabytes in points:
        yield f"| {calls} | {megabytes:.0f} |"


if __name__ == "__main__":
    main()
