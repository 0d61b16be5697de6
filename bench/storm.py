"""Does everything arrive? Random intakes into the whole running line while its parts are killed, its Redis emptied and its mail server gone.

    python -m bench.storm [--intakes 500] [--minutes 5] [--outage 10] [--seed 20261121]

People text the line through signed webhooks. Meanwhile web, worker, schedule and Redis are killed with SIGKILL in turn, Redis is flushed and
the mail server goes away and comes back. Then the faults stop, and everything acknowledged must be in the record and in the mailbox: Jepsen's
total-queue check. At last the mail server alone is gone for `--outage` minutes. Twilio asks again where it got no answer, with the same
MessageSid, as its retry settings let it. Writes `bench/results/storm.md`. Exit status 0 means that nothing was lost.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import psutil
import redis

from bench import provenance
from bench.person import Person
from commands.stage import Mailbox, Stage, free_port, line, mail_server, wait_for
from workers import redis_server

_AT_ONCE = 8
"""People who text at the same time."""
_LONGEST = 40
"""Messages of one person."""
_PATIENCE_S = 900.0
"""Until everything must have arrived after the faults stopped: the longest pause between two attempts, and some."""
_IDLE_MINUTES = 5
"""After which a silent conversation is over: the least the settings allow."""
_CLOSED_WITHIN_S = 120.0
"""The schedule looks every minute."""
_ANSWER_S = 300.0
"""Until Twilio gives up bringing a message. A killed web part reads its language models again, on cores that are busy."""
_FAULTS = {
    "web": "web killed with SIGKILL",
    "worker": "worker killed with SIGKILL",
    "schedule": "schedule killed with SIGKILL",
    "redis": "Redis killed with SIGKILL",
    "flushall": "Redis emptied",
    "mail": "mail server gone, up to 20 s",
}
_WAITING = ("pending", "leased", "ambiguous", "held")
"""States of a message that is still to be sent."""
_GIVEN = ("Ada", "Bruno", "Clara", "Dmitri", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Keiko", "Liam", "Mona", "Nils", "Olga", "Pablo")
_FAMILY = ("Abbott", "Barros", "Castell", "Dorsey", "Eklund", "Ferrari", "Gupta", "Hansen", "Ibarra", "Jensen", "Kowalski", "Lindqvist", "Moreau")
_REASONS = ("my left knee hurts", "lower back pain since march", "right shoulder pain", "neck pain after a fall", "my hip hurts when I walk")
_PAYERS = ("Cigna", "Aetna", "Medicare", "United Healthcare")


@dataclass(slots=True)
class Acknowledged:
    """What people were told."""

    messages: int = 0
    repeated: int = 0
    """Messages Twilio had to bring again."""
    finished: set[str] = field(default_factory=set)
    """Numbers of those who were told that their request was passed on."""
    broken: list[str] = field(default_factory=list)
    """Answers that were neither a reply nor a plain failure."""


def main() -> int:
    """Raise the storm, and write what was left."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clinic", type=Path, default=Path("clinics/riverside"))
    arguments.add_argument("--intakes", type=int, default=500)
    arguments.add_argument("--minutes", type=float, default=5.0, help="how long the faults last")
    arguments.add_argument("--outage", type=float, default=10.0, help="minutes without a mail server afterwards")
    arguments.add_argument("--seed", type=int, default=20261121)
    given = arguments.parse_args()
    chance = random.Random(given.seed)
    mail, port = Mailbox(), free_port()
    settings = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "SESSION_IDLE_MINUTES": str(_IDLE_MINUTES)}
    with _Post(mail, port) as post, line(given.clinic, "+16145550142", **settings) as stage:
        told, killed = _storm(stage, post, chance, given.intakes, given.minutes * 60)
        healed = time.monotonic()
        _settle(stage)
        calm = time.monotonic() - healed
        verdict = _verdict(stage, mail, told)
        outage = _outage(stage, post, mail, given.outage * 60) if given.outage else None
    page = _page(vars(given), told, killed, calm, verdict, outage)
    print(page)
    print(provenance.write("storm.md", page))
    well = not verdict.lost and not told.broken and verdict.copies <= _killed_senders(killed) and (outage is None or outage.clean)
    return 0 if well else 1


class _Post:
    """The clinic's mail server, which can be gone."""

    def __init__(self, mail: Mailbox, port: int) -> None:
        self._mail, self._port = mail, port
        self._up: Any = None

    def __enter__(self) -> Self:
        self.there()
        return self

    def __exit__(self, *_: object) -> None:
        self.gone()

    def there(self) -> None:
        """Open the port, when it is closed."""
        if self._up is None:
            self._up = mail_server(self._mail, self._port)
            self._up.__enter__()

    def gone(self) -> None:
        """Close it: connections are refused."""
        if self._up is not None:
            self._up.__exit__(None, None, None)
            self._up = None


