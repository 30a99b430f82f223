"""{% load larder %}{% larder_tag "footer" %} or {% larder_tag page.author %}: a tag for the page that shows it."""

from typing import Any

from django import template
from django.db.models import Model

from larder_wagtail.collect import add_tags

register = template.Library()


@register.simple_tag
def larder_tag(*things: Any) -> str:
    add_tags(*(thing if isinstance(thing, Model) else str(thing) for thing in things if thing not in (None, "")))
    return ""
