"""Pages and their addresses."""

from functools import cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from . import selectors


@cache
def page_model() -> Any:
    """The base of all pages; a project may replace it since Wagtail 8."""
    try:
        import swapper
    except ImportError:
        from wagtail.models import Page

        return Page
    return swapper.load_model("wagtailcore", "Page")


def is_page(instance: Any) -> bool:
    return isinstance(instance, page_model())


def paths_of_url_path(url_path: str) -> list[str]:
    """The addresses at which the page of this place in the tree is reached: one on each site whose root is above it."""
    from wagtail.models import Site

    paths = []
    for root in Site.get_site_root_paths():
        if not url_path.startswith(root.root_path):
            continue
        rest = url_path[len(root.root_path) :]
        try:
            if getattr(settings, "WAGTAIL_I18N_ENABLED", False):
                with translation.override(root.language_code):
                    paths.append(reverse("wagtail_serve", args=(rest,)))
            else:
                paths.append(reverse("wagtail_serve", args=(rest,)))
        except NoReverseMatch:  # a headless site
            continue
    return list(dict.fromkeys(paths))


def paths_of(page: Any) -> list[str]:
    """Where this page is reached, with what its class says of its own addresses and of those below it."""
    paths = paths_of_url_path(page.url_path)
    parts = page.get_url_parts()
    if parts and parts[2]:
        paths.append(parts[2])
    below = [more.lstrip("/") for more in page.get_cached_paths() if more != "/"]
    paths += [f"{path.rstrip('/')}/{more}" for path in tuple(paths) for more in below]
    return list(dict.fromkeys(paths))


def path_selectors(page: Any) -> list[str]:
    return [selectors.path(path) for path in paths_of(page)]


def subtree_selectors(url_path: str) -> list[str]:
    return [selector for path in paths_of_url_path(url_path) for selector in selectors.subtree(path)]


def ancestor_selectors(page: Any) -> list[str]:
    """The pages above, which list what is below them. The tree's own root has no address."""
    above = page_model().objects.ancestor_of(page).filter(depth__gt=1).values_list("url_path", flat=True)
    return [selectors.path(path) for url_path in above for path in paths_of_url_path(url_path)]


# More pages than this below one that moved: a purge of everything is quicker than their names.
DESCENDANTS_MAX = 1000


def descendant_selectors(page: Any) -> list[str]:
    """The pages below, wherever they are shown: their addresses or their readers change with this page's."""
    below = page_model().objects.descendant_of(page).values_list("pk", flat=True)
    pks = list(below[: DESCENDANTS_MAX + 1])
    return [selectors.EVERYTHING] if len(pks) > DESCENDANTS_MAX else [f"tag:page-{pk}" for pk in pks]
