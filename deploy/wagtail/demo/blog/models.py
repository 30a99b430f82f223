"""The blog: an index with pages and filters, posts, their categories and tags, and who read them."""

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, Q
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.api import APIField
from wagtail.fields import RichTextField, StreamField
from wagtail.images.api.fields import ImageRenditionField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from kitchen.cache_tags import add_cache_tags


@register_snippet
class Category(models.Model):
    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=200, blank=True)

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description")]
    api_fields = [APIField("name"), APIField("slug")]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    @classmethod
    def with_post_counts(cls, locale):
        is_counted = Q(posts__live=True, posts__locale=locale)
        return cls.objects.annotate(post_count=Count("posts", filter=is_counted))


class BlogIndexPage(Page):
    """All posts, newest first: ?page= turns the pages, ?category= and ?tag= narrow them."""

    intro = RichTextField(blank=True, features=["bold", "italic", "link"])

    content_panels = Page.content_panels + [FieldPanel("intro")]
    api_fields = [APIField("intro")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.BlogPage"]

    POSTS_PER_PAGE = 12

    def get_context(self, request):
        context = super().get_context(request)
        posts = BlogPage.objects.child_of(self).live().public().order_by("-date", "-pk")
        category = Category.objects.filter(slug=request.GET.get("category", "")).first()
        if category:
            posts = posts.filter(category=category)
        tag = request.GET.get("tag", "")
        if tag:
            posts = posts.filter(tags__slug=tag).distinct()
        context["posts"] = Paginator(posts, self.POSTS_PER_PAGE).get_page(request.GET.get("page"))
        context["category"] = category
        context["tag"] = tag
        context["categories"] = Category.with_post_counts(self.locale)
        return context


class BlogPageTag(TaggedItemBase):
    content_object = ParentalKey("blog.BlogPage", related_name="tagged_items", on_delete=models.CASCADE)


class BlogPage(Page):
    """One post."""

    date = models.DateField("post date")
    author = models.CharField(max_length=80)
    intro = models.CharField(max_length=300)
    body = StreamField(
        [
            ("heading", blocks.CharBlock(form_classname="title")),
            ("paragraph", blocks.RichTextBlock(features=["bold", "italic", "link", "ol", "ul"])),
            ("quote", blocks.BlockQuoteBlock()),
            ("image", ImageChooserBlock()),
        ]
    )
    image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    tags = ClusterTaggableManager(through=BlogPageTag, blank=True)

    content_panels = Page.content_panels + [
        MultiFieldPanel(
            [FieldPanel("date"), FieldPanel("author"), FieldPanel("category"), FieldPanel("tags")], heading="About"
        ),
        FieldPanel("intro"),
        FieldPanel("image"),
        FieldPanel("body"),
    ]
    search_fields = Page.search_fields + [index.SearchField("intro"), index.SearchField("body")]
    api_fields = [
        APIField("date"),
        APIField("author"),
        APIField("intro"),
        APIField("body"),
        APIField("category"),
        APIField("tags"),
        APIField("image"),
        APIField("image_card", serializer=ImageRenditionField("fill-640x400", source="image")),
    ]
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types = []

    RELATED_COUNT = 3

    def get_context(self, request):
        context = super().get_context(request)
        add_cache_tags(request, "posts")
        siblings = BlogPage.objects.sibling_of(self, inclusive=False).live().public()
        context["related"] = self.related_posts(siblings)
        context["older"] = siblings.filter(date__lt=self.date).order_by("-date").first()
        context["newer"] = siblings.filter(date__gt=self.date).order_by("date").first()
        return context

    def schedule(self, moment):
        """Publishes the latest draft at that moment, or rather when `publish_scheduled` runs next after it."""
        draft = self.get_latest_revision_as_object()
        draft.go_live_at = moment
        self.revisions.update(approved_go_live_at=None)
        draft.save_revision(approved_go_live_at=moment)

    def related_posts(self, posts):
        """The posts that share the most tags with this one, the newest of them first."""
        tags = [tag.pk for tag in self.tags.all()]
        return (
            posts.filter(tags__in=tags)
            .annotate(shared_tags=Count("tags"))
            .order_by("-shared_tags", "-date", "-pk")[: self.RELATED_COUNT]
        )


class ViewEvent(models.Model):
    """One reading of one post. There is no index on the time, as on many a site that counts this way."""

    post = models.ForeignKey(BlogPage, on_delete=models.CASCADE, related_name="view_events", db_index=False)
    visitor = models.PositiveIntegerField()
    viewed_at = models.DateTimeField()

    @classmethod
    def most_viewed(cls, since):
        """Rows of (post, views, readers) from that moment on, the most viewed first."""
        return (
            cls.objects.filter(viewed_at__gte=since, post__live=True)
            .values("post")
            .annotate(views=Count("pk"), readers=Count("visitor", distinct=True))
            .order_by("-views", "post")
        )
