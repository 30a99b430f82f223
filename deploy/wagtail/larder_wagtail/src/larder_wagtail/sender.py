"""Sends what the outbox holds: in order, at least once, by one process at a time.

The oldest batch is signed and posted until Larder has answered; only then it is deleted. While Larder does not answer,
everything waits behind the oldest, for ever longer. What Larder refuses for good is set aside, so that it stops nobody.
"""

import http.client
import json
import logging
import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from django.db import IntegrityError, router, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from . import conf, signing
from .models import Lease, Purge
from .selectors import EVERYTHING, SELECTORS_MAX, merge

logger = logging.getLogger("larder_wagtail")

SEND_TIMEOUT_S = 5.0
# Longer than any send: a holder that lives renews it before each.
LEASE_S = 30
RETRY_FIRST_S = 0.25
RETRY_MAX_S = 10.0
# Larder takes bodies of 1 MiB.
BODY_SELECTOR_BYTES_MAX = 512 * 1024
# An answer names what was purged: those selectors, in Larder's spelling.
ANSWER_BYTES_MAX = 2 * 1024 * 1024
# A longer queue than this is no longer worth its order: one purge of everything takes its place.
WAITING_MAX = 10_000
SET_ASIDE_MAX = 1_000
# Statuses that the same request will get again. 401 and 404 are not among them, nor is a 200 that says "ignored": a
# clock, a secret, an address or a mapping that is wrong is put right, and then the purges must arrive.
REFUSED_FOR_GOOD = frozenset({400, 413, 422})
# What a NotSent begins with that is about a 200.
IGNORED = "ignored"
FOREIGN = "not Larder's answer"

# Nobody listens, which is known at once.
REFUSAL = ConnectionRefusedError.__name__

_own = threading.local()


