from django.conf.urls.i18n import i18n_patterns
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.documents.api.v2.views import DocumentsAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet

from pantry.models import Category, Thread

api = WagtailAPIRouter("wagtailapi")
api.register_endpoint("pages", PagesAPIViewSet)
api.register_endpoint("images", ImagesAPIViewSet)
api.register_endpoint("documents", DocumentsAPIViewSet)


def thread(request, pk):
    return HttpResponse(get_object_or_404(Thread, pk=pk).title)


def category(request, pk):
    return HttpResponse(get_object_or_404(Category, pk=pk).name)


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
    path("categories/<int:pk>/", category),
]
urlpatterns += i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False)
