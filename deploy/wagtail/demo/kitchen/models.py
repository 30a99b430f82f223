"""What surrounds every page: the footer, a snippet, and the announcement, a site setting."""

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import RichTextField
from wagtail.models import TranslatableMixin
from wagtail.snippets.models import register_snippet


@register_snippet
class Footer(TranslatableMixin, models.Model):
    """The text at the foot of every page; the first of a language is the one that is shown."""

    text = RichTextField(features=["bold", "italic", "link"])

    panels = [FieldPanel("text")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = "footer"

    def __str__(self):
        return f"Footer ({self.locale})"


@register_setting(icon="info-circle")
class Announcement(BaseSiteSetting):
    """One line at the head of every page; nothing is shown when it is empty."""

    text = models.CharField(max_length=200, blank=True)

    panels = [FieldPanel("text")]
