"""manage.py check, and with --deploy what has to be asked: the database and Larder itself."""

import ipaddress
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.db import DatabaseError

from . import conf, middleware, signing
from .sender import FOREIGN, IGNORED, NotSent, send, set_aside, waiting

TIMEOUT_S = 3.0
# What nothing carries: a purge of it is harmless.
PROBE = "tag:larder-wagtail-check"
# More that wait, although Larder answers: somebody should look.
WAITING_WARNING = 100


def register() -> None:
    checks.register(check_settings, "larder")
    checks.register(check_deployment, "larder", deploy=True)


def check_settings(app_configs: Sequence[Any] | None, **_: Any) -> list[checks.CheckMessage]:
    return list(problems_of_settings())


def check_deployment(app_configs: Sequence[Any] | None, **_: Any) -> list[checks.CheckMessage]:
    if not conf.is_enabled():
        return [
            checks.Warning(
                "LARDER_URL is not set: nothing is purged.",
                hint="Set it to Larder's webhook, such as http://127.0.0.1:8081/hooks/wagtail.",
                id="larder.W001",
            )
        ]
    return [*problems_of_outbox(), *problems_of_connection()]


def problems_of_settings() -> Iterator[checks.CheckMessage]:
    for name in sorted(name for name in dir(settings) if name.startswith("LARDER_") and name not in conf.DEFAULTS):
        yield checks.Warning(f"{name} is no setting of larder_wagtail.", id="larder.W002")
    if not conf.is_enabled():
        return
    yield from problems_of_url(str(conf.get("LARDER_URL")))
    yield from problems_of_secret(str(conf.get("LARDER_SECRET")))
    yield from problems_of_middleware()
    if conf.get("LARDER_SEND") not in ("commit", "worker"):
        yield checks.Error("LARDER_SEND must be 'commit' or 'worker'.", id="larder.E003")
    if apps.is_installed("wagtail.contrib.frontend_cache") and conf.get("LARDER_EVENTS") and has_frontend_cache():
        yield checks.Warning(
            "Pages are purged twice: by the app's events and by wagtail.contrib.frontend_cache.",
            hint="Remove WAGTAILFRONTENDCACHE, or set LARDER_EVENTS = False.",
            id="larder.W003",
        )


def has_frontend_cache() -> bool:
    return bool(
        getattr(settings, "WAGTAILFRONTENDCACHE", None) or getattr(settings, "WAGTAILFRONTENDCACHE_LOCATION", None)
    )


def problems_of_url(url: str) -> Iterator[checks.CheckMessage]:
    parts = urlsplit(url)
    try:
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        is_usable = False
    if not is_usable:
        yield checks.Error(f"LARDER_URL is no http or https URL: {url!r}.", id="larder.E001")
        return
    if not parts.path.strip("/"):
        yield checks.Error(
            "LARDER_URL has no path.", hint="Name the webhook: http://127.0.0.1:8081/hooks/wagtail.", id="larder.E004"
        )
    if parts.scheme == "http" and not is_near(parts.hostname or ""):
        yield checks.Warning(
            f"LARDER_URL goes to {parts.hostname} without TLS: what is purged can be read on the way.",
            hint="Use https, or reach Larder on the loopback interface.",
            id="larder.W004",
        )


def is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def problems_of_secret(secret: str) -> Iterator[checks.CheckMessage]:
    try:
        length = len(signing.key_of(secret))
    except ValueError as error:
        yield checks.Error(f"{error}.", id="larder.E002")
        return
    if not secret:
        yield checks.Error(
            "LARDER_URL is set, but LARDER_SECRET is not.",
            hint="The same text as webhooks.wagtail.auth.secret in Larder's configuration.",
            id="larder.E002",
        )
    elif length < signing.SECRET_BYTES_MIN:
        yield checks.Error(
            f"LARDER_SECRET has {length} bytes; it needs {signing.SECRET_BYTES_MIN}.",
            hint="Make one: echo whsec_$(head -c 32 /dev/urandom | base64)",
            id="larder.E002",
        )


def problems_of_middleware() -> Iterator[checks.CheckMessage]:
    names = list(settings.MIDDLEWARE)
    if middleware.PATH not in names:
        yield checks.Warning(
            "SurrogateKeyMiddleware is not in MIDDLEWARE: only addresses can be purged, not what shows an object.",
            hint=f"Put {middleware.PATH!r} first, or leave it to the app: LARDER_MIDDLEWARE = True.",
            id="larder.W005",
        )
        return
    before = [
        name
        for name in names[: names.index(middleware.PATH)]
        if name.startswith(("wagtail.", "django.middleware.cache"))
    ]
    if before:
        yield checks.Warning(
            f"SurrogateKeyMiddleware comes after {', '.join(before)}, and does not hear what these load.",
            hint="Put it first.",
            id="larder.W006",
        )


def problems_of_outbox() -> Iterator[checks.CheckMessage]:
    try:
        refused, waits = set_aside().count(), waiting().count()
    except DatabaseError as error:
        yield checks.Error(
            f"The outbox cannot be read: {error}.", hint="Run manage.py migrate larder_wagtail.", id="larder.E005"
        )
        return
    if refused:
        last = set_aside().last()
        yield checks.Warning(
            f"{refused} purges were refused by Larder for good; the last: {last.error if last else ''}",
            hint="manage.py larder_flush --set-aside retry, or drop.",
            id="larder.W007",
        )
    if waits > WAITING_WARNING:
        yield checks.Warning(f"{waits} purges wait to be sent.", hint="manage.py larder_flush", id="larder.W008")


def problems_of_connection() -> Iterator[checks.CheckMessage]:
    """Purges a tag that nothing carries."""
    try:
        send(
            f"msg_check_{uuid.uuid4().hex}",
            [PROBE],
            is_hard=True,
            refresh=False,
            events=["check"],
            timeout_s=TIMEOUT_S,
        )
    except NotSent as error:
        reason = str(error)
        hint = "Is Larder running, and does LARDER_URL name its admin listener?"
        if reason.startswith("status 401"):
            hint = "The secrets differ, or the two machines' clocks do by more than the webhook's tolerance."
        elif reason.startswith("status 404"):
            hint = "Larder has no webhook of this path: see config/webhooks/wagtail.yaml."
        elif reason.startswith(IGNORED):
            hint = "The webhook has no rule for what this app sends: it needs that of config/webhooks/wagtail.yaml."
        elif reason.startswith(FOREIGN):
            hint = "What answers at LARDER_URL is not Larder's webhook."
        elif error.for_good:
            hint = "The webhook does not take what this app sends: see config/webhooks/wagtail.yaml."
        yield checks.Error(f"Larder does not take purges: {reason}", hint=hint, id="larder.E006")
