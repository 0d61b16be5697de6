"""`referline up`, `worker` and `schedule`: the running line, all of it or one part. (`web` is in the file beside this one.)"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import click

from agent import alert_watch, attachments, bootstrap, clock, migrate, missed_calls, readiness, sweeps
from agent.bootstrap import Agent
from agent.clinic import ClinicError
from agent.clinic import load as load_clinic
from agent.readiness import NotReady
from agent.settings import MODELS, Settings
from agent.store import Store, StoreError
from agent.vault import VaultError
from channels.speech import model, resolving
from channels.speech.resolving import ClinicEars
from channels.speech.voicemails import Voicemails
from commands.options import clinic_option, loaded, prepared, say, url_option
from commands.supervisor import Part, Supervisor
from nlu import understander
from nlu.parse import Context, Parse, Understander
from nlu.vocabulary import Vocabulary
from workers import jobs, listening, media, redis_server, transport, windows
from workers.delivery import Courier
from workers.doorbell import RqDoorbell
from workers.queues import OutboxWorker, connect
from workers.schedule import SWEEP_EVERY, Chore, Schedule, Sweeper

_REDIS_START = 5.0
"""Seconds until our own Redis must answer."""
_WEB_START = 180.0
"""Seconds until the web part must answer; the first start on a small machine reads language models from a cold disk."""
_RING_STEP, _RING_BUDGET = 1.0, 5.0
"""The sweeper may wait for Redis; nobody waits for the sweeper."""
_LISTEN_EVERY = 5.0
"""Seconds between looks for voice messages."""
_LISTEN_LEASE = timedelta(minutes=15)
"""How long a voice message stays with a process that does not come back: three minutes of speech on a slow, busy machine take less."""

logger = logging.getLogger("referline.serve")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@clinic_option
def up(host: str, port: int, clinic: Path | None) -> None:
    """Start the line: web, worker, schedule, and Redis where none is given. Ctrl-C stops all of it."""
    say("reading settings; secrets are made on the first start")
    settings = prepared(clinic)
    with _alone(settings.data_dir):
        with _free(host, port):
            say(f"bringing the database up to date: {_shown(settings.database_url)}")
            _migrated(settings)
            say(f"loading the clinic: {settings.clinic_dir}")
            name = _clinic_name(settings)
        supervisor = Supervisor(say)
        supervisor.listen()
        try:
            _start_all(supervisor, settings, host, port)
            if not supervisor.stopping:
                _greet(settings, name, _local(host, port))
            supervisor.watch()
        finally:
            say("stopping")
            supervisor.end()
            say("stopped")


@click.command()
@clinic_option
@url_option
def worker(clinic: Path | None, public_url: str | None) -> None:
    """Deliver what is rung for. Needs Redis."""
    settings = loaded(clinic, public_url)
    address = redis_server.url(settings.redis_url, settings.data_dir)
    _wait_for_redis(address)
    courier = courier_for(settings)
    # A redis:// address may hold a password, so it is not shown.
    OutboxWorker(connect(address), jobs.allowed(courier), stopping=courier.stop).work(logging_level="WARNING")
    if not courier.stopping:
        # Redis went away: whoever started us starts us again.
        sys.exit(1)


@click.command()
@clinic_option
@url_option
def schedule(clinic: Path | None, public_url: str | None) -> None:
    """Find what nobody rang for, and conversations gone quiet."""
    settings = loaded(clinic, public_url)
    courier = courier_for(settings)
    address = redis_server.url(settings.redis_url, settings.data_dir)
    doorbell = RqDoorbell(address, step=_RING_STEP, budget=_RING_BUDGET)
    late = _WhenNeeded(courier.clinic.vocabulary)
    agent = bootstrap.build(settings, doorbell=doorbell, understander=late, clinic=courier.clinic, store=courier.store)
    # Here as well, so that the calendar of openings is at hand for every process of this machine before somebody asks.
    agent.openings.watch()
    work = Schedule(chores(agent, courier, doorbell))
    listener = listener_for(agent)
    hearing = Schedule([Chore("voice messages", _LISTEN_EVERY, lambda: listening.look(listener))])

    def stop(_number: int, _frame: object) -> None:
        for busy in (courier, listener, work, hearing):
            busy.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # A thread of its own: what is listened to for a minute must not keep an alert waiting. Killed with the process, it is begun again.
    threading.Thread(target=_behind_calls, args=(hearing,), name="voice messages", daemon=True).start()
    work.run()


def _behind_calls(work: Schedule) -> None:
    """Whoever is on the telephone needs the machine more than whoever has hung up. On Linux priority is a thread's own."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
    work.run()


def listener_for(agent: Agent) -> Courier:
    """A courier for nothing but voice messages. Doors have the ears, so only here, where everything is put together, does it get them."""

    def ears() -> ClinicEars | None:
        folder = model.find(agent.settings.vosk_model_dir, agent.settings.data_dir / MODELS)
        return resolving.build(folder, agent.clinic, agent.understander, lambda: agent.clinic.calendar.today(agent.clock())) if folder else None

    read = listening.Read(agent, Voicemails(ears))
    return Courier(agent.store, agent.clock, {}, agent.clinic, windows.load(), lease=_LISTEN_LEASE, errands={attachments.READ: read})


