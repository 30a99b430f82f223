"""Purges for what an editor changes beside the pages themselves. Pages of the blog: blog/signals.py."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction
from wagtail.signals import page_published, page_unpublished

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


@receiver([post_save, post_delete], sender=PageViewRestriction)
def purge_page_made_private(instance, **kwargs):
    """Whoever asks from now on must be asked for the password, also below the page and in the API."""
    address = instance.page.get_url_parts()
    if address:
        purge_on_commit(f"prefix:{address[2]}", "prefix:/api/v2/", f"tag:post-{instance.page_id}", "tag:menu")