def _storm(stage: Stage, post: _Post, chance: random.Random, intakes: int, seconds: float) -> tuple[Acknowledged, Counter[str]]:
    """Everybody texts, while faults happen."""
    told, killed, over = Acknowledged(), Counter[str](), threading.Event()
    faults = threading.Thread(target=_faults, args=(stage, post, random.Random(chance.random()), killed, over))
    people = [_person(number, random.Random(chance.random())) for number in range(intakes)]
    began = time.monotonic()
    faults.start()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number, person in enumerate(people):
            pool.submit(_talk, stage, person, f"+1415555{number:04d}", told)
            if number % 25 == 24:
                print(f"{number + 1} of {intakes} people began", flush=True)
            time.sleep(max(0.0, began + seconds * (number + 1) / intakes - time.monotonic()))
    over.set()
    faults.join()
    post.there()
    return told, killed


def _faults(stage: Stage, post: _Post, chance: random.Random, killed: Counter[str], over: threading.Event) -> None:
    """One fault every few seconds, until the storm is over."""
    while not over.wait(chance.uniform(1.0, 5.0)):
        what = chance.choice([*_FAULTS])
        killed[what] += 1
        if what == "flushall":
            _flush(stage)
        elif what == "mail":
            post.gone()
            over.wait(chance.uniform(1.0, 20.0))
            post.there()
        else:
            _kill(stage, what)


def _kill(stage: Stage, what: str) -> None:
    """SIGKILL to a part and all its children; `referline up` starts it again."""
    for child in psutil.Process(stage.process).children():
        try:
            words = child.cmdline()
            if (what == "redis" and "redis" in words[0]) or what in words:
                for one in (*child.children(recursive=True), child):
                    one.kill()
        except (psutil.NoSuchProcess, IndexError):
            continue


def _flush(stage: Stage) -> None:
    address = redis_server.url(None, Path(stage.environment["DATA_DIR"]))
    try:
        redis.Redis.from_url(address, socket_timeout=2.0).flushall()
    except redis.RedisError:
        return


def _person(number: int, chance: random.Random) -> Person:
    """Somebody who wants to come; one in five stops answering."""
    name = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
    answers = {
        "caller.role": ["it's for me"],
        "patient.name": [name],
        "patient.phone": [f"415-555-{number:04d}"],
        "referral.provider": ["Dr. Alan Smith"],
        "referral.practice": ["Mill Creek Orthopedics"],
        "referral.specialty": ["orthopedics"],
        "referral.reason": [chance.choice(_REASONS)],
        "insurance.carrier": [chance.choice(_PAYERS)],
        "preferred_times": [chance.choice(["tuesday mornings", "any afternoon", "mondays after 3"])],
    }
    leaves = {"after": chance.choice([*answers]), "returns_by": None, "minutes_later": 0} if chance.random() < 0.2 else None
    row = {
        "opening": f"Hi, I'm {name}, Dr. Alan Smith at Mill Creek Orthopedics referred me to you",
        "answers": answers,
        "unknown_slots": [],
        "unknown_says": {"*": ["skip"]},
        "goal": {},
        "expect_status": "complete",
        "drops": leaves,
        "corrections": [],
        "interjections": [],
        "confirm_yes": ["yes"],
    }
    return Person(row)


def _talk(stage: Stage, person: Person, number: str, told: Acknowledged) -> None:
    """One conversation by text."""
    move, heard = person.hears("", ended=False), ""
    for turn in range(_LONGEST):
        if move.hang_up or move.say is None:
            break
        reply = _post(stage, move.say, number, f"SM{number[1:]}{turn:021d}", told)
        if reply is None:
            told.broken.append(number)
            return
        told.messages += 1
        heard = " ".join(reply)
        move = person.hears(heard, ended=False)
    if "RL-" in heard or "reference" in heard.lower():
        told.finished.add(number)


