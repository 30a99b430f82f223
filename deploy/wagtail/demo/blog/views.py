"""The "popular posts" API: the one slow query of the site, asked for by every page's sidebar."""

from datetime import timedelta

from django import forms
from django.db.models import Max
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from .models import BlogPage, ViewEvent


class PopularQuery(forms.Form):
    limit = forms.IntegerField(min_value=1, max_value=50, required=False)
    days = forms.IntegerField(min_value=1, max_value=365, required=False)


@require_safe
def popular(request):
    """GET /blog/popular/?limit=5&days=30: the most viewed posts of the days before the newest view."""
    query = PopularQuery(request.GET)
    if not query.is_valid():
        return JsonResponse({"errors": query.errors}, status=400)
    limit = query.cleaned_data["limit"] or 5
    days = query.cleaned_data["days"] or 30

    newest = ViewEvent.objects.aggregate(newest=Max("viewed_at"))["newest"] or timezone.now()
    ranking = list(ViewEvent.most_viewed(since=newest - timedelta(days=days))[:limit])
    posts = BlogPage.objects.in_bulk([row["post"] for row in ranking])
    return JsonResponse(
        {
            "limit": limit,
            "days": days,
            "posts": [
                {
                    "id": row["post"],
                    "title": posts[row["post"]].title,
                    "url": posts[row["post"]].get_url(request),
                    "views": row["views"],
                    "readers": row["readers"],
                }
                for row in ranking
            ],
        }
    )
