"""The web application: every door, and what an operator's tools ask of a process."""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from agent import migrate
from agent.bootstrap import Agent
from agent.store import StoreError
from channels import doors
from channels.media import loading
from channels.media.peer import PING_SECONDS, Receiver
from channels.media.protocol import LARGEST_MESSAGE
from channels.media.switchboard import EXTENSION as SWITCHBOARD
from channels.media.switchboard import Limits, Switchboard
from channels.media.texting import ByText
from channels.metrics import EXTENSION, Metrics

log = logging.getLogger(__name__)

LARGEST_REQUEST = 2 * 1024 * 1024
"""Bytes of one request: a hundred thousand emoji, percent-encoded, are 1.2 MB. Doors that take files set their own limit."""

PUBLIC = {
    "/healthz": "says only that the process is alive, for the process manager",
    "/readyz": "says only which part is not ready, for the load balancer",
    "/metrics": "counts without numbers, names or ids, for the monitoring",
}
"""Rules open to everybody, each with the reason; doors add theirs."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every response that does not say otherwise itself (OWASP ASVS 3.4)."""


def create_app(agent: Agent, limits: Limits | None = None) -> Flask:
    """The application over one agent. Raises DoorError when a module is half a door."""
    app = Flask("referline", static_folder=None)
    app.config.update(
        SECRET_KEY=agent.settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_SECURE=agent.settings.public_base_url.startswith("https:"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRAP_HTTP_EXCEPTIONS=False,
    )
    # A redirect would make Twilio ask again by GET without the form, so an address with a slash too many just works.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = counters = Metrics()
    app.extensions[SWITCHBOARD] = Switchboard(agent, counters, limits or Limits(agent.settings.voice_calls_at_once), ByText(agent))
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": LARGEST_MESSAGE, "ping_interval": PING_SECONDS, "thread_class": Receiver}
    loading.begin(app.extensions[SWITCHBOARD], agent)
    _watch(app)
    _operator_routes(app, agent)
    public = dict(PUBLIC)
    for door in doors.discover():
        app.register_blueprint(door.routes(agent))
        public |= door.public
    app.extensions["referline_public"] = public
    return app


def _watch(app: Flask) -> None:
    """Time, count, log and harden every response. Addresses are logged by their rule: a query may carry anything."""
    counters: Metrics = app.extensions[EXTENSION]

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        given = {name.lower() for name, _ in response.headers}
        response.headers.extend((name, value) for name, value in _HEADERS.items() if name.lower() not in given)
        # A refused request is answered before it began.
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        endpoint = request.endpoint or "none"
        counters.requests.labels(endpoint, str(response.status_code)).inc()
        counters.seconds.labels(endpoint).observe(seconds)
        log.info("request answered", extra={"endpoint": endpoint, "status": response.status_code, "milliseconds": round(seconds * 1000, 1)})
        return response

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return _blank(error.code or 500)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        """The last boundary: the log has the place, the outside has a number. Twilio doors never get here."""
        log.error("a request failed", exc_info=error, extra={"endpoint": request.endpoint})
        return _blank(500)


def _blank(status: int) -> Response:
    """An error without words: Twilio texts a plain error page to the patient and reads an HTML one as TwiML."""
    return Response(status=status)


def _failing(agent: Agent) -> list[str]:
    """What keeps us from taking a turn. The clinic is loaded, or there would be no agent."""
    try:
        agent.store.ping()
        return [] if migrate.current(agent.store) else ["migrations"]
    except StoreError:
        return ["database"]


def _operator_routes(app: Flask, agent: Agent) -> None:
    counters: Metrics = app.extensions[EXTENSION]

    @app.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Whether a turn can be taken now; what is wrong is named, not described."""
        failing = _failing(agent)
        return jsonify(status="not ready" if failing else "ready", failing=failing), 503 if failing else 200

    @app.get("/metrics")
    def metrics_page() -> Response:
        """Prometheus' text form."""
        return Response(counters.page(), content_type="text/plain; version=0.0.4; charset=utf-8")