def chores(agent: Agent, courier: Courier, doorbell: RqDoorbell) -> list[Chore]:
    """What the clock does."""
    sweeper = Sweeper(courier.store, courier.clock, courier, doorbell)
    return [
        # Before the sweep, which carries what it writes.
        Chore("urgent alerts", SWEEP_EVERY, lambda: alert_watch.escalate(agent)),
        Chore("sweep", SWEEP_EVERY, sweeper.sweep),
        Chore("missed calls", 30.0, lambda: missed_calls.collect(agent)),
        Chore("quiet conversations", 60.0, lambda: sweeps.close_quiet(agent)),
    ]


def courier_for(settings: Settings) -> Courier:
    """A courier over the database and the transports the settings name.

    Ends the process when the keys are not the record's own: with those every row would look unreadable and be buried.
    """
    store = Store(settings.database_url, settings.vault)
    try:
        clinic, carriers = load_clinic(settings.clinic_dir), transport.load(settings)
        readiness.check(store)
    except (ClinicError, ValueError, transport.TransportError, NotReady, StoreError, VaultError) as error:
        raise click.ClickException(str(error)) from error
    errands = media.errands(store, clock.system, settings)
    return Courier(store, clock.system, carriers, clinic, windows.load(), errands=errands)


class _WhenNeeded:
    """Understanding that costs nothing until a message comes: the schedule hears one only after a call was missed, or a voice message left."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._built: Understander | None = None
        self._lock = threading.Lock()

    def read(self, text: str, context: Context) -> Parse:
        """Read one message."""
        with self._lock:
            self._built = self._built or understander.build(self._vocabulary)
        return self._built.read(text, context)


def _migrated(settings: Settings) -> None:
    store = Store(settings.database_url, settings.vault)
    try:
        migrate.upgrade(store)
    except (StoreError, VaultError) as error:
        raise click.ClickException(f"The database cannot be used: {error}") from error
    finally:
        store.dispose()


def _clinic_name(settings: Settings) -> str:
    try:
        return load_clinic(settings.clinic_dir).name
    except ClinicError as error:
        raise click.ClickException(str(error)) from error


def _start_all(supervisor: Supervisor, settings: Settings, host: str, port: int) -> None:
    local = _local(host, port)
    common = ("--clinic", str(settings.clinic_dir), "--public-url", local)
    has_redis = _start_redis(supervisor, settings)
    say("starting web, worker and schedule; the first start reads the language models")
    supervisor.start(Part("web", _referline("web", "--host", host, "--port", str(port), *common)))
    if has_redis:
        supervisor.start(Part("worker", _referline("worker", *common)))
    supervisor.start(Part("schedule", _referline("schedule", *common)))
    ends = monotonic() + _WEB_START
    supervisor.watch(until=lambda: _answers(f"{local}/healthz") or monotonic() > ends)
    if monotonic() > ends:
        say("web does not answer yet; see its messages above")


def _start_redis(supervisor: Supervisor, settings: Settings) -> bool:
    """True when there is a Redis to ring through."""
    if settings.redis_url:
        say("ringing through the Redis of REDIS_URL")
        return True
    try:
        server = redis_server.embedded(settings.data_dir)
    except OSError as error:
        raise click.ClickException(f"The folder of the Redis socket cannot be used: {error}") from error
    if server is None:
        say(f"no Redis here: messages go out by the clock, within {SWEEP_EVERY:g} s instead of at once. Install redis-server or set REDIS_URL")
        return False
    say(f"starting Redis ({server.name}) on a private socket")
    supervisor.start(Part("redis", server.command, quiet=True, base=True))
    address, ends = redis_server.url(None, settings.data_dir), monotonic() + _REDIS_START
    supervisor.watch(until=lambda: redis_server.answers(address) or monotonic() > ends, every=0.05)
    return True


def _greet(settings: Settings, name: str, local: str) -> None:
    base = settings.public_base_url if "public_base_url" in settings.model_fields_set else local
    mail = "by SMTP_URL" if settings.smtp_url else "printed here, until SMTP_URL is set"
    texts = "by Twilio" if settings.sends_texts else "printed here, until the TWILIO_ settings are given"
    for line in (
        f"{name} is answering at {base}",
        f"  is it alive    {base}/healthz, {base}/readyz",
        f"  Twilio asks    {base}/twilio/sms and {base}/twilio/voice",
        f"  e-mails go     {mail}",
        f"  texts go       {texts}",
        "try, in another terminal:",
        "  .venv/bin/referline chat          talk to the line",
        "  .venv/bin/referline leads         who wants to come",
        "  .venv/bin/referline outbox        what was sent to whom, and what is stuck",
        "Ctrl-C stops everything",
    ):
        say(line)


def _local(host: str, port: int) -> str:
    """Where this machine reaches the line itself."""
    every = host in ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on
    return f"http://{'127.0.0.1' if every else f'[{host}]' if ':' in host else host}:{port}"


def _referline(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "commands.main", *arguments)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1.0) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _wait_for_redis(address: str) -> None:
    waited = False
    while not redis_server.answers(address):
        if not waited:
            logger.warning("waiting for redis; until it answers the schedule delivers")
        waited = True
        sleep(0.5)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """One `up` per data directory: two would share a Redis socket and fight for it."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.ClickException(f"Referline is running with {data_dir} already. Set DATA_DIR to start a second one.") from None
        yield


@contextmanager
def _free(host: str, port: int) -> Iterator[None]:
    """Hold the port while preparing, so that a taken one is found out before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"Cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}). Give another with --port.") from error
        yield


def _shown(database_url: str) -> str:
    """Without a password."""
    return database_url if database_url.startswith("sqlite:") else "PostgreSQL"
