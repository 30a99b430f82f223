"""What every page of the site shows around its content."""

from django import template
from wagtail.models import Site

from blog.models import BlogIndexPage, Category

register = template.Library()


@register.inclusion_tag("includes/menu.html", takes_context=True)
def menu(context):
    """The pages below the front page that are marked for menus."""
    root = Site.find_for_request(context["request"]).root_page
    items = root.get_children().live().public().in_menu()
    return {"items": items, "root": root, "page": context.get("page"), "request": context["request"]}


@register.inclusion_tag("includes/breadcrumbs.html", takes_context=True)
def breadcrumbs(context):
    page = context["page"]
    return {"page": page, "ancestors": page.get_ancestors().filter(depth__gt=1), "request": context["request"]}


@register.inclusion_tag("includes/category_links.html")
def category_links():
    """The categories, linked to the (first) blog index."""
    return {"categories": Category.with_post_counts(), "index": BlogIndexPage.objects.live().first()}
