"""A small site with one of everything that the app listens to."""

import os
import tempfile
from pathlib import Path

# In memory where there is such a place: nothing of it is kept.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
STATE = Path(os.environ.get("PANTRY_STATE") or tempfile.mkdtemp(prefix="pantry.", dir=MEMORY))

SECRET_KEY = "not a secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "pantry.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "pantry",
    "larder_wagtail",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.api.v2",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.locales",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "rest_framework",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE / "pantry.sqlite3",
        "OPTIONS": {"timeout": 20},
        # A file, so that threads and processes share it.
        "TEST": {"NAME": STATE / "test.sqlite3"},
    }
}
# PostgreSQL, where a database is given: postgresql://user@host:port/name
if dsn := os.environ.get("PANTRY_POSTGRES"):
    from urllib.parse import urlsplit

    parts = urlsplit(dsn)
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts.hostname,
        "PORT": parts.port,
        "USER": parts.username,
        "NAME": parts.path.lstrip("/"),
    }


class NoMigrations:
    """Tables are made as the models are: Wagtail's migrations take longer than all the tests."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


MIGRATION_MODULES = NoMigrations()
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
USE_TZ = True
USE_I18N = True
LANGUAGE_CODE = "en"
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("en", "English"), ("de", "Deutsch")]
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
MEDIA_ROOT = STATE / "media"
WAGTAIL_SITE_NAME = "Pantry"
WAGTAILADMIN_BASE_URL = "http://pantry.example"
WAGTAILAPI_BASE_URL = "http://pantry.example"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg"]

# All that a site has to say. No sidecar is there: each test starts its own receiver and names it.
LARDER_URL = "http://127.0.0.1:9/hooks/wagtail"
LARDER_SECRET = "whsec_cGFudHJ5LXBhbnRyeS1wYW50cnktcGFudHJ5LXBhbnRyeS0="
LARDER_DEPENDS = {"pantry.Recipe": [{"tags": ["featured-recipes"], "fields": ["featured"], "on": ["changed"]}]}
LARDER_TRACK = ["pantry.Thread"]
