from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail import blocks
from wagtail.api import APIField
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting, register_setting
from wagtail.documents.models import Document
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.images.models import Image
from wagtail.models import DraftStateMixin, Orderable, Page, RevisionMixin, TranslatableMixin
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.snippets.models import register_snippet

import larder_wagtail as larder


@register_snippet
class Category(models.Model):
    name = models.CharField(max_length=60)
    position = models.IntegerField(default=0)


@register_snippet
class Banner(models.Model):
    """Shows a category: what refers to it refers to that, too."""

    text = models.CharField(max_length=60)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    places = models.ManyToManyField("Board", blank=True, related_name="banners")


@register_snippet
class Notice(DraftStateMixin, RevisionMixin, models.Model):
    text = models.CharField(max_length=60)


@register_snippet
class Footer(TranslatableMixin, models.Model):
    text = models.CharField(max_length=60)


@register_setting
class Announcement(BaseSiteSetting):
    text = models.CharField(max_length=60, blank=True)


@register_setting
class Brand(BaseGenericSetting):
    name = models.CharField(max_length=60, blank=True)


class HomePage(Page):
    pass


class IndexPage(Page):
    intro = RichTextField(blank=True)

    def get_context(self, request):
        context = super().get_context(request)
        context["recipes"] = Recipe.objects.child_of(self).live().public().order_by("-date")
        return context


class RecipeTag(TaggedItemBase):
    content_object = ParentalKey("pantry.Recipe", related_name="tagged_items", on_delete=models.CASCADE)


class Recipe(Page):
    date = models.DateField(null=True, blank=True)
    featured = models.BooleanField(default=False)
    intro = models.CharField(max_length=200, blank=True)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    image = models.ForeignKey(Image, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    leaflet = models.ForeignKey(Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    body = StreamField(
        [
            ("text", blocks.RichTextBlock()),
            ("image", ImageChooserBlock()),
            ("banner", SnippetChooserBlock(Banner)),
            ("page", blocks.PageChooserBlock()),
        ],
        blank=True,
    )
    tags = ClusterTaggableManager(through=RecipeTag, blank=True)

    api_fields = [APIField("intro"), APIField("category")]


class Step(Orderable):
    recipe = ParentalKey(Recipe, related_name="steps", on_delete=models.CASCADE)
    text = models.CharField(max_length=60)


# --- A forum, which Wagtail knows nothing of -------------------------------------------------------------------------


@larder.depends_on("forum-index", prefixes=["/forum/c/{slug}/"], ignore=["visits"])
class Board(models.Model):
    slug = models.SlugField()
    title = models.CharField(max_length=60)
    visits = models.IntegerField(default=0)


@larder.depends_on("thread:{pk}", "board:{board.slug}", ignore=["views"])
class Thread(models.Model):
    board = models.ForeignKey(Board, on_delete=models.CASCADE)
    title = models.CharField(max_length=60)
    views = models.IntegerField(default=0)


@larder.depends_on("thread:{thread_id}", "board:{thread.board.slug}")
class Post(models.Model):
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE)
    text = models.TextField()
    deleted_at = models.DateTimeField(null=True, blank=True)


@larder.depends_on("thread:{post.thread_id}", mode="soft", refresh=False)
class Reaction(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10)