def _post(stage: Stage, text: str, number: str, sid: str, told: Acknowledged) -> Sequence[str] | None:
    """Bring one message, again and again until there is an answer; None when there never is one."""
    ends = time.monotonic() + _ANSWER_S
    for attempt in itertools.count():
        try:
            answered = stage.twilio.text(text, number, stage.number, sid)
        except OSError:
            answered = None
        if answered is not None and answered.status == 200:
            told.repeated += attempt > 0
            return answered.texts
        if time.monotonic() > ends:
            break
        time.sleep(0.5)
    return None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was in the record and in the mailbox when nothing was under way any more."""

    leads: int
    notified: int
    thanked: int
    lost: Sequence[str]
    """What was acknowledged and is nowhere, in words."""
    copies: int
    """Messages that arrived a second time, by their Message-ID."""


def _verdict(stage: Stage, mail: Mailbox, told: Acknowledged) -> _Verdict:
    leads = stage.leads()
    ids = Counter(str(message["Message-ID"]) for message in mail.received)
    bodies = [str(message["Subject"]) + _plain(message) for message in mail.received]
    lost = [f"{number} was told a reference and has no complete lead" for number in told.finished - _complete(leads)]
    for lead in leads:
        arrived = sum(lead["reference"] in body for body in bodies)
        if not arrived:
            lost.append(f"{lead['reference']}: nobody was told")
    kinds = Counter(notice["kind"] for lead in leads for notice in lead["notifications"] if notice["state"] == "sent")
    twice = [number for number, many in Counter(str(lead["caller"]["number"]) for lead in leads).items() if many > 1]
    lost += [f"{number} has two leads" for number in twice]
    return _Verdict(len(leads), kinds["coordinator_email"], kinds["physician_thank_you"], lost, sum(ids.values()) - len(ids))


def _plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _complete(leads: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(lead["caller"]["number"]) for lead in leads if lead["completeness"] == "complete"}


def _settle(stage: Stage) -> None:
    """Wait until conversations that went quiet are closed and nothing waits to be sent."""
    quiet_until = time.monotonic() + 60 * _IDLE_MINUTES + _CLOSED_WITHIN_S

    def settled() -> bool:
        time.sleep(5)
        return time.monotonic() > quiet_until and _nothing_waits(stage)

    wait_for("everything to arrive after the storm", settled, _PATIENCE_S)


def _nothing_waits(stage: Stage) -> bool:
    return not any(row["state"] in _WAITING for row in stage.referline("outbox"))


@dataclass(frozen=True, slots=True)
class _Outage:
    """Ten people while there is no mail server."""

    leads: int
    seconds: float
    """From the mail server's return until everything had arrived."""
    clean: bool
    """All of it arrived, once."""


def _outage(stage: Stage, post: _Post, mail: Mailbox, seconds: float) -> _Outage:
    before, told = len(mail.received), Acknowledged()
    post.gone()
    began = time.monotonic()
    for number in range(10):
        _talk(stage, _person(9000 + number, random.Random(number)), f"+1415555{9000 + number}", told)
    time.sleep(max(0.0, seconds - (time.monotonic() - began)))
    post.there()
    back = time.monotonic()
    wait_for("the mail of the outage", lambda: _nothing_waits(stage), _PATIENCE_S)
    took = time.monotonic() - back
    ids = Counter(str(message["Message-ID"]) for message in mail.received[before:])
    return _Outage(len(told.finished), took, bool(ids) and max(ids.values()) == 1 and not told.broken)


def _page(about: Mapping[str, float], told: Acknowledged, killed: Counter[str], calm: float, verdict: _Verdict, outage: _Outage | None) -> str:
    return "\n".join((*_during(about, told, killed), *_after(killed, calm, verdict, told), *(_without_mail(about, outage) if outage else ())))


def _during(about: Mapping[str, float], told: Acknowledged, killed: Counter[str]) -> Iterator[str]:
    yield f"# A storm of faults\n\n{provenance.line()}\n"
    yield f"{about['intakes']:g} people texted the running line within {about['minutes']:g} minutes, {_AT_ONCE} at a time: {told.messages} messages"
    yield f"were answered, {told.repeated} of them only when Twilio brought them again. Meanwhile:\n"
    yield "| fault | times |\n|---|---|"
    for what, label in _FAULTS.items():
        yield f"| {label} | {killed[what]} |"
    yield ""


def _after(killed: Counter[str], calm: float, verdict: _Verdict, told: Acknowledged) -> Iterator[str]:
    yield f"Afterwards: {verdict.leads} leads, {verdict.notified} notifications and {verdict.thanked} thank-yous sent. Nothing waited any more"
    yield f"{calm:.0f} s after the last fault; that includes the five minutes after which a silent conversation counts as over.\n"
    yield f"- lost: {len(verdict.lost)}" + "".join(f"\n  - {one}" for one in verdict.lost[:20])
    yield f"- copies, told by their Message-ID: {verdict.copies}, of at most {_killed_senders(killed)} (one for each sender that was killed)"
    yield f"- messages that never got an answer: {len(told.broken)}"


def _without_mail(about: Mapping[str, float], outage: _Outage) -> Iterator[str]:
    yield f"\nThen the mail server was gone for {about['outage']:g} minutes, while {outage.leads} people completed their intake. After it came back"
    yield f"everything had arrived in {outage.seconds:.0f} s, {'each message once' if outage.clean else 'not each message once'}."


def _killed_senders(killed: Counter[str]) -> int:
    return killed["worker"] + killed["schedule"]


if __name__ == "__main__":
    sys.exit(main())
