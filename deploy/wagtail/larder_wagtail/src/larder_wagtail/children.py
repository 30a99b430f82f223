"""The rows of a page's inline panels and its tags: part of the page, in tables of their own, written after it.

A form writes a page's tags anew each time: it deletes the rows and makes the same again. Whether they are others in the
end is seen before the page is saved, and what its save then does to the rows is told from what others do.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps

from . import snapshot, tree


@dataclass
class Commit:
    """What the save of a page is about to do to its rows."""

    items: list[Any] = field(default_factory=list)  # will be saved
    doomed: set[tuple[type, Any]] = field(default_factory=set)  # model and key; will be deleted
    makes_others: bool = False

    def includes(self, row: Any) -> bool:
        return (type(row), row.pk) in self.doomed or any(item is row for item in self.items)


_of_thread = threading.local()


def is_key_to_page(key: Any) -> bool:
    from modelcluster.fields import ParentalKey

    return isinstance(key, ParentalKey) and issubclass(key.remote_field.model, tree.page_model())


@cache
def models() -> list[Any]:
    return [model for model in apps.get_models() if any(map(is_key_to_page, model._meta.fields))]


def keys_of(row: Any) -> list[Any]:
    """The keys of the pages that a row is part of."""
    keys = [getattr(row, each.attname) for each in row._meta.fields if is_key_to_page(each)]
    return [key for key in keys if key is not None]


def values_of(row: Any) -> tuple[str, ...]:
    """What lists may be filtered by: not its text, its key or its place."""
    return tuple(
        str(each.get_prep_value(getattr(row, each.attname)))
        for each in snapshot.fields_of(type(row))
        if not (each.primary_key or each.name == "sort_order" or is_key_to_page(each) or snapshot.is_text(each))
    )


def about_to_commit(page: Any) -> None:
    """Remembers what the page's save will do. Relations that nobody has touched are not written."""
    from modelcluster.models import get_all_child_relations

    commit = Commit()
    touched = getattr(page, "_cluster_related_objects", None) or {}
    for relation in get_all_child_relations(page):
        if relation.get_accessor_name() not in touched:
            continue
        items = list(touched[relation.get_accessor_name()])
        rows = list(relation.related_model._base_manager.filter(**{relation.field.attname: page.pk}))
        commit.items += items
        commit.doomed |= {(type(row), row.pk) for row in rows if row not in items}
        commit.makes_others |= Counter(map(values_of, rows)) != Counter(map(values_of, items))
    _of_thread.commit = commit


def is_another(row: Any, is_new_or_gone: bool) -> bool:
    """True when this change of a row may put its page into other lists."""
    commit = getattr(_of_thread, "commit", None)
    return bool(commit.makes_others) if commit and commit.includes(row) else is_new_or_gone
