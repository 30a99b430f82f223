"""The app's settings, read when they are used, so that a test may override them."""

from typing import Any

from django.conf import settings

# What a site that sets LARDER_URL and LARDER_SECRET gets.
DEFAULTS: dict[str, Any] = {
    "LARDER_URL": "",  # Larder's webhook, such as http://127.0.0.1:8081/hooks/wagtail; empty: nothing is recorded
    "LARDER_SECRET": "",  # what webhooks.wagtail.auth.secret says: text, or whsec_ and base64
    "LARDER_EVENTS": True,  # listen to Wagtail; False: only depends_on, purge() and the frontend_cache backend
    "LARDER_SEND": "commit",  # "commit": at once, in the thread that committed; "worker": by a thread of its own
    "LARDER_TIMEOUT": 0.5,  # seconds that a commit may take longer for it
    "LARDER_REFRESH": True,  # Larder fetches again what a change purged that stays public
    "LARDER_MIDDLEWARE": True,  # put SurrogateKeyMiddleware first, unless the site names it itself
    "LARDER_TRACK": (),  # further models ("forum.Thread") whose objects become tags and whose changes purge them
    "LARDER_DEPENDS": {},  # {"forum.Post": ["thread:{thread_id}"]}: what @depends_on says
    "LARDER_LIST_FIELDS": {},  # {"blog.BlogPage": ["title"]}: text fields that lists are ordered or filtered by
}


def get(name: str) -> Any:
    return getattr(settings, name, DEFAULTS[name])


def refreshes() -> bool:
    """For what stays public: visitors will ask for it again."""
    return bool(get("LARDER_REFRESH"))


def is_enabled() -> bool:
    return bool(get("LARDER_URL"))
