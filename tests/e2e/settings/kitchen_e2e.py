"""The demo site's settings as the journeys need them.

E2E_PURGES    larder: by larder-wagtail   stock: by wagtail.contrib.frontend_cache alone   none: by nobody
E2E_ATOMIC    1: ATOMIC_REQUESTS
E2E_REFRESH   1: Larder fetches again what was purged
"""

import os

from kitchen.settings import *  # noqa: F403

PURGES = os.environ["E2E_PURGES"]
LARDER_SECRET = os.environ["E2E_HOOK_SECRET"]  # with it the site's own receivers are silent
DATABASES["default"]["ATOMIC_REQUESTS"] = os.environ.get("E2E_ATOMIC") == "1"  # noqa: F405
LARDER_REFRESH = os.environ.get("E2E_REFRESH") == "1"
WAGTAILFRONTENDCACHE = {}
# Nobody is told anything, unless it is said below.
LARDER_URL = ""

if PURGES == "larder":
    LARDER_URL = os.environ["E2E_HOOK_URL"]
elif PURGES == "stock":
    WAGTAILFRONTENDCACHE = {
        "larder": {
            "BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend",
            "LOCATION": os.environ["E2E_ADMIN_URL"],
        }
    }
