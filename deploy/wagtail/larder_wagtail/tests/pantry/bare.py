"""The app alone, for its migrations."""

from .settings import *  # noqa: F403

INSTALLED_APPS = ["larder_wagtail"]
MIDDLEWARE = []
MIGRATION_MODULES = {}
LARDER_URL = ""
LARDER_DEPENDS = {}
ROOT_URLCONF = "pantry.bare"
urlpatterns = []
