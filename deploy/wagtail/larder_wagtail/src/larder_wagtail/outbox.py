"""Writes what is to be purged beside the change that makes it necessary, in the same transaction."""

import logging
import uuid
from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any

from django.db import DatabaseError, connections, router, transaction

from . import conf
from .models import Purge
from .selectors import EVERYTHING, SELECTORS_OF_A_BATCH_MAX, merge, problem_of

logger = logging.getLogger("larder_wagtail")


class Batch:
    """One transaction's purges: registered with on_commit once, so that they are sent together after it.

    Django forgets the registration together with the savepoint or the transaction that is rolled back; what is
    recorded then gets a new batch.
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4().hex

    def __call__(self) -> None:
        from . import worker

        worker.after_commit(self.id)


def record(
    selectors: Iterable[str],
    *,
    event: str,
    is_hard: bool = True,
    refresh: bool = False,
    using: str | None = None,
) -> None:
    """Purges these after the commit; nothing when the transaction is rolled back.

    An outbox that cannot be written is an error for the log: it must not fail an editor's save.
    """
    if not conf.is_enabled():
        return
    wanted = [selector for selector in merge(selectors) if is_sound(selector, event)]
    if not wanted:
        return
    alias = router.db_for_write(Purge)
    if using and using != alias and connections[using].in_atomic_block:
        # The change is in a database that holds no outbox: the next best moment is right after its commit.
        again = partial(record, wanted, event=event, is_hard=is_hard, refresh=refresh)
        transaction.on_commit(again, using=using, robust=True)
        return
    batch = current_batch(connections[alias]) or Batch()
    try:
        with transaction.atomic(using=alias):
            Purge.objects.using(alias).create(
                batch=batch.id,
                selectors=wanted if len(wanted) <= SELECTORS_OF_A_BATCH_MAX else [EVERYTHING],
                is_hard=is_hard,
                refresh=refresh,
                event=event[:100],
            )
    except DatabaseError:
        logger.exception("%s: the purge of %s could not be recorded", event, wanted[:10])
        return
    if batch is not current_batch(connections[alias]):
        transaction.on_commit(batch, using=alias, robust=True)


def safely(receiver: Callable[..., None]) -> Callable[..., None]:
    """A signal's receiver that fails nobody's save. Where it could not find out what, everything is purged."""

    @wraps(receiver)
    def heard(**named: Any) -> None:
        try:
            receiver(**named)
        except Exception:
            logger.exception("what %s outdates could not be told: everything is purged", named.get("sender"))
            record([EVERYTHING], event="error", using=named.get("using"))

    return heard


def is_sound(selector: str, event: str) -> bool:
    problem = problem_of(selector)
    if problem:
        logger.error("%s: %.200s is no selector: %s", event, selector, problem)
    return problem is None


def current_batch(connection: Any) -> Batch | None:
    """The batch of the transaction that is open, if it has one."""
    for _, function, *_ in reversed(connection.run_on_commit):
        if isinstance(function, Batch):
            return function
    return None
