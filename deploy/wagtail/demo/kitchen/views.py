"""The pages that are neither in the page tree nor in an app of their own."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language_from_request, gettext_lazy
from django.views.decorators.http import require_safe
from wagtail.models import Locale

from blog.models import BlogPage

RESULTS_PER_PAGE = 10

# What keeps how long on a shelf, in a fridge and in a freezer, in days; None: not there.
SHELF_LIVES = [
    (gettext_lazy("Apples"), 30, 90, 300),
    (gettext_lazy("Beetroot"), 14, 60, 240),
    (gettext_lazy("Bread"), 4, None, 90),
    (gettext_lazy("Butter"), 1, 30, 240),
    (gettext_lazy("Carrots"), 7, 60, 300),
    (gettext_lazy("Eggs"), 14, 28, None),
    (gettext_lazy("Flour"), 365, None, None),
    (gettext_lazy("Honey"), 1000, None, None),
    (gettext_lazy("Onions"), 60, None, 180),
    (gettext_lazy("Potatoes"), 60, None, None),
]


@require_safe
def search(request):
    """/search/?query=apples: live public posts of the page's language, the best match first."""
    query = request.GET.get("query", "").strip()
    posts = BlogPage.objects.filter(locale=Locale.get_active()).live().public()
    results = posts.search(query) if query else BlogPage.objects.none()
    page = Paginator(results, RESULTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "search.html", {"query": query, "results": page})


@require_safe
def language(request):
    """The form that sets the language cookie: on a page of its own, since it holds a CSRF token."""
    return render(request, "language.html")


@require_safe
def shelf_life(request):
    """One address in the visitor's language: the cookie's if there is one, else the browser's.

    So it was on every Django site before language prefixes, and still is on those without them. Django itself says
    `Vary: Accept-Language` here, but not that the cookie counts.
    """
    spoken = get_language_from_request(request)
    with translation.override(spoken):
        response = render(request, "shelf_life.html", {"foods": SHELF_LIVES})
    response["Content-Language"] = spoken
    return response
