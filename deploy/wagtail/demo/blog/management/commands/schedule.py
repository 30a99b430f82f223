"""Schedules a post: manage.py schedule SLUG SECONDS. It goes live when `publish_scheduled` runs next after that."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from wagtail.models import Locale

from blog.models import BlogPage


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("seconds", type=float)

    def handle(self, slug, seconds, **options):
        post = BlogPage.objects.get(slug=slug, locale=Locale.get_default())
        post.schedule(timezone.now() + timedelta(seconds=seconds))
