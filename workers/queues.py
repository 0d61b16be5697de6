"""RQ as Referline uses it: ids only, JSON only, known functions only, one queue per worker, nothing kept.

Why each restriction (RQ 3.0): arguments of failed jobs stay in Redis for a year and descriptions repeat them; the default serializer
is pickle and a job may name any function, callback or webhook; a worker of two queues can lose a job it was killed with.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any, ClassVar, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from workers.jobs import Jobs

OUTBOX: Final = "outbox"
"""The one queue there is. A second kind of work gets a queue and a worker process of its own."""
JOB_TIMEOUT: Final = 120
"""Seconds for one job: a send and its record, each with shorter timeouts of its own."""
KEPT: Final = 60
"""Seconds a job that failed stays in Redis. Its story is in the database; this is only for RQ's own bookkeeping."""
WAITING: Final = 3600
"""Seconds a job may wait. The sweeper delivered its row long before, if nobody came."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")

log = logging.getLogger("referline.worker")


class JobRefused(Exception):
    """A job that is not one of ours: an unknown function, a payload of another kind, an argument that is not an id."""


class KnownJob(Job):
    """A job that can do nothing but call a function of the allow-list with one id.

    RQ reads callbacks, webhooks, retries and lifetimes from Redis, too; none of them is believed.
    """

    functions: ClassVar[Jobs] = {}

    def restore(self, raw_data: Any) -> Any:
        """Read the job from Redis, without what could make the worker do or keep anything else."""
        super().restore(raw_data)
        self.timeout, self.result_ttl, self.failure_ttl, self.ttl = JOB_TIMEOUT, 0, KEPT, WAITING
        self.webhooks = []
        self.retries_left = self.number_of_retries = self.repeats_left = None
        self.rate_limit_key = self.group_id = None
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.description = OUTBOX

    def _execute(self) -> None:
        """Run the function; a boundary: what escaped here would be kept in Redis with its whole traceback."""
        try:
            call = self._known()
        except JobRefused:
            log.warning("job refused", extra={"job": self.id if _ID.fullmatch(self.id) else "unreadable"})
            raise
        function, row_id = call
        try:
            function(row_id)
        except Exception:
            log.exception("job failed", extra={"outbox_id": row_id})

    def _known(self) -> tuple[Any, str]:
        try:
            name, instance, args, kwargs = json.loads(self.data)
        except (ValueError, TypeError, RecursionError):
            raise JobRefused("payload") from None
        function = self.functions.get(name) if isinstance(name, str) else None
        if function is None or instance is not None or kwargs:
            raise JobRefused("function")
        if not isinstance(args, list) or len(args) != 1 or not isinstance(args[0], str) or not _ID.fullmatch(args[0]):
            raise JobRefused("argument")
        return function, args[0]


class OutboxWorker(SimpleWorker):
    """Works one queue in this very process.

    No fork per job: a child that outlives its killed parent would go on sending while nobody knows, a fork must not use the parent's
    database connections, and connections kept between jobs make a backlog drain several times faster.
    """

    max_connection_wait_time = 5.0  # seconds; RQ would wait up to a minute after Redis came back

    def __init__(self, connection: Redis, jobs: Jobs, *, stopping: Callable[[], None], queue: str = OUTBOX, maintenance_interval: int = 60) -> None:
        """`jobs` is the allow-list; `stopping` is called once the process is told to stop."""
        self._stopping = stopping
        known = type("OutboxJob", (KnownJob,), {"functions": jobs})
        super().__init__(
            [Queue(queue, connection=connection, serializer=JSONSerializer, job_class=known)],
            connection=connection,
            job_class=known,
            serializer=JSONSerializer,
            default_result_ttl=0,
            maintenance_interval=maintenance_interval,
            worker_ttl=60,
            log_job_description=False,
        )

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """As RQ does, but a job keeps an end: RQ takes it away here, and the job of a killed worker would stay."""
        super().prepare_job_execution(job, remove_from_intermediate_queue)
        self.connection.expire(job.key, WAITING)

    def handle_warm_shutdown_request(self) -> None:
        """Told to stop: finish the send under way, begin none."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        self._stopping()

    def subscribe(self) -> None:
        """Not at all: RQ's remote commands (stop, shut down) would let anyone who can write to Redis stop deliveries."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""


def connect(url: str, timeout: float | None = None) -> Redis:
    """A connection for a worker (waits as long as RQ asks), or with `timeout` in seconds one that never makes its user wait longer.

    No retries inside: the driver would send a command again after its answer was lost, and a web request would wait for all of them.
    """
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout or 5.0, retry=Retry(NoBackoff(), 0), health_check_interval=0)
