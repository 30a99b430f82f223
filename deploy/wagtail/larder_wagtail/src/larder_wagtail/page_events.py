"""Pages: published, edited, unpublished, moved, deleted, made private.

A page's save is heard in the transaction that saves it, by comparing the row before with the row after; Wagtail's own
signals come after it (that of a changed slug after the commit) and repeat the purge when all of the page is written.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from . import children, conf, outbox, snapshot, tags, tree
from .references import user_selectors
from .relations import owners
from .selectors import EVERYTHING

# What Wagtail keeps for itself: no visitor sees a change of these.
BOOKKEEPING = frozenset(
    [
        "path",
        "depth",
        "numchild",
        "content_type",
        "latest_revision",
        "live_revision",
        "latest_revision_created_at",
        "draft_title",
        "has_unpublished_changes",
        "locked",
        "locked_at",
        "locked_by",
        "owner",
        "expired",
        "approved_schedule",
        "last_published_at",
        "first_published_at",
        "go_live_at",
        "expire_at",
        "search_description",
        "seo_title",
    ]
)
# Of these, what a page shows in its own head: no list is ordered by it.
SHOWN = frozenset(
    {"search_description", "seo_title", "last_published_at", "first_published_at", "go_live_at", "expire_at"}
)
BEFORE = "_larder_before"


@cache
def media_models() -> tuple[Any, ...]:
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model

    return (get_image_model(), get_document_model())


@cache
def fields_of_lists(model: Any) -> frozenset[str]:
    """The fields whose change may put a page into other lists, or at another place in them."""
    own = {each.name for each in snapshot.fields_of(model) if not snapshot.is_text(each) and not each.primary_key}
    named: set[str] = set()
    for parent in (model, *model._meta.get_parent_list()):
        named.update(conf.get("LARDER_LIST_FIELDS").get(parent._meta.label, ()))
    links = {each.name for each in snapshot.fields_of(model) if each.one_to_one and each.remote_field.parent_link}
    return frozenset((own - BOOKKEEPING - SHOWN - links) | named)


@dataclass
class Before:
    """A page's row before a save."""

    row: dict[str, Any] | None
    selectors: list[str] = field(default_factory=list)  # what its former address makes necessary


def is_bookkeeping(update_fields: Any) -> bool:
    return update_fields is not None and not set(update_fields) - (BOOKKEEPING - SHOWN)


def before_save(instance: Any, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any) -> None:
    if raw or not conf.is_enabled() or is_bookkeeping(update_fields):
        return
    names = [each.attname for each in snapshot.fields_of(type(instance)) if each.name not in BOOKKEEPING - SHOWN]
    before = Before(snapshot.row(instance, names, using))
    if before.row and before.row["live"] and before.row["url_path"] != instance.url_path:
        before.selectors = tree.subtree_selectors(before.row["url_path"])
    setattr(instance, BEFORE, before)
    children.about_to_commit(instance)


def after_save(instance: Any, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any) -> None:
    if not conf.is_enabled():
        return
    if raw:  # loaddata: nobody knows what was there before
        return outbox.record([EVERYTHING], event="data.loaded", using=using)
    if is_bookkeeping(update_fields):
        return
    before = vars(instance).pop(BEFORE, None) or Before(None)
    was_live = bool(before.row and before.row["live"])
    if not instance.live and not was_live:
        return
    changed = snapshot.differences(instance, before.row) if before.row else set()
    if before.row and not changed:  # its inline panels and tags have signals of their own
        return
    event, wanted = what_a_save_changed(instance, before, was_live, changed)
    outbox.record(wanted, event=event, refresh=instance.live and conf.refreshes(), using=using)


def what_a_save_changed(page: Any, before: Before, was_live: bool, changed: set[str]) -> tuple[str, list[str]]:
    wanted = shown_selectors(page)
    if was_live and page.live and "url_path" in changed:
        wanted += before.selectors + tree.subtree_selectors(page.url_path)
        wanted += tree.descendant_selectors(page) + place_selectors(page, before)
        return "page.moved", wanted
    if page.live != was_live:
        # Whatever answered at this address before, such as a 404 below an unpublished parent, has changed too.
        wanted += place_selectors(page, before)
        return ("page.published" if page.live else "page.unpublished"), wanted
    if changed & fields_of_lists(page.__class__):
        wanted += place_selectors(page, before)
    return "page.changed", wanted


def shown_selectors(page: Any) -> list[str]:
    """Each change of a page: itself, the pages above that list it, and what refers to it."""
    wanted = tags.change_selectors(page) + tree.path_selectors(page)
    return wanted + tree.ancestor_selectors(page) + user_selectors(page)


def place_selectors(page: Any, before: Before | None = None) -> list[str]:
    """A page that comes, goes or changes its place: the lists, the menus, and the translations that point to it."""
    wanted = tags.membership_selectors(page)
    if page.show_in_menus or (before and before.row and before.row["show_in_menus"]):
        wanted.append(f"tag:{tags.MENU}")
    return wanted + relative_selectors(page)


