"""The contact form. Editors choose its fields; what visitors send is in the Wagtail admin under "Forms"."""

from django.contrib import messages
from django.db import models
from django.shortcuts import redirect
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.contrib.forms.panels import FormSubmissionsPanel
from wagtail.fields import RichTextField


class ContactField(AbstractFormField):
    page = ParentalKey("contact.ContactPage", on_delete=models.CASCADE, related_name="form_fields")


class ContactPage(AbstractForm):
    """A form; who has sent it is led to another page and thanked there, once."""

    intro = RichTextField(blank=True, features=["bold", "italic", "link"])
    thanks_page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    content_panels = AbstractForm.content_panels + [
        FormSubmissionsPanel(),
        FieldPanel("intro"),
        InlinePanel("form_fields", label="Fields"),
        PageChooserPanel("thanks_page"),
    ]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.InfoPage"]

    def render_landing_page(self, request, form_submission=None, *args, **kwargs):
        name = form_submission.form_data.get("name", "") if form_submission else ""
        messages.success(request, f"Thank you, {name}. Your message has arrived.")
        return redirect((self.thanks_page or self).get_url(request))
