"""Purges for what an editor changes beside the pages themselves. Pages of the blog: blog/signals.py."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from .models import Announcement, Footer
from .purges import purge_on_commit


@receiver([post_save, post_delete], sender=Footer)
def purge_footer(**kwargs):
    purge_on_commit("tag:footer")


@receiver([post_save, post_delete], sender=Announcement)
def purge_announcement(**kwargs):
    purge_on_commit("tag:announcement")


@receiver([post_save, post_delete], sender=Redirect)
def purge_redirect(instance, **kwargs):
    """The old address may be stored as a page that was there, as a 404 or as the former redirect."""
    purge_on_commit(f"path:{instance.old_path.partition('?')[0]}")


@receiver([page_published, page_unpublished])
def purge_menus(instance, **kwargs):
    if instance.show_in_menus:
        purge_on_commit("tag:menu")


@receiver(page_slug_changed)
def purge_former_address(instance_before, **kwargs):
    """Also of the pages below, whose addresses begin with it."""
    purge_tree(instance_before)


@receiver(post_page_move)
def purge_after_move(url_path_before, url_path_after, **kwargs):
    """Addresses, menus and breadcrumbs may have changed anywhere; it is rare enough. A new order shows in menus only."""
    purge_on_commit("all" if url_path_before != url_path_after else "tag:menu")


@receiver([post_save, post_delete], sender=PageViewRestriction)
def purge_page_made_private(instance, **kwargs):
    """Whoever asks from now on must be asked for the password, also below the page and in the API."""
    purge_tree(instance.page, "prefix:/api/v2/", f"tag:post-{instance.page_id}", "tag:menu")


def purge_tree(page, *others):
    address = page.get_url_parts()  # site, root and path; None for a page of no site
    if address:
        purge_on_commit(f"prefix:{address[2]}", *others)
