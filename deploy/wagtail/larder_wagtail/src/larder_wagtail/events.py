"""Listens to what changes. What each change purges is in page_events.py, media_events.py and site_events.py."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete, pre_save

from . import children, conf, media_events, page_events, site_events
from .outbox import safely
from .tree import page_model


def listen(signal: Any, receiver: Callable[..., None], *models: Any) -> None:
    heard = safely(receiver)
    for model in models or (None,):
        uid = f"larder.{receiver.__module__}.{receiver.__name__}"
        signal.connect(heard, sender=model, dispatch_uid=uid, weak=False)


def connect() -> None:
    if not conf.is_enabled() or not conf.get("LARDER_EVENTS"):
        return
    connect_wagtails_own()
    connect_pages()
    connect_media()
    connect_site()


def connect_wagtails_own() -> None:
    """Wagtail's receivers that make redirects for former addresses and remove files: before ours, which purge what is
    there afterwards. Wagtail connects them itself later, which then changes nothing."""
    from wagtail.documents.signal_handlers import register_signal_handlers as register_documents
    from wagtail.images.signal_handlers import register_signal_handlers as register_images
    from wagtail.signals import page_slug_changed, post_page_move

    register_images()
    register_documents()
    if apps.is_installed("wagtail.contrib.redirects"):
        from wagtail.contrib.redirects import signal_handlers

        post_page_move.connect(signal_handlers.autocreate_redirects_on_page_move)
        page_slug_changed.connect(signal_handlers.autocreate_redirects_on_slug_change)


def connect_pages() -> None:
    from wagtail.models import PageViewRestriction, get_page_models
    from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

    pages = [page_model(), *get_page_models()]
    listen(pre_save, page_events.before_save, *pages)
    listen(post_save, page_events.after_save, *pages)
    listen(pre_delete, page_events.before_delete, *pages)
    listen(page_published, page_events.published)
    listen(page_unpublished, page_events.unpublished)
    listen(post_page_move, page_events.moved)
    listen(page_slug_changed, page_events.slug_changed)
    listen(post_save, page_events.restricted, PageViewRestriction)
    listen(post_delete, page_events.restricted, PageViewRestriction)
    listen(m2m_changed, page_events.restriction_groups_changed, PageViewRestriction.groups.through)
    listen(post_save, page_events.child_saved, *children.models())
    listen(post_delete, page_events.child_deleted, *children.models())


def connect_media() -> None:
    from wagtail.documents import get_document_model
    from wagtail.images import get_image_model
    from wagtail.models import Collection, CollectionViewRestriction

    files = [get_image_model(), get_document_model()]
    listen(pre_save, media_events.before_save, *files)
    listen(post_save, media_events.after_save, *files)
    listen(pre_delete, media_events.before_delete, *files)
    rendition = get_image_model().get_rendition_model()
    listen(pre_delete, media_events.rendition_deleted, rendition)
    listen(post_delete, media_events.file_removed, *files, rendition)
    listen(post_save, media_events.collection_changed, Collection)
    listen(pre_delete, media_events.collection_changed, Collection)
    listen(post_save, media_events.collection_restricted, CollectionViewRestriction)
    listen(post_delete, media_events.collection_restricted, CollectionViewRestriction)
    listen(m2m_changed, media_events.restriction_groups_changed, CollectionViewRestriction.groups.through)


def connect_site() -> None:
    from wagtail.models import Locale, Site
    from wagtail.signals import published, unpublished

    listen(pre_save, site_events.before_save)
    listen(post_save, site_events.after_save)
    listen(pre_delete, site_events.before_delete)
    listen(published, site_events.snippet_published)
    listen(unpublished, site_events.snippet_published)
    listen(m2m_changed, site_events.relation_changed)
    listen(post_save, site_events.everything_changed, Site, Locale)
    listen(post_delete, site_events.everything_changed, Site, Locale)
    if apps.is_installed("wagtail.contrib.redirects"):
        from wagtail.contrib.redirects.models import Redirect

        listen(pre_save, site_events.before_redirect_save, Redirect)
        listen(post_save, site_events.redirect_changed, Redirect)
        listen(post_delete, site_events.redirect_changed, Redirect)
