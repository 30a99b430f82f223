from django.conf.urls.i18n import i18n_patterns
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents import urls as wagtaildocs_urls

from pantry.models import Category, Thread

api = WagtailAPIRouter("wagtailapi")
api.register_endpoint("pages", PagesAPIViewSet)


def thread(request, pk):
    shown = Thread.objects.get(pk=pk)
    return HttpResponse(shown.title)


def categories(request):
    return JsonResponse({"names": list(Category.objects.values_list("name", flat=True))})


def many(request):
    return HttpResponse(str(len(Thread.objects.all())))


def rename(request, pk):
    """Under ATOMIC_REQUESTS: changed, and then an error or not."""
    shown = Thread.objects.get(pk=pk)
    shown.title = "renamed"
    shown.save()
    assert connection.in_atomic_block
    if "fail" in request.GET:
        raise RuntimeError("after the change")
    return HttpResponse("renamed")


urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v2/", api.urls),
    path("threads/<int:pk>/", thread),
    path("threads/<int:pk>/rename/", rename),
    path("threads/", many),
    path("categories/", categories),
]
urlpatterns += i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False)
