from django.apps import AppConfig
from django.conf import settings


class KitchenConfig(AppConfig):
    name = "kitchen"

    def ready(self):
        if not settings.LARDER_SECRET:  # else larder_wagtail does it
            from . import signals  # noqa: F401  (connects the receivers)
