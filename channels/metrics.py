"""What the doors count, in Prometheus' form. Labels are names of ours: never a number, an id or a word of a caller."""

from __future__ import annotations

from flask import current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

EXTENSION = "referline_metrics"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Twilio gives up on a call after 15 seconds; two is where a caller starts to wonder."""
_SPEECH_SECONDS = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
"""A pause of 300 ms after one has spoken is a conversation, a second is a machine."""


class Metrics:
    """One application's counters, in a registry of their own so that two applications can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("referline_requests_total", "Requests answered", ("endpoint", "status"), registry=self.registry)
        self.seconds = Histogram("referline_request_seconds", "Time to answer", ("endpoint",), buckets=_SECONDS, registry=self.registry)
        self.failed_turns = Counter("referline_failed_turns_total", "Turns that ended in an apology", ("door",), registry=self.registry)
        self.held_replies = Counter("referline_held_replies_total", "Texts kept and not replied to", ("reason",), registry=self.registry)
        self.transfers = Counter("referline_transfers_total", "People rung for a caller, by what became of it", ("outcome",), registry=self.registry)
        self.streams = Gauge("referline_streams", "Calls on the media socket now", registry=self.registry)
        self.speech = Gauge("referline_speech_loaded", "1 once this process can hear calls by itself", registry=self.registry)
        self.streams_closed = Counter("referline_streams_closed_total", "Media sockets closed", ("why",), registry=self.registry)
        self.first_audio = Histogram(
            "referline_first_audio_seconds", "From the end of the caller's turn to our first audio", buckets=_SPEECH_SECONDS, registry=self.registry
        )
        self.barge_ins = Counter("referline_barge_ins_total", "Times a caller took the floor while we spoke", registry=self.registry)

    def page(self) -> bytes:
        """The exposition text."""
        return generate_latest(self.registry)


def metrics() -> Metrics:
    """The counters of the application that serves this request."""
    counters: Metrics = current_app.extensions[EXTENSION]
    return counters
