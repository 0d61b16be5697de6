"""Calls that came while nothing could be recorded. Noted in a sealed file each, so that "we will call you back" is true
also when the database is down, and brought into the record as soon as it is back.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path

from agent.bootstrap import Agent
from agent.messages import Inbound
from agent.secrets import private_dir
from agent.turns import TurnFailed
from agent.vault import VaultError
from dialogs.step import Kind

log = logging.getLogger(__name__)

_FOLDER = "missed_calls"
_AAD = "missed_call"
_MOST = 2000
"""Files kept. A flood of failing calls must not fill the disk; past this nobody is promised anything."""
_WISH = "Please have a person call me back"
"""What somebody who was promised a call back stands for having said."""


def note(agent: Agent, call: str, number: str) -> bool:
    """Keep that this number is to be called back. False when even that was not possible: then promise nothing."""
    folder = agent.settings.data_dir / _FOLDER
    try:
        private_dir(folder)
        if sum(1 for _ in os.scandir(folder)) >= _MOST:
            log.error("too many missed calls are waiting to be recorded")
            return False
        sealed = agent.vault.seal(json.dumps({"call": call, "number": number}), _AAD)
        _write_through(folder / f"{hashlib.sha256(call.encode('utf-8', 'replace')).hexdigest()[:32]}.sealed", sealed)
    except OSError as error:
        log.error("a missed call could not be noted", extra={"call": call, "errno": error.errno})
        return False
    return True


def collect(agent: Agent) -> int:
    """Bring what was noted into the record, as a request for a person; how many there were. Safe to run twice at once."""
    folder = agent.settings.data_dir / _FOLDER
    if not folder.is_dir():
        return 0
    done = 0
    for file in sorted(folder.glob("*.sealed")):
        try:
            missed = json.loads(agent.vault.open(file.read_bytes(), _AAD))
            call, number = missed["call"], missed["number"]
        except FileNotFoundError:
            continue
        except (VaultError, ValueError, KeyError, OSError):
            log.error("a missed call cannot be read", extra={"file": file.name})
            file.rename(file.with_suffix(".unreadable"))
            continue
        try:
            agent.turns.hear(Inbound("voice", f"{call}:missed", Kind.WORDS, number, _WISH, session=call))
            agent.turns.hear(Inbound("voice", f"{call}:missed-over", Kind.HANGUP, number, session=call))
        except TurnFailed:
            return done
        file.unlink(missing_ok=True)
        done += 1
    return done


def _write_through(file: Path, content: bytes) -> None:
    """On disk, whole, before anybody is told."""
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
