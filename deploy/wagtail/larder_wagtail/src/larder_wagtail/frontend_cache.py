"""wagtail.contrib.frontend_cache's side, for who prefers it, or has code that calls purge_urls_from_cache:

    WAGTAILFRONTENDCACHE = {"larder": {"BACKEND": "larder_wagtail.frontend_cache.LarderBackend"}}

A batch is one signed webhook through the outbox. It knows addresses only: with LARDER_EVENTS = True the app's own
events purge what addresses cannot name, and wagtail.contrib.frontend_cache need not be installed.
"""

from collections.abc import Iterable
from typing import Any

from wagtail.contrib.frontend_cache.backends import BaseBackend

from . import outbox, selectors


class LarderBackend(BaseBackend):
    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)

    def purge(self, url: str) -> None:
        self.purge_batch([url])

    def purge_batch(self, urls: Iterable[str]) -> None:
        outbox.record([selectors.url(url) for url in urls], event="frontend_cache")
