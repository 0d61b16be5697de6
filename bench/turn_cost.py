"""What one text message costs: signature, understanding, answer, durable commit; beside a bare Flask route in the same run.

    python -m bench.turn_cost [--conversations 60] [--speech-model DIR]

Both are served by gunicorn with two processes of 32 threads on loopback, called by the same client with the same signed requests, in turns.
Writes `bench/results/turn_cost.md`. Exit status 0 means that every goal was reached.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
from twilio.request_validator import RequestValidator

from agent.clinic import load as load_clinic
from bench import provenance
from commands.stage import line

GOAL_RATIO = 4.0
GOAL_MEMORY = 400
"""MB of one web process."""
PROCESSES = 2
CALLERS = 8
"""People texting at once when throughput is measured."""
ROUNDS = 3
TOKEN = "stage-token"
MESSAGES = (
    "hi, i was referred by dr smith at mill creek orthopedics for my left knee",
    "Maria Hernandez",
    "for me",
    "torn meniscus, surgery last week",
    "614 555 0161",
    "do you take cigna and do you have parking?",
    "Cigna PPO",
    "U7744102903",
    "tuesdays or thursdays after 3",
    "3/14/1986",
    "skip",
    "yes",
)
"""One conversation, from the first word to the promise."""


@dataclass(frozen=True, slots=True)
class Server:
    """Something that takes texts."""

    base: str
    process: int


@dataclass(slots=True)
class Cost:
    """What one server took."""

    alone: list[float] = field(default_factory=list)
    """Seconds of each message when one person texts."""
    rates: list[float] = field(default_factory=list)
    """Messages per second when eight people text, one figure a round."""
    processor: float = 0.0
    """Seconds of processor time all of it took on the server's side: what a busy machine does not blur."""
    messages: int = 0

    def milliseconds(self, percent: int) -> float:
        """A percentile of the messages that were alone."""
        return statistics.quantiles(self.alone, n=100)[percent - 1] * 1000

    @property
    def processor_milliseconds(self) -> float:
        """Processor time of one message."""
        return self.processor / self.messages * 1000

    @property
    def rate(self) -> float:
        """The median round."""
        return statistics.median(self.rates)


_NUMBERS = itertools.count()


def texts(server: Server, number: str) -> list[tuple[bytes, str]]:
    """One new person's messages, each with its signature."""
    person = next(_NUMBERS)
    sender = f"+1614{200 + person // 10_000:03d}{person % 10_000:04d}"
    found = []
    for place, body in enumerate(MESSAGES):
        fields = {"MessageSid": f"SM{person:028x}{place:04x}", "AccountSid": "AC" + "0" * 32, "From": sender, "To": number, "Body": body}
        signature = RequestValidator(TOKEN).compute_signature(f"{server.base}/twilio/sms", fields)
        found.append((urlencode(fields).encode(), signature))
    return found


def send(server: Server, messages: Sequence[tuple[bytes, str]]) -> list[float]:
    """Text them one after the other over one connection; the seconds each took. Raises SystemExit for a refused one."""
    connection = http.client.HTTPConnection(urlsplit(server.base).netloc, timeout=30)
    took = []
    for body, signature in messages:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        start = time.perf_counter()
        connection.request("POST", "/twilio/sms", body, headers)
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - start)
        if answer.status != 200:
            raise SystemExit(f"{server.base} answered {answer.status}")
    connection.close()
    return took


