"""What a turn is measured against: the least a webhook can do. Checks the signature and commits one row to SQLite.

The database is opened as the line opens its own: WAL, `synchronous=FULL`, BEGIN IMMEDIATE.
"""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

app = Flask(__name__)
_VALIDATOR = RequestValidator(os.environ["BARE_TOKEN"])
_BASE = os.environ["BARE_BASE"]
_LOCAL = threading.local()
_EMPTY = "<?xml version='1.0' encoding='UTF-8'?><Response/>"


@app.get("/readyz")
def readyz() -> Response:
    """The server is up."""
    return Response("ok")


@app.post("/twilio/sms")
def text_came() -> Response:
    """Keep one message."""
    if not _VALIDATOR.validate(_BASE + request.path, request.form, request.headers.get("X-Twilio-Signature", "")):
        return Response(status=403)
    connection = _connection()
    connection.execute("BEGIN IMMEDIATE")
    row = (request.form["MessageSid"], request.form["From"], request.form["Body"])
    connection.execute("INSERT INTO message (sid, sender, body) VALUES (?, ?, ?)", row)
    connection.execute("COMMIT")
    return Response(_EMPTY, content_type="text/xml; charset=utf-8")


def _connection() -> sqlite3.Connection:
    found: sqlite3.Connection | None = getattr(_LOCAL, "connection", None)
    if found is None:
        found = _LOCAL.connection = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None, timeout=5.0)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
            found.execute(f"PRAGMA {pragma}")
        found.execute("CREATE TABLE IF NOT EXISTS message (sid TEXT PRIMARY KEY, sender TEXT NOT NULL, body TEXT NOT NULL)")
    return found
