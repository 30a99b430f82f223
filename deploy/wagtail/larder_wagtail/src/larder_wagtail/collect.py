"""Which objects a response shows, found out while the view loads them.

Two hooks, both next to nothing outside a request: the tracked models' from_db, which names the object, and the database
connection's execute wrapper, which names the models that were looked through. What was loaded to find the page for the
address (Wagtail's routing) is forgotten when the page is served: it is not shown.
"""

import re
from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import Model

from . import conf
from .selectors import clean_tag
from .tags import MENU, any_tag, kind_of, list_tag, root_of
from .tree import page_model

# Larder keeps nothing that has more than 256 tags, its routes' among them (include/larder/cache/stored_response.hpp).
TAGS_MAX = 200
# gunicorn and most proxies take header fields of 8 KiB.
FIELD_BYTES_MAX = 7 * 1024
EVERY_OBJECT = "any"


class Collector:
    """The tags of one response."""

    def __init__(self) -> None:
        self.named: set[str] = set()  # by the project
        self.objects: dict[str, set[Any]] = {}  # by kind
        self.lists: set[str] = set()

    def forget_what_was_loaded(self) -> None:
        self.objects.clear()
        self.lists.clear()

    def tags(self) -> list[str] | None:
        """At most TAGS_MAX in FIELD_BYTES_MAX: where there are too many objects, one tag for all of a kind.

        None when the project and the lists alone are too many.
        """
        objects = {kind: [f"{kind}-{pk}" for pk in sorted(pks, key=str)] for kind, pks in self.objects.items()}
        while True:
            found = {*self.named, *self.lists, *(name for names in objects.values() for name in names)}
            tags = sorted(map(clean_tag, found))
            if len(tags) <= TAGS_MAX and len(" ".join(tags)) <= FIELD_BYTES_MAX:
                return tags
            kind = max(objects, key=lambda name: len(objects[name]), default=None)
            if kind is None or len(objects[kind]) <= 1:
                return None
            objects[kind] = [any_tag(kind)]


_current: ContextVar[Collector | None] = ContextVar("larder_collector", default=None)


def begin() -> tuple[Collector, "Token[Collector | None]"]:
    collector = Collector()
    return collector, _current.set(collector)


def end(token: "Token[Collector | None]") -> None:
    _current.reset(token)


def current() -> Collector | None:
    return _current.get()


def add_tags(*tags: "str | Model") -> None:
    """Adds tags to the response that is being made: names, or objects whose changes the app is told of."""
    collector = _current.get()
    if collector is None:
        return
    for tag in tags:
        if isinstance(tag, Model):
            collector.objects.setdefault(kind_of(type(tag)), set()).add(tag.pk)
        else:
            collector.named.add(str(tag))


# --- Which models -----------------------------------------------------------------------------------------------------


@cache
def tracked_models() -> frozenset[type[Model]]:
    """Pages, images, documents, snippets, settings and what LARDER_TRACK names."""
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model
    from wagtail.models import get_page_models
    from wagtail.snippets.models import get_snippet_models

    models = {*get_page_models(), page_model(), get_image_model(), get_document_model(), *get_snippet_models()}
    if apps.is_installed("wagtail.contrib.settings"):
        from wagtail.contrib.settings.registry import registry

        models.update(registry)
    models.update(apps.get_model(name) for name in conf.get("LARDER_TRACK"))
    return frozenset(models)


@cache
def connect() -> None:
    """Once a process, before its first request: snippets and hooks register when all apps are ready."""
    for root in {root_of(model) for model in tracked_models()}:
        watch(root)
    # A class that has a from_db of its own and forgets its parent's is not heard through it.
    for model in tracked_models():
        if "from_db" in vars(model) and model is not root_of(model):
            watch(model)
    connection_created.connect(lambda connection, **_: listen(connection), dispatch_uid="larder.collect", weak=False)
    for connection in connections.all(initialized_only=True):
        listen(connection)
    watch_routing()


def watch(model: type[Model]) -> None:
    """Lets the model's from_db, through which every row becomes an object, name what it made."""
    inherited: Callable[..., Any] = model.from_db.__func__
    if getattr(inherited, "is_watched", False):
        return
    kind = kind_of(model)

    def from_db(cls: type[Model], *arguments: Any, **named: Any) -> Any:
        instance = inherited(cls, *arguments, **named)
        collector = _current.get()
        if collector is not None:
            collector.objects.setdefault(kind, set()).add(instance.pk)
        return instance

    from_db.is_watched = True  # type: ignore[attr-defined]
    model.from_db = classmethod(from_db)


def watch_routing() -> None:
    from wagtail import hooks

    # Innermost: the check of the page's restrictions, which loads the pages above it, has been made.
    hooks.register("on_serve_page", forget_routing, order=10_000)


