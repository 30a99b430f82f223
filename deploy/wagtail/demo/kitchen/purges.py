"""Purges by tag, path and prefix: what wagtail.contrib.frontend_cache, which knows URLs only, cannot say.

They go to Larder's admin API. It answers when no visitor can get the old page any more, so an editor who sees "saved"
can tell others to look.
"""

import json
import logging
from functools import partial
from urllib.request import ProxyHandler, Request, build_opener

from django.conf import settings
from django.db import transaction

TIMEOUT_S = 5

logger = logging.getLogger("kitchen.purges")
# Larder is a neighbour: never asked for through a proxy that the environment names.
opener = build_opener(ProxyHandler({}))


def purge_on_commit(*selectors):
    """Purges once the change can be read: a purge before the commit would let the old page in again."""
    if settings.CACHE_URL:
        transaction.on_commit(partial(post, "/api/purge", {"select": selectors, "mode": "hard"}), robust=True)


def post(path, body, headers=None):
    """Sends JSON to Larder's admin listener. A cache that cannot be reached must not fail an editor's save."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(settings.CACHE_URL + path, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            logger.info("%s %s", path, data.decode())
    except OSError as error:
        logger.error("%s %s: %s", path, data.decode(), error)
