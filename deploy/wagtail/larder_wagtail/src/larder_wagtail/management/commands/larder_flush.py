"""manage.py larder_flush: sends what waits in the outbox now, in order. For cron, and for who wants to see."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from larder_wagtail import conf
from larder_wagtail.sender import deliver, set_aside, waiting

PAUSE_S = 0.2


class Command(BaseCommand):
    help = "Sends the purges that wait in the outbox to Larder. Exit code 0 when none is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=30.0, help="for so many seconds it is tried again (30)")
        parser.add_argument(
            "--set-aside", choices=["retry", "drop"], help="what to do first with purges that Larder refused for good"
        )

    def handle(self, *args: Any, wait: float = 30.0, set_aside: str | None = None, **options: Any) -> None:
        if not conf.is_enabled():
            raise CommandError("LARDER_URL is not set")
        if set_aside:
            self.treat_set_aside(set_aside)
        deadline = time.monotonic() + wait
        sent = 0
        while True:
            delivery = deliver(at_once=True)
            sent += len(delivery.sent)
            if delivery.is_done:
                break
            if time.monotonic() >= deadline:
                reason = "another process sends" if delivery.is_busy else delivery.error
                raise CommandError(f"{sent} sent, {waiting().count()} still wait: {reason}")
            time.sleep(PAUSE_S)
        self.stdout.write(f"{sent} sent, none waits")

    def treat_set_aside(self, treatment: str) -> None:
        rows = set_aside()
        count = rows.count()
        if treatment == "retry":
            rows.update(set_aside_at=None, not_before=None, attempts=0)
        else:
            rows.delete()
        self.stdout.write(f"{count} that were set aside: {'tried again' if treatment == 'retry' else 'dropped'}")
