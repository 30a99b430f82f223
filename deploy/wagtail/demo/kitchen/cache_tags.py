"""What a page shows, told to the cache in the page's Cache-Tag field.

Whoever puts something that is edited elsewhere into a page (the footer, the announcement, a card of a post) adds a tag
here. When that thing changes, `purge_on_commit("tag:footer")` reaches exactly the pages that show it, whatever their
addresses, and nothing else: no list of pages to keep, no purge of everything. Larder keeps the field to itself.
"""


def add_cache_tags(request, *tags):
    request.cache_tags = getattr(request, "cache_tags", frozenset()).union(tags)


class CacheTags:
    """The middleware that writes the field."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        tags = getattr(request, "cache_tags", None)
        if tags:
            response["Cache-Tag"] = ", ".join(sorted(tags))
        return response
