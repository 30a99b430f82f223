"""Which other addresses show a page, told to wagtail.contrib.frontend_cache.

The page's own address is purged by Wagtail without our doing. The lists with the page and its API representation have
addresses of their own, and Wagtail leaves these to the site: this is the recipe of its documentation ("Invalidating
index pages"). A page's get_cached_paths() cannot name them, since its paths are below the page. A purge of a path takes
every query of it along, so /blog/ stands for /blog/?page=2 too.
"""

from django.dispatch import receiver
from django.urls import reverse
from wagtail.contrib.frontend_cache.utils import PurgeBatch
from wagtail.signals import page_published, page_slug_changed, page_unpublished

from .models import BlogPage


@receiver([page_published, page_unpublished])
def purge_where_page_appears(instance, **kwargs):
    site = instance.get_site()
    if site is None:
        return
    paths = [reverse("wagtailapi:pages:detail", args=[instance.pk]), reverse("wagtailapi:pages:listing")]
    batch = PurgeBatch()
    if isinstance(instance, BlogPage):
        paths.append(reverse("popular_posts"))
        batch.add_pages(instance.get_ancestors().live().filter(depth__gt=1).specific())
    batch.add_urls(site.root_url + path for path in paths)
    batch.purge()


@receiver(page_slug_changed)
def purge_former_address(instance_before, **kwargs):
    batch = PurgeBatch()
    batch.add_page(instance_before)
    batch.purge()
