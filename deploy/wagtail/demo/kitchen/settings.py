"""Settings of the demo site: a plain Wagtail in production mode, with Larder in front.

Everything that differs between two demos on one machine comes from the environment:

    DEMO_STATE         directory of the database, the media and the collected static files
    DEMO_SITE_URL      the address visitors use, which is Larder's public listener
    DEMO_LARDER_URL    Larder's admin listener, where the site sends its purges; empty: no purges
    DEMO_FRONT_ORIGIN  origins of the headless front end, with commas between them; they may read the API
    DEMO_APP_SECRET    larder_wagtail purges: it signs with this what it sends to Larder's webhook /hooks/wagtail; empty:
                       the site purges by wagtail.contrib.frontend_cache and by signals of its own
    DEMO_REFRESH       "yes": what the app purges is fetched again by Larder at once
    DEMO_HOOK_SECRET   the forum signs events with it and sends them to Larder's webhook; empty: it purges by itself
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("DEMO_STATE", BASE_DIR.parents[2] / "build/demo/site"))
SITE_URL = os.environ.get("DEMO_SITE_URL", "http://localhost:8080")
CACHE_URL = os.environ.get("DEMO_LARDER_URL", "").rstrip("/")
FRONT_ORIGINS = os.environ.get("DEMO_FRONT_ORIGIN", "http://localhost:8082").split(",")
FORUM_HOOK_SECRET = os.environ.get("DEMO_HOOK_SECRET", "")


def secret_key():
    """The key of this copy of the site, made when it is first needed, so that sessions outlive a restart."""
    path = STATE_DIR / "secret-key"
    if not path.exists():
        STATE_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = secret_key()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(SITE_URL).hostname]
CSRF_TRUSTED_ORIGINS = [SITE_URL, SITE_URL.replace("localhost", "127.0.0.1")]

INSTALLED_APPS = [
    "home",
    "blog",
    "contact",
    "forum",
    "accounts",
    "kitchen",
    "larder_wagtail",
    "wagtail.contrib.forms",
    "wagtail.contrib.frontend_cache",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
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
    "corsheaders",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "kitchen.counters.QueryCounter",
    "kitchen.cache_tags.CacheTags",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "kitchen.urls"
WSGI_APPLICATION = "kitchen.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE_DIR / "site.sqlite3",
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # Readers go on while an editor saves; writers queue instead of failing half way.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = STATE_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Hashed names: a static file never changes, a changed one has another address.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

WAGTAIL_SITE_NAME = "Pantry Notes"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILAPI_BASE_URL = SITE_URL
WAGTAILAPI_LIMIT_MAX = 100
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]

# The API is read anonymously: nobody's log-in counts there.
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": []}

# The headless front end lives on another origin. Every answer under these paths says `Vary: Origin`.
CORS_ALLOWED_ORIGINS = FRONT_ORIGINS
CORS_URLS_REGEX = r"^/(api/v2|blog/popular)/"

LOGOUT_REDIRECT_URL = "/"

# Who purges: the app, which needs these two settings, or Wagtail's own frontend_cache.
LARDER_SECRET = os.environ.get("DEMO_APP_SECRET", "")
LARDER_URL = f"{CACHE_URL}/hooks/wagtail" if CACHE_URL and LARDER_SECRET else ""
if CACHE_URL and not LARDER_SECRET:
    WAGTAILFRONTENDCACHE = {
        "larder": {
            "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
            "LOCATION": CACHE_URL,
        },
    }
# What the app cannot know: which tags the forum's pages have (forum/views.py). A thread's views and the time of its last
# post, which its posts tell of, are no change of what is kept.
LARDER_DEPENDS = {
    "forum.Post": ["thread:{thread_id}", "category:{thread.category.slug}", "forum-index"],
    "forum.Thread": [
        {"tags": ["thread:{pk}", "category:{category.slug}", "forum-index"], "ignore": ["views", "last_post_at"]}
    ],
    "forum.Reaction": ["thread:{post.thread_id}"],
    "forum.Category": ["forum"],
}
# The walk of deploy/demo shows that the first visitor after a publication is answered by Wagtail itself.
LARDER_REFRESH = os.environ.get("DEMO_REFRESH", "") == "yes"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"wagtail.frontendcache": {"level": "INFO"}, "kitchen.purges": {"level": "INFO"}, "larder_wagtail": {"level": "INFO"}},
}