class NotSent(Exception):
    """Larder did not take a purge. `for_good`: it will not take it later either."""

    def __init__(self, reason: str, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


@dataclass
class Delivery:
    """What a call of deliver() did."""

    sent: list[str] = field(default_factory=list)  # batches
    is_done: bool = False  # nothing waits any more
    is_busy: bool = False  # somebody else sends
    retry_in_s: float = 0.0  # when is_done and is_busy are false
    error: str = ""


def post(url: str, body: bytes, headers: dict[str, str], timeout_s: float) -> tuple[int, bytes]:
    """One request on a connection of its own, never through a proxy that the environment names."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise ValueError("LARDER_URL must be an http or https URL")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout_s)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES_MAX)
    finally:
        connection.close()


def send(
    message_id: str, selectors: list[str], *, is_hard: bool, refresh: bool, events: list[str], timeout_s: float
) -> None:
    """Posts one webhook; returns when Larder has carried it out, now or earlier."""
    now = time.time()
    body = json.dumps(
        {
            "type": "purge",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "data": {
                "select": selectors,
                "mode": "hard" if is_hard else "soft",
                "refresh": refresh,
                "events": events,
            },
        }
    ).encode()
    try:
        signed = signing.headers(conf.get("LARDER_SECRET"), message_id, int(now), body)
        status, answer = post(conf.get("LARDER_URL"), body, signed, timeout_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    if not 200 <= status < 300:
        raise NotSent(f"status {status}: {shown(answer)}", status in REFUSED_FOR_GOOD)
    if problem := problem_of_answer(answer):
        raise NotSent(f"{problem}, status {status}: {shown(answer)}")


def shown(answer: bytes) -> str:
    return answer[:300].decode(errors="replace")


def problem_of_answer(answer: bytes) -> str:
    """Empty when it says that the purge has its place in Larder's log, from now or from an earlier attempt."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return FOREIGN
    if not isinstance(told, dict):
        return FOREIGN
    if told.get("ignored") is True:
        return IGNORED
    is_done = type(told.get("sequence")) is int and not told.get("dry_run")
    return "" if is_done or told.get("duplicate") is True else FOREIGN


def parts_of(selectors: list[str]) -> Iterator[list[str]]:
    """As many requests as Larder's bounds make necessary, each as full as it may be."""
    part: list[str] = []
    size = 0
    for selector in selectors:
        length = len(json.dumps(selector)) + 2
        if part and (len(part) == SELECTORS_MAX or size + length > BODY_SELECTOR_BYTES_MAX):
            yield part
            part, size = [], 0
        part.append(selector)
        size += length
    if part:
        yield part


def send_batch(rows: list[Purge], timeout_s: float) -> None:
    """One transaction's purges, merged: the hard ones, then the soft ones.

    The ids are the same at each attempt, so Larder knows what it has done.
    """
    number = 0
    hard: dict[str, None] = {}
    for is_hard in (True, False):
        of_mode = [row for row in rows if row.is_hard == is_hard]
        named = merge([*hard, *(selector for row in of_mode for selector in row.selectors)])
        selectors = [selector for selector in named if selector not in hard]
        for part in parts_of(selectors):
            send(
                f"msg_{rows[0].batch}" + (f"_{number}" if number else ""),
                part,
                is_hard=is_hard,
                refresh=any(row.refresh for row in of_mode),
                events=list(dict.fromkeys(row.event for row in of_mode))[:100],
                timeout_s=timeout_s,
            )
            number += 1
        hard = dict.fromkeys(selectors)


# --- The queue -------------------------------------------------------------------------------------------------------


def database() -> str:
    return str(router.db_for_write(Purge))


def waiting() -> "QuerySet[Purge]":
    return Purge.objects.using(database()).filter(set_aside_at=None).order_by("pk")


def set_aside() -> "QuerySet[Purge]":
    return Purge.objects.using(database()).exclude(set_aside_at=None).order_by("pk")


def deliver(timeout_s: float = SEND_TIMEOUT_S, *, deadline: float | None = None, at_once: bool = False) -> Delivery:
    """Sends until nothing waits, an attempt fails, or the deadline (time.monotonic) has come.

    at_once: does not wait for the moment of the next attempt.
    """
    delivery = Delivery()
    if not waiting().exists():
        delivery.is_done = True
        return delivery
    with lease() as is_held:
        if not is_held:
            delivery.is_busy = True
            return delivery
        while deadline is None or time.monotonic() < deadline:
            head = waiting().first()
            if head is None:
                delivery.is_done = True
                return delivery
            pause_s = (head.not_before - timezone.now()).total_seconds() if head.not_before else 0.0
            # A refusal costs nothing: a commit tries, so that it is the first to notice that Larder is back.
            is_cheap = deadline is not None and head.error.startswith(REFUSAL)
            if pause_s > 0 and not at_once and not is_cheap:
                delivery.retry_in_s, delivery.error = pause_s, head.error
                return delivery
            if not renew() or not deliver_batch(head, delivery, timeout_s):
                return delivery
    return delivery


def deliver_batch(head: Purge, delivery: Delivery, timeout_s: float) -> bool:
    """Tries the oldest batch once; False when it has to be tried again later."""
    rows = list(waiting().filter(batch=head.batch))
    if not rows:
        return True
    batch = Purge.objects.using(database()).filter(pk__in=[row.pk for row in rows])
    try:
        send_batch(rows, timeout_s)
    except NotSent as error:
        delivery.error = str(error)
        if error.for_good:
            put_aside(batch, rows, error)
            return True
        delivery.retry_in_s = postpone(batch, head, error)
        return False
    batch.delete()
    logger.info("%s: %s", head.batch, " ".join(selector for row in rows for selector in row.selectors))
    delivery.sent.append(head.batch)
    return True


def postpone(batch: "QuerySet[Purge]", head: Purge, error: NotSent) -> float:
    """The pause before the next attempt, in seconds: longer each time, and not the same for everybody."""
    pause_s = min(RETRY_MAX_S, RETRY_FIRST_S * 2 ** min(head.attempts, 10)) * random.uniform(0.5, 1.0)
    not_before = timezone.now() + timedelta(seconds=pause_s)
    batch.update(attempts=F("attempts") + 1, not_before=not_before, error=str(error)[:1000])
    log = logger.warning if head.attempts == 0 else logger.debug
    log("Larder did not take purge %s, which is tried again: %s", head.batch, error)
    if waiting().count() > WAITING_MAX:
        widen()
    return pause_s


def put_aside(batch: "QuerySet[Purge]", rows: list[Purge], error: NotSent) -> None:
    batch.update(set_aside_at=timezone.now(), attempts=F("attempts") + 1, error=str(error)[:1000])
    logger.error("Larder will never take purge %s (%s), which is set aside: %s", rows[0].batch, rows[0].event, error)
    kept = list(set_aside().order_by("-pk").values_list("pk", flat=True)[SET_ASIDE_MAX : SET_ASIDE_MAX + 1])
    if kept:
        set_aside().filter(pk__lte=kept[0]).delete()


def widen() -> None:
    """One purge of everything in place of a queue that has grown too long."""
    logger.error("more than %d purges wait for Larder: one of everything takes their place", WAITING_MAX)
    with transaction.atomic(using=database()):
        newest = waiting().aggregate(newest=Max("pk"))["newest"]
        waiting().filter(pk__lte=newest).delete()
        Purge.objects.using(database()).create(batch=uuid.uuid4().hex, selectors=[EVERYTHING], event="queue.widened")


# --- One sender at a time --------------------------------------------------------------------------------------------


def holder() -> str:
    """This thread's name in the lease; a forked process has threads of its own."""
    if getattr(_own, "pid", None) != os.getpid():
        _own.pid, _own.name = os.getpid(), uuid.uuid4().hex
    return str(_own.name)


def renew() -> bool:
    """Takes the lease, or keeps it: one conditional UPDATE, which every database does for one process only."""
    now = timezone.now()
    leases = Lease.objects.using(database())
    if leases.filter(name="sender", expires_at__gte=now).exclude(holder__in=["", holder()]).exists():
        return False  # told by a reading, so that who waits keeps no other from writing
    free = leases.filter(Q(holder=holder()) | Q(holder="") | Q(expires_at__lt=now), name="sender")
    expires_at = now + timedelta(seconds=LEASE_S)
    if free.update(holder=holder(), expires_at=expires_at):
        return True
    if leases.filter(name="sender").exists():
        return False
    try:
        with transaction.atomic(using=database()):
            leases.create(name="sender", holder=holder(), expires_at=expires_at)
    except IntegrityError:  # another process was quicker
        return False
    return True


@contextmanager
def lease() -> Iterator[bool]:
    is_held = renew()
    try:
        yield is_held
    finally:
        if is_held:
            Lease.objects.using(database()).filter(name="sender", holder=holder()).update(holder="")