def forget_routing(serve: Callable[..., Any]) -> Callable[..., Any]:
    def served(page: Any, request: Any, serve_args: Any, serve_kwargs: Any) -> Any:
        collector = _current.get()
        if collector is not None:
            page.get_url_parts(request)  # reads the sites' root pages, once a request
            collector.forget_what_was_loaded()
            add_tags(page)
        return serve(page, request, serve_args, serve_kwargs)

    return served


# --- What was looked through ------------------------------------------------------------------------------------------


def listen(connection: Any) -> None:
    if note_query not in connection.execute_wrappers:
        # Before those that are there: who is inside `execute_wrapper` takes the last one away at the end.
        connection.execute_wrappers.insert(0, note_query)


def note_query(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    collector = _current.get()
    if collector is not None and isinstance(sql, str) and sql.startswith(READS):
        reading = reading_of(sql)
        collector.lists |= reading.lists
        if reading.kind and params:  # whether it is there or not
            collector.objects.setdefault(reading.kind, set()).add(params[-1])
    return execute(sql, params, many, context)


READS = ("SELECT", "(SELECT", "WITH")


@dataclass(frozen=True)
class Reading:
    """What a statement looks for."""

    lists: frozenset[str] = frozenset()  # tags of the models that it looks through
    kind: str = ""  # of the one object whose primary key is its last parameter


MAIN_TABLE = re.compile(r"\sFROM\s+[\"`]?(\w+)")
TABLE = re.compile(r"\b(?:FROM|JOIN)\s+[\"`]?(\w+)")
COLUMN = r"""["`]?(?P<table>\w+)["`]?\.["`]?(?P<column>\w+)["`]?"""
TAIL = r"""\)*(?: ORDER BY [^()]*)?(?: LIMIT \d+)?$"""
# ... WHERE id = %s, or with further conditions and a limit: get() and exists().
BY_KEY = re.compile(rf"\sWHERE \(?{COLUMN} = %s{TAIL}| AND {COLUMN.replace('<', '<last_')} = %s\)* LIMIT (?:1|21)$")
# ... WHERE id IN (%s, %s): prefetched, or loaded as what they are; their objects are tags.
BY_KEYS = re.compile(rf"\sWHERE \(?{COLUMN} IN \([%s, ]*\){TAIL}")
# A page by its place in the tree, by its slug below a parent, or as the translation of another.
PLACE_OF_PAGE = re.compile(
    r"""\bwagtailcore_page["`]?\.["`]?(?:path["`]? (?:= %s|IN \()|slug["`]? = %s\)* LIMIT|translation_key["`]? =)"""
)
IN_MENUS = re.compile(r"""\sWHERE\s.*\.["`]?show_in_menus\b""", re.DOTALL)


@cache
def names_of_tables() -> dict[str, tuple[str, str, str]]:
    """Of each tracked model's table: the tag of its lists, its kind, and its primary key's column."""
    return {
        model._meta.db_table: (list_tag(model), kind_of(model), model._meta.pk.column) for model in tracked_models()
    }


@cache
def tables_of_surroundings() -> frozenset[str]:
    """Asked for with each page, and of no concern: a change of theirs purges what it must by itself."""
    from wagtail.models import Locale, PageViewRestriction, Site

    return frozenset(model._meta.db_table for model in (Site, PageViewRestriction, Locale))


# A site's queries are few texts with many parameters.
STATEMENTS_MAX = 2048
_known: dict[str, Reading] = {}


def reading_of(sql: str) -> Reading:
    known = _known.get(sql)
    if known is None:
        if len(_known) >= STATEMENTS_MAX:
            _known.clear()
        known = _known[sql] = read(sql)
    return known


def read(sql: str) -> Reading:
    names = names_of_tables()
    tables = list(dict.fromkeys(table for table in TABLE.findall(sql) if table in names))
    main = MAIN_TABLE.search(sql)
    if not tables or (main and main[1] in tables_of_surroundings()):
        return Reading()
    if one := BY_KEY.search(sql):
        table, column = one["table"] or one["last_table"], one["column"] or one["last_column"]
        if table in names and names[table][2] == column:
            return Reading(kind=names[table][1])
    some = BY_KEYS.search(sql)
    if some and some["table"] in names and names[some["table"]][2] == some["column"]:
        return Reading()
    pages = page_model()._meta.db_table
    if pages in tables:
        if PLACE_OF_PAGE.search(sql):
            return Reading()
        if IN_MENUS.search(sql):
            return Reading(frozenset({MENU}))
        if any(is_page_table(table) for table in tables if table != pages):
            tables.remove(pages)  # joined to a class of its own
    return Reading(frozenset(names[table][0] for table in tables))


@cache
def is_page_table(table: str) -> bool:
    return any(issubclass(model, page_model()) for model in tracked_models() if model._meta.db_table == table)
