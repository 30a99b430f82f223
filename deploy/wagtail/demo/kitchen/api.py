"""The Wagtail API v2: pages, images, the blog's posts as a front end wants them, and drafts for who has a token."""

from django.http import Http404
from django.urls import path
from rest_framework.response import Response
from wagtail.api.v2.filters import ChildOfFilter, LocaleFilter, OrderingFilter, SearchFilter
from wagtail.api.v2.pagination import WagtailPagination
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.utils import BadRequestError
from wagtail.api.v2.views import PagesAPIViewSet
from wagtail.images.api.v2.views import ImagesAPIViewSet
from wagtail.models import Page

from blog.models import BlogPage

from .previews import page_id_of


class NumberedPages(WagtailPagination):
    """?page=2&limit=10 in place of an offset."""

    LIMIT = 10
    LIMIT_MAX = 50

    def paginate_queryset(self, queryset, request, view=None):
        number = positive(request, "page", 1)
        limit = min(positive(request, "limit", self.LIMIT), self.LIMIT_MAX)
        self.view = view
        self.total_count = queryset.count()
        return queryset[(number - 1) * limit : number * limit]


def positive(request, name, default):
    value = request.GET.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**6):
        raise BadRequestError(f"{name} must be a positive integer")
    return int(value)


class PostsAPIViewSet(PagesAPIViewSet):
    """/api/v2/blog-posts/?page=&limit=&category=SLUG&tag=SLUG&search=&locale=, the newest first."""

    name = "blog-posts"
    model = BlogPage
    pagination_class = NumberedPages
    filter_backends = [ChildOfFilter, LocaleFilter, OrderingFilter, SearchFilter]
    known_query_parameters = PagesAPIViewSet.known_query_parameters.union(["page", "category", "tag"])
    listing_default_fields = PagesAPIViewSet.listing_default_fields + ["date", "author", "intro", "image_card"]

    def get_queryset(self):
        posts = super().get_queryset().order_by("-date", "-pk")
        if category := self.request.GET.get("category"):
            posts = posts.filter(category__slug=category)
        if tag := self.request.GET.get("tag"):
            posts = posts.filter(tags__slug=tag)
        return posts


class PreviewAPIViewSet(PagesAPIViewSet):
    """/api/v2/page_preview/?token=TOKEN: the latest draft of the page that the token is for, live or not.

    No cache may keep the answer, whether there is one or not: it is for the holder of the token.
    """

    name = "page_preview"

    @classmethod
    def get_urlpatterns(cls):
        return [path("", cls.as_view({"get": "detail_view"}), name="listing")]

    def detail_view(self, request):
        serializer = self.get_serializer(self.get_object())
        return Response(serializer.data)

    def get_object(self):
        page_id = page_id_of(self.request.GET.get("token", ""))
        page = Page.objects.filter(pk=page_id).first()
        if page is None:
            raise Http404("the token is wrong or too old")
        return page.get_latest_revision_as_object()

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response


api_router = WagtailAPIRouter("wagtailapi")
api_router.register_endpoint("pages", PagesAPIViewSet)
api_router.register_endpoint("images", ImagesAPIViewSet)
api_router.register_endpoint("blog-posts", PostsAPIViewSet)
api_router.register_endpoint("page_preview", PreviewAPIViewSet)
