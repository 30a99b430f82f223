"""Which other addresses show a page, told to the cache.

The page's own address is purged by Wagtail without our doing. The lists with the page and its API representation have
addresses of their own, and Wagtail leaves these to the site: this is the recipe of its documentation ("Invalidating
index pages"). A page's get_cached_paths() cannot name them, since its paths are below the page. A purge of a path takes
every query of it along, so /blog/ stands for /blog/?page=2 too.

Where a post's title appears on other pages (related posts, the next one, a search) nobody could list the addresses:
those pages carry the post's tag, and the tag is purged.
"""

from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from django.urls import reverse
from wagtail.contrib.frontend_cache.utils import PurgeBatch
from wagtail.signals import page_published, page_unpublished

from kitchen.purges import purge_on_commit

from .models import BlogPage, BlogPageTag, Category


@receiver([page_published, page_unpublished])
def purge_where_page_appears(instance, **kwargs):
    site = instance.get_site()
    if site is None:
        return
    endpoints = ["pages"]
    paths = []
    batch = PurgeBatch()
    if isinstance(instance, BlogPage):
        endpoints.append("blog-posts")
        paths += [reverse("popular_posts"), reverse("api_popular_posts")]
        batch.add_pages(instance.get_ancestors().live().filter(depth__gt=1).specific())
    for endpoint in endpoints:
        paths.append(reverse(f"wagtailapi:{endpoint}:detail", args=[instance.pk]))
        paths.append(reverse(f"wagtailapi:{endpoint}:listing"))
    batch.add_urls(site.root_url + path for path in paths)
    batch.purge()


@receiver(pre_save, sender=BlogPage)
def remember_place_among_posts(instance, **kwargs):
    """What decides which posts are neighbours and related, as it was before this save."""
    before = BlogPage.objects.filter(pk=instance.pk, live=True).values("date").first()
    instance.place_before = before and (before["date"], tags_of(instance.pk))


@receiver(page_published, sender=BlogPage)
def purge_where_post_is_shown(instance, **kwargs):
    """A new title changes the pages that show it; a new place among the posts may change any post's neighbours."""
    place = (instance.date, tags_of(instance.pk))
    purge_on_commit(f"tag:post-{instance.pk}" if place == instance.place_before else "tag:posts")


@receiver(page_unpublished, sender=BlogPage)
def purge_where_post_was_shown(instance, **kwargs):
    purge_on_commit("tag:posts", f"tag:post-{instance.pk}")


def tags_of(post_id):
    return set(BlogPageTag.objects.filter(content_object=post_id).values_list("tag_id", flat=True))


@receiver([post_save, post_delete], sender=Category)
def purge_categories(**kwargs):
    """Every page links to the categories, and the API has their names."""
    purge_on_commit("tag:categories", "prefix:/api/v2/")
