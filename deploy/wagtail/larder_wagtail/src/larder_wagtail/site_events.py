"""Snippets, settings and other tracked models; redirects; sites and locales."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.db.models import Model

from . import collect, conf, outbox, snapshot, tags
from .page_events import media_models
from .references import user_selectors
from .relations import owners
from .selectors import EVERYTHING, path
from .tree import page_model

BEFORE = "_larder_before"
Receiver = Callable[..., None]
BOOKKEEPING = frozenset(
    [
        "latest_revision",
        "live_revision",
        "has_unpublished_changes",
        "first_published_at",
        "last_published_at",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
    ]
)


def is_bookkeeping(update_fields: Any) -> bool:
    return update_fields is not None and not set(update_fields) - BOOKKEEPING


def is_draft(instance: Model) -> bool:
    """Only what Wagtail publishes by itself can be one."""
    from wagtail.models import DraftStateMixin

    return isinstance(instance, DraftStateMixin) and not instance.live


@cache
def models() -> frozenset[type[Model]]:
    """What is tracked and neither a page nor a file. Asked for when all apps are ready: snippets register late."""
    others = (page_model(), *media_models())
    return frozenset(model for model in collect.tracked_models() if not issubclass(model, others))


def of_these_models(receiver: Receiver) -> Receiver:
    @wraps(receiver)
    def heard(sender: Any, **named: Any) -> None:
        if sender in models() and conf.is_enabled():
            receiver(sender=sender, **named)

    return heard


@of_these_models
def before_save(instance: Any, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any) -> None:
    if raw or is_bookkeeping(update_fields):
        return
    names = [field.attname for field in snapshot.fields_of(type(instance)) if field.name not in BOOKKEEPING]
    setattr(instance, BEFORE, snapshot.row(instance, names, using))


@of_these_models
def after_save(
    instance: Any, created: bool = False, raw: bool = False, using: str = "", update_fields: Any = None, **_: Any
) -> None:
    if is_bookkeeping(update_fields):
        return
    if raw:
        return outbox.record([EVERYTHING], event="data.loaded", using=using)
    before = vars(instance).pop(BEFORE, None)
    was_hidden = before is None or before.get("live") is False
    if is_draft(instance) and was_hidden:
        return
    if created:
        # Its own tag, too: that is all that a stored 404 bears, which was asked for it by its key.
        wanted = tags.change_selectors(instance) + tags.membership_selectors(instance)
        return outbox.record(wanted, event=name_of(instance, "created"), using=using)
    changed = snapshot.differences(instance, before) if before else set()
    if update_fields is not None:
        changed &= set(update_fields)
    if before and not changed:
        return
    wanted = tags.change_selectors(instance) + user_selectors(instance)
    if before is None or any(is_of_lists(instance, name) for name in changed):
        wanted += tags.membership_selectors(instance)
    outbox.record(wanted, event=name_of(instance, "changed"), refresh=conf.refreshes(), using=using)


def is_of_lists(instance: Any, name: str) -> bool:
    model = type(instance)
    return not snapshot.is_text(model._meta.get_field(name)) or name in conf.get("LARDER_LIST_FIELDS").get(
        model._meta.label, ()
    )


@of_these_models
def before_delete(instance: Any, using: str = "", **_: Any) -> None:
    if not is_draft(instance):
        wanted = tags.change_selectors(instance) + tags.membership_selectors(instance) + user_selectors(instance)
        outbox.record(wanted, event=name_of(instance, "deleted"), using=using)


@of_these_models
def snippet_published(instance: Any, **_: Any) -> None:
    """Published or unpublished, with all of it written."""
    wanted = tags.change_selectors(instance) + tags.membership_selectors(instance) + user_selectors(instance)
    what = "unpublished" if is_draft(instance) else "published"
    outbox.record(wanted, event=name_of(instance, what), refresh=conf.refreshes())


def relation_changed(
    instance: Any, action: str = "", using: str = "", reverse: bool = False, signal: Any = None, **change: Any
) -> None:
    """A many-to-many relation of something that responses show, such as a snippet's tags."""
    if not conf.is_enabled():
        return
    tracked = tuple(collect.tracked_models())
    shown = [instance] if reverse and action.startswith("post_") else []
    if not reverse or issubclass(change["model"], tracked):
        shown += owners(instance, action, reverse, using=using, **change)
    for each in shown:
        if isinstance(each, tracked):
            wanted = tags.change_selectors(each) + tags.membership_selectors(each)
            outbox.record(wanted, event=name_of(each, "changed"), using=using)


def name_of(instance: Model, what: str) -> str:
    kind = tags.kind_of(type(instance))
    if is_setting(type(instance)):
        return f"setting.{what}"
    return f"{kind}.{what}" if kind in ("page", "image", "document") else f"snippet.{what}"


def is_setting(model: type[Model]) -> bool:
    from wagtail.contrib.settings.models import AbstractSetting

    return issubclass(model, AbstractSetting)


# --- Redirects, sites, locales ---------------------------------------------------------------------------------------


def before_redirect_save(instance: Any, raw: bool = False, using: str = "", **_: Any) -> None:
    if conf.is_enabled() and not raw:
        setattr(instance, BEFORE, snapshot.row(instance, ["old_path"], using))


def redirect_changed(instance: Any, using: str = "", **_: Any) -> None:
    """Its address may be stored as a page that was there, as a 404 or as the former redirect."""
    if not conf.is_enabled():
        return
    before = vars(instance).pop(BEFORE, None)
    paths = [instance.old_path, *([before["old_path"]] if before else [])]
    outbox.record([path(old_path) for old_path in paths], event="redirect.changed", using=using)


def everything_changed(instance: Any, using: str = "", **_: Any) -> None:
    """A site's address or root, or a language: each page's address may be another."""
    if conf.is_enabled():
        outbox.record([EVERYTHING], event=f"{instance._meta.model_name}.changed", using=using)
