"""What every page of the site shows around its content. Each part tells the cache that the page shows it."""

from django import template
from wagtail.models import Locale, Site

from blog.models import BlogIndexPage, Category
from kitchen.cache_tags import add_cache_tags
from kitchen.models import Announcement, Footer

register = template.Library()


@register.inclusion_tag("includes/menu.html", takes_context=True)
def menu(context):
    """The pages below the front page that are marked for menus."""
    request = context["request"]
    add_cache_tags(request, "menu")
    root = Site.find_for_request(request).root_page.localized
    items = root.get_children().live().public().in_menu()
    return {"items": items, "root": root, "page": context.get("page"), "request": request}


@register.inclusion_tag("includes/breadcrumbs.html", takes_context=True)
def breadcrumbs(context):
    page = context["page"]
    return {"page": page, "ancestors": page.get_ancestors().filter(depth__gt=1), "request": context["request"]}


@register.inclusion_tag("includes/category_links.html", takes_context=True)
def category_links(context):
    """The categories, linked to the blog index of the page's language."""
    add_cache_tags(context["request"], "categories")
    index = BlogIndexPage.objects.live().filter(locale=Locale.get_active()).first()
    return {"categories": Category.objects.all() if index else [], "index": index}


@register.inclusion_tag("includes/announcement.html", takes_context=True)
def announcement(context):
    add_cache_tags(context["request"], "announcement")
    return {"announcement": Announcement.for_request(context["request"])}


@register.inclusion_tag("includes/footer.html", takes_context=True)
def footer(context):
    add_cache_tags(context["request"], "footer")
    return {"footer": Footer.objects.filter(locale=Locale.get_active()).first()}


@register.simple_tag(takes_context=True)
def shows(context, page):
    """Says that this page shows the name or the card of that one: {% shows post %}."""
    add_cache_tags(context["request"], f"post-{page.pk}")
    return ""


@register.simple_tag
def translations(page):
    """The live pages that say the same in other languages."""
    return page.get_translations().live().select_related("locale") if page else []
