"""Drafts for the headless front end: an editor gets a token, and who has the token reads that one page's draft.

The token is signed, names one page and dies after an hour. It is given to editors only, on addresses that answer
nobody else; the draft itself is read from the API with the token alone, since the front end has no session here.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import Page

SALT = "kitchen.previews"
LIFETIME_S = 3600


def make_token(page):
    return signing.dumps(page.pk, salt=SALT)


def page_id_of(token):
    """The page that a token is for; None when it is no token of ours or too old."""
    try:
        return signing.loads(token, salt=SALT, max_age=LIFETIME_S)
    except signing.BadSignature:
        return None


def front_end_url(token):
    # Behind the `#`, so that it stands in no server's log.
    return f"{settings.FRONT_ORIGINS[0]}/#/preview/{token}"


def page_for_editor(user, page_id):
    page = get_object_or_404(Page, pk=page_id)
    if not page.permissions_for_user(user).can_edit():
        raise PermissionDenied
    return page


@require_safe
@never_cache
@login_required
def preview_token(request):
    """GET /api/v2-tokens/?page=12, logged in as an editor of that page."""
    page_id = request.GET.get("page", "")
    if not (page_id.isascii() and page_id.isdigit()):
        raise Http404("no such page")
    token = make_token(page_for_editor(request.user, page_id))
    return JsonResponse({"page": int(page_id), "token": token, "url": front_end_url(token)})


@require_safe
def headless_preview(request, page_id):
    """The button in the Wagtail admin: leads to the draft in the front end."""
    return redirect(front_end_url(make_token(page_for_editor(request.user, page_id))))