def measure(servers: dict[str, Server], number: str, conversations: int) -> dict[str, Cost]:
    """Each server in turn, several rounds, so that a busy moment of the machine hits both."""
    costs = {name: Cost() for name in servers}
    for server in servers.values():
        for _ in range(2 * PROCESSES):
            send(server, texts(server, number))
    for _ in range(ROUNDS):
        for name, server in servers.items():
            cost, before = costs[name], _processor(server)
            for _ in range(max(1, conversations // ROUNDS)):
                cost.alone += send(server, texts(server, number))
            cost.rates.append(_rate(server, number, max(CALLERS, conversations // ROUNDS)))
            cost.processor += _processor(server) - before
            cost.messages += (max(1, conversations // ROUNDS) + max(CALLERS, conversations // ROUNDS)) * len(MESSAGES)
    return costs


def _processor(server: Server) -> float:
    """Seconds of processor time the server's processes have used."""
    used = [child.cpu_times() for child in psutil.Process(server.process).children(recursive=True)]
    return sum(times.user + times.system for times in used)


def _rate(server: Server, number: str, conversations: int) -> float:
    waiting = [texts(server, number) for _ in range(conversations)]

    def work() -> None:
        while waiting:
            send(server, waiting.pop())

    threads = [threading.Thread(target=work) for _ in range(CALLERS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return conversations * len(MESSAGES) / (time.perf_counter() - start)


@contextmanager
def bare() -> Iterator[Server]:
    """The bare route, served."""
    with tempfile.TemporaryDirectory() as folder:
        port = 18000 + os.getpid() % 1000
        base = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "BARE_TOKEN": TOKEN, "BARE_BASE": base, "BARE_DATABASE": str(Path(folder) / "bare.db")}
        options = ["--worker-class", "gthread", "--threads", "32", "--workers", str(PROCESSES), "--bind", urlsplit(base).netloc]
        running = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "--log-level", "warning", "bench.bare_route:app"], env=environment)
        try:
            _wait(f"{base}/readyz")
            yield Server(base, running.pid)
        finally:
            running.terminate()
            running.wait(30)


def _wait(address: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise SystemExit(f"{address} does not answer")


def memory(process: int) -> tuple[float, float]:
    """RSS and PSS of the largest process beneath one, in MB. PSS counts a shared page by its share."""
    largest = max(psutil.Process(process).children(recursive=True), key=lambda child: child.memory_info().rss)
    found = largest.memory_full_info()
    return found.rss / 2**20, found.pss / 2**20


def page(costs: dict[str, Cost], memories: dict[str, tuple[float, float]]) -> tuple[str, bool]:
    """The page of results, and whether the goals were reached."""
    ours, least = costs["the line"], costs["bare route"]
    ratio, share = ours.milliseconds(50) / least.milliseconds(50), least.rate / ours.rate
    times = {name: " | ".join(f"{cost.milliseconds(percent):.2f}" for percent in (50, 95, 99)) for name, cost in costs.items()}
    rows = [f"| {name} | {times[name]} | {cost.rate:.0f} | {cost.processor_milliseconds:.2f} |" for name, cost in costs.items()]
    kept = [f"| {name} | {rss:.0f} | {pss:.0f} |" for name, (rss, pss) in memories.items()]
    good = max(ratio, share) <= GOAL_RATIO and all(pss <= GOAL_MEMORY for _, pss in memories.values())
    text = f"""# What a text message costs

{provenance.line()}

Signature, understanding, answer and durable commit, through gunicorn over HTTP; the bare route checks the signature and commits one row with the
same SQLite settings. {len(ours.alone)} messages each for the times (one person texting), {CALLERS} people texting for the rates,
{PROCESSES} processes, the client on the same cores.

| | p50 ms | p95 ms | p99 ms | messages/s | processor ms |
|---|---|---|---|---|---|
{chr(10).join(rows)}

A turn takes **{ratio:.1f} times** as long as the bare route (p50); the bare route takes **{share:.1f} times** as many messages a second.
Processor time: {ours.processor_milliseconds / least.processor_milliseconds:.1f} times. Goal: at most {GOAL_RATIO:g} times.

| one web process | RSS MB | PSS MB |
|---|---|---|
{chr(10).join(kept)}

Goal: at most {GOAL_MEMORY} MB.
"""
    return text, good


def main() -> int:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=60, help=f"of {len(MESSAGES)} messages each, per server")
    parser.add_argument("--clinic", type=Path, default=Path("clinics/riverside"))
    parser.add_argument("--speech-model", type=Path, help="folder of the speech model, to measure memory with it loaded")
    args = parser.parse_args()
    number = next(iter(load_clinic(args.clinic).numbers), "+16145550142")
    memories = {}
    command = ("web", "--processes", str(PROCESSES))
    with bare() as least, line(args.clinic, number, command) as stage:
        servers = {"bare route": least, "the line": Server(stage.base_url, stage.process)}
        costs = measure(servers, number, args.conversations)
        memories["gather mode, no speech model"] = memory(stage.process)
    if args.speech_model:
        with line(args.clinic, number, ("web",), VOICE_MODE="stream", VOSK_MODEL_DIR=str(args.speech_model.absolute())) as stage:
            send(server := Server(stage.base_url, stage.process), texts(server, number))
            memories["stream mode, speech model loaded"] = memory(stage.process)
    text, good = page(costs, memories)
    print(text)
    print(provenance.write("turn_cost.md", text))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
