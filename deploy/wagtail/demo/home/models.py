"""The front page, and plain pages of text."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.models import Page

from blog.models import BlogPage


class HomePage(Page):
    """The root of the site in one language: a welcome, the newest posts, and a way into each category."""

    heading = models.CharField(max_length=120)
    intro = RichTextField(blank=True, features=["bold", "italic", "link"])

    content_panels = Page.content_panels + [FieldPanel("heading"), FieldPanel("intro")]
    api_fields = [APIField("heading"), APIField("intro")]
    parent_page_types = ["wagtailcore.Page"]

    LATEST_COUNT = 9

    def get_context(self, request):
        context = super().get_context(request)
        posts = BlogPage.objects.filter(locale=self.locale).live().public().order_by("-date", "-pk")
        newest = list(posts[: self.LATEST_COUNT])
        context["lead"] = newest[0] if newest else None
        context["latest"] = newest[1:]
        return context


class InfoPage(Page):
    """A title and some text: about us, thanks for a message, what only members may read."""

    body = RichTextField()

    content_panels = Page.content_panels + [FieldPanel("body")]
    api_fields = [APIField("body")]
    parent_page_types = ["home.HomePage", "home.InfoPage", "contact.ContactPage"]
    subpage_types = ["home.InfoPage"]
