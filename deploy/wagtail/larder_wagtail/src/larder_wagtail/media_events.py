"""Images and documents, their files and renditions, and the collections that they are in."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import NoReverseMatch

from . import conf, outbox, tags
from .references import user_selectors
from .relations import owners
from .selectors import EVERYTHING, path

BEFORE = "_larder_before"
# What Wagtail works out from the file when it is first asked for.
BOOKKEEPING = frozenset({"file_hash", "file_size"})
# More files than this in a collection: a purge of everything is quicker than their names.
FILES_MAX = 500


def is_image(instance: Any) -> bool:
    from wagtail.images import get_image_model

    return isinstance(instance, get_image_model())


def file_selectors(file: Any) -> list[str]:
    """A stored file's address. The storage may be on another host, which is none of Larder's."""
    try:
        address = file.url if file else ""
    except (ValueError, NotImplementedError):  # no file, or a storage without addresses
        return []
    return [path(address)] if urlsplit(address).path not in ("", "/") else []


def own_selectors(instance: Any) -> list[str]:
    """The addresses of an image with its renditions, or of a document."""
    wanted = file_selectors(instance.file)
    if is_image(instance):
        for rendition in instance.renditions.all():
            wanted += file_selectors(rendition.file)
    else:
        try:
            wanted.append(path(instance.url))
        except NoReverseMatch:  # a headless site
            pass
    return wanted


def before_save(instance: Any, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any) -> None:
    if (
        raw
        or not conf.is_enabled()
        or instance._state.adding
        or (update_fields and BOOKKEEPING.issuperset(update_fields))
    ):
        return
    former = type(instance)._base_manager.using(using).filter(pk=instance.pk).first()
    setattr(instance, BEFORE, own_selectors(former) if former else [])


def after_save(
    instance: Any, created: bool = False, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any
) -> None:
    if not conf.is_enabled() or (update_fields and BOOKKEEPING.issuperset(update_fields)):
        return
    kind = tags.kind_of(type(instance))
    if raw:
        return outbox.record([EVERYTHING], event="data.loaded", using=using)
    # Its own tag when it is new, too: that is all that a stored 404 bears, which was asked for it by its key.
    wanted = tags.change_selectors(instance) + tags.membership_selectors(instance) + own_selectors(instance)
    if created:
        return outbox.record(wanted, event=f"{kind}.created", using=using)
    wanted += vars(instance).pop(BEFORE, []) + user_selectors(instance)
    return outbox.record(wanted, event=f"{kind}.changed", refresh=conf.refreshes(), using=using)


def before_delete(instance: Any, using: str = "", **_: Any) -> None:
    if not conf.is_enabled():
        return
    wanted = tags.change_selectors(instance) + own_selectors(instance)
    wanted += tags.membership_selectors(instance) + user_selectors(instance)
    outbox.record(wanted, event=f"{tags.kind_of(type(instance))}.deleted", using=using)


def rendition_deleted(instance: Any, using: str = "", **_: Any) -> None:
    """Its file goes, and a new one may get its name: when an image is replaced, or all anew."""
    if conf.is_enabled():
        wanted = [f"tag:image-{instance.image_id}", *file_selectors(instance.file)]
        outbox.record(wanted, event="image.changed", using=using)


def file_removed(instance: Any, using: str = "", **_: Any) -> None:
    """Wagtail removes the file after the commit: until then anybody may have fetched it again."""
    if conf.is_enabled() and (wanted := file_selectors(instance.file)):
        transaction.on_commit(partial(outbox.record, wanted, event="file.removed"), using=using, robust=True)


# --- Collections -----------------------------------------------------------------------------------------------------


def collection_changed(instance: Any, created: bool = False, raw: bool = False, using: str = "", **_: Any) -> None:
    """Renamed, moved or deleted: who may read its files may have changed."""
    if conf.is_enabled() and not created and not raw:
        outbox.record(collection_selectors(instance), event="collection.changed", using=using)


def collection_restricted(instance: Any, using: str = "", **_: Any) -> None:
    if conf.is_enabled():
        outbox.record(collection_selectors(instance.collection), event="collection.restricted", using=using)


def restriction_groups_changed(using: str = "", signal: Any = None, **change: Any) -> None:
    for restriction in owners(using=using, **change):
        collection_restricted(restriction, using=using)


def collection_selectors(collection: Any) -> list[str]:
    """All files in it and below it, wherever they are shown."""
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model

    below = collection.get_descendants(inclusive=True)
    wanted: list[str] = []
    for model in (get_image_model(), get_document_model()):
        files = list(model._base_manager.filter(collection__in=below)[: FILES_MAX + 1])
        if len(files) > FILES_MAX:
            return [EVERYTHING]
        if files:
            wanted += [f"tag:{tags.list_tag(model)}"]
        for file in files:
            wanted += tags.change_selectors(file) + own_selectors(file)
    return wanted
