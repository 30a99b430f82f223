from django.apps import AppConfig


class LarderConfig(AppConfig):
    name = "larder_wagtail"
    label = "larder_wagtail"
    verbose_name = "Larder"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks, depends, events, middleware, worker

        checks.register()
        depends.register_settings()
        events.connect()
        middleware.install()
        worker.connect()
