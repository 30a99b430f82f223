"""The outbox: purges that were decided on in a transaction, kept until Larder has acknowledged them."""

from django.db import models
from django.utils import timezone


class Purge(models.Model):
    """One event's selectors. The rows of a transaction share a batch and leave as one webhook.

    A row lives from the transaction that changed something until Larder's answer. One that Larder will never accept is
    set aside: it stops nobody, and `manage.py check --deploy` tells of it.
    """

    batch = models.CharField(max_length=40)
    selectors = models.JSONField()
    is_hard = models.BooleanField(default=True)
    refresh = models.BooleanField(default=False)
    event = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["set_aside_at", "id"], name="larder_purge_waiting"),
            models.Index(fields=["batch"], name="larder_purge_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.batch}"


class Lease(models.Model):
    """Who sends now: one process at a time, so that purges leave in order."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder or 'nobody'}"
