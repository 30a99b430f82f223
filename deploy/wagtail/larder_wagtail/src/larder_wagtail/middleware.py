"""Sets Surrogate-Key: the tags of what a response shows. Larder keeps the field to itself."""

import inspect
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from . import collect, conf

logger = logging.getLogger("larder_wagtail")

PATH = "larder_wagtail.middleware.SurrogateKeyMiddleware"
FIELD = "Surrogate-Key"


@sync_and_async_middleware
def SurrogateKeyMiddleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """First in MIDDLEWARE, so that it hears what the others load, too."""
    collect.connect()
    if inspect.iscoroutinefunction(get_response):

        async def answer(request: HttpRequest) -> HttpResponse:
            if not is_cacheable(request):
                return await get_response(request)
            collector, token = collect.begin()
            try:
                return with_tags(await get_response(request), collector)
            finally:
                collect.end(token)

        return answer

    def answer_now(request: HttpRequest) -> HttpResponse:
        if not is_cacheable(request):
            return get_response(request)
        collector, token = collect.begin()
        try:
            return with_tags(get_response(request), collector)
        finally:
            collect.end(token)

    return answer_now


def is_cacheable(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD") and conf.is_enabled()


def with_tags(response: HttpResponse, collector: collect.Collector) -> HttpResponse:
    tags = collector.tags()
    if tags is None:
        logger.warning("a response has too many tags to be kept: give it fewer and wider ones")
        response["Larder-Cache-Control"] = "no-store"
    elif tags:
        own = response.get(FIELD)
        response[FIELD] = " ".join([own, *tags] if own else tags)
    return response


def install() -> None:
    """Puts the middleware first, so that INSTALLED_APPS is enough. LARDER_MIDDLEWARE = False: it does not."""
    if conf.is_enabled() and conf.get("LARDER_MIDDLEWARE") and PATH not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [PATH, *settings.MIDDLEWARE]
