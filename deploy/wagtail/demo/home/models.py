"""The front page."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.models import Page

from blog.models import BlogPage, Category


class HomePage(Page):
    """The root of the site: a welcome, the newest posts, and a way into each category."""

    heading = models.CharField(max_length=120)
    intro = RichTextField(blank=True, features=["bold", "italic", "link"])

    content_panels = Page.content_panels + [FieldPanel("heading"), FieldPanel("intro")]
    api_fields = [APIField("heading"), APIField("intro")]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1

    LATEST_COUNT = 9

    def get_context(self, request):
        context = super().get_context(request)
        posts = list(BlogPage.objects.live().public().order_by("-date", "-pk")[: self.LATEST_COUNT])
        context["lead"] = posts[0] if posts else None
        context["latest"] = posts[1:]
        context["categories"] = Category.with_post_counts()
        return context
