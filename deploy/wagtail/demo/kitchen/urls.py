"""Addresses of the demo site. Whatever is not named here is a page of the tree."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from blog.views import popular

from .api import api_router
from .previews import preview_token
from .views import language, search, shelf_life

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("django-admin/", admin.site.urls),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v2-tokens/", preview_token, name="preview_token"),
    path("api/v2/blog-posts/popular/", popular, name="api_popular_posts"),
    path("api/v2/", api_router.urls),
    path("blog/popular/", popular, name="popular_posts"),
    path("accounts/", include("accounts.urls")),
    path("forum/", include("forum.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("language/", language, name="language"),
    path("shelf-life/", shelf_life, name="shelf_life"),
    re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}),
]

# English has no prefix, German lives below /de/.
urlpatterns += i18n_patterns(
    path("search/", search, name="search"),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