def relative_selectors(page: Any) -> list[str]:
    """Its translations and its aliases: they show links to it, or what it shows."""
    pages = tree.page_model().objects
    others = pages.filter(translation_key=page.translation_key, live=True).exclude(pk=page.pk)
    relatives = list(others) + list(pages.filter(alias_of=page.pk, live=True))
    return [
        selector
        for relative in {each.pk: each for each in relatives}.values()
        for selector in [f"tag:page-{relative.pk}", *tree.path_selectors(relative)]
    ]


def before_delete(instance: Any, using: str = "", **_: Any) -> None:
    """While it still has an address. The base class's row is deleted too, and tells of the same page again."""
    if not conf.is_enabled() or not instance.live:
        return
    page = instance.specific_deferred
    wanted = shown_selectors(page) + tree.subtree_selectors(page.url_path) + place_selectors(page)
    outbox.record(wanted, event="page.deleted", using=using)


# --- Wagtail's own signals -------------------------------------------------------------------------------------------


def published(instance: Any, **_: Any) -> None:
    """Published in the admin, by the schedule, by a workflow, in bulk, or as somebody's alias: all of it is written."""
    if conf.is_enabled() and tree.is_page(instance) and instance.live:
        outbox.record(shown_selectors(instance), event="page.published", refresh=conf.refreshes())


def unpublished(instance: Any, **_: Any) -> None:
    if conf.is_enabled() and tree.is_page(instance):
        outbox.record(shown_selectors(instance) + place_selectors(instance), event="page.unpublished")


def slug_changed(instance: Any, instance_before: Any, **_: Any) -> None:
    """After the commit, and after the redirects for the former addresses: what was there in between is gone, too."""
    if conf.is_enabled():
        outbox.record(tree.subtree_selectors(instance_before.url_path), event="page.moved")


def moved(instance: Any, url_path_before: str = "", url_path_after: str = "", **named: Any) -> None:
    """Also a new order among siblings, which no address shows."""
    if not conf.is_enabled() or not tree.is_page(instance):
        return
    wanted = shown_selectors(instance) + place_selectors(instance)
    parent_before = named.get("parent_page_before")
    if url_path_before != url_path_after:
        wanted += tree.subtree_selectors(url_path_before) + tree.subtree_selectors(url_path_after)
        wanted += tree.descendant_selectors(instance)
    if parent_before is not None:
        wanted += tree.path_selectors(parent_before) + tree.ancestor_selectors(parent_before)
    outbox.record(wanted, event="page.moved", refresh=conf.refreshes())


# --- Privacy ---------------------------------------------------------------------------------------------------------


def restricted(instance: Any, using: str = "", **_: Any) -> None:
    """Whoever asks is asked for the password from now on, below the page too; public lists leave these pages out."""
    if not conf.is_enabled():
        return
    page = instance.page
    wanted = tree.subtree_selectors(page.url_path) + shown_selectors(page.specific_deferred)
    wanted += tree.descendant_selectors(page) + [f"tag:{tags.MENU}"] + lists_of_subtree(page)
    for alias in tree.page_model().objects.filter(alias_of=page.pk):
        wanted += tree.subtree_selectors(alias.url_path)
    outbox.record(wanted, event="page.restricted", using=using)


def lists_of_subtree(page: Any) -> list[str]:
    classes = (
        tree.page_model().objects.descendant_of(page, inclusive=True).order_by().values_list("content_type", flat=True)
    )
    from django.contrib.contenttypes.models import ContentType

    models = [ContentType.objects.get_for_id(pk).model_class() for pk in set(classes)]
    return sorted({f"tag:{name}" for model in models if model is not None for name in tags.list_tags(model)})


def restriction_groups_changed(using: str = "", signal: Any = None, **change: Any) -> None:
    for restriction in owners(using=using, **change):
        restricted(restriction, using=using)


# --- Parts of a page -------------------------------------------------------------------------------------------------


def child_saved(instance: Any, created: bool = False, raw: bool = False, using: str = "", **_: Any) -> None:
    if conf.is_enabled() and not raw:
        child_changed(instance, using, children.is_another(instance, is_new_or_gone=created))


def child_deleted(instance: Any, using: str = "", **_: Any) -> None:
    if conf.is_enabled():
        child_changed(instance, using, children.is_another(instance, is_new_or_gone=True))


def child_changed(instance: Any, using: str, is_another: bool) -> None:
    """An inline panel's row, or a tag: it is written after the page itself."""
    keys = children.keys_of(instance)
    for page in tree.page_model().objects.using(using or None).filter(pk__in=keys, live=True).specific(defer=True):
        wanted = tags.change_selectors(page) + tree.path_selectors(page)
        if is_another:
            wanted += tags.membership_selectors(page) + tree.ancestor_selectors(page)
        outbox.record(wanted, event="page.changed", refresh=conf.refreshes(), using=using)
