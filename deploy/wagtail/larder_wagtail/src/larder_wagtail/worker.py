"""When purges are sent: right after a commit, and by a thread that tries again until Larder answers.

The thread starts with the first request that a process serves, or the first purge it could not send. It ends with its
process: what it leaves is in the outbox, for the other processes, the next start or `manage.py larder_flush`.
"""

import logging
import os
import threading
import time
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_started
from django.db import connections

from . import conf
from .sender import SEND_TIMEOUT_S, deliver, waiting

logger = logging.getLogger("larder_wagtail")

# How often a process looks for what another one left behind; a query each time.
LOOK_EVERY_S = 15.0
# While another process sends, its end is awaited in such steps.
BUSY_STEP_S = 0.01


def after_commit(batch: str) -> None:
    """Sends what the transaction recorded. Never raises: the change is made, and the outbox keeps its purge."""
    try:
        if conf.get("LARDER_SEND") == "commit" and send_now(batch):
            return
    except Exception:
        logger.exception("purge %s could not be sent; it stays in the outbox", batch)
    worker.wake()


def send_now(batch: str) -> bool:
    """True when the batch has left within LARDER_TIMEOUT, by this thread or another."""
    timeout_s = float(conf.get("LARDER_TIMEOUT"))
    deadline = time.monotonic() + timeout_s
    while True:
        delivery = deliver(timeout_s, deadline=deadline)
        if delivery.is_done or batch in delivery.sent:
            return delivery.is_done
        if not delivery.is_busy or time.monotonic() >= deadline:
            return False
        time.sleep(BUSY_STEP_S)
        if not waiting().filter(batch=batch).exists():
            return True


class Worker:
    """The thread of a process. wake() may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="larder-outbox", daemon=True)
                self._thread.start()
        self._awake.set()

    def _run(self) -> None:
        while True:
            self._awake.clear()
            self._awake.wait(self._deliver())

    def _deliver(self) -> float:
        """Sends what it can; the seconds until there may be more to do."""
        try:
            delivery = deliver(SEND_TIMEOUT_S)
        except Exception:
            logger.exception("the outbox could not be read")
            return LOOK_EVERY_S
        finally:
            connections.close_all()  # this thread's own: it may rest for long
        if delivery.is_done:
            return LOOK_EVERY_S
        return 1.0 if delivery.is_busy else delivery.retry_in_s


worker = Worker()


def replace_worker() -> None:
    """A forked process has none of its parent's threads, and its locks may be held by them."""
    global worker
    worker = Worker()


def start_with_first_request(sender: Any, **kwargs: Any) -> None:
    """Something may wait since before this process began. A test client's requests do not count."""
    if isinstance(sender, type) and issubclass(sender, (WSGIHandler, ASGIHandler)):
        request_started.disconnect(dispatch_uid="larder.worker")
        if conf.is_enabled():
            worker.wake()


def connect() -> None:
    request_started.connect(start_with_first_request, dispatch_uid="larder.worker")
    os.register_at_fork(after_in_child=replace_worker)
