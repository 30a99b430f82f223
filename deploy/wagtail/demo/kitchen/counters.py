"""Counts what reaches the CMS, so that a cache hit can be shown to cost it nothing.

Each response says how many SQL queries it took in X-Demo-Queries (a cached copy keeps the number of its original), and
COUNTERS_PATH gives the totals since the start. The totals belong to the process: the demo runs one gunicorn worker with
several threads.
"""

from threading import Lock

from django.db import connection
from django.http import JsonResponse

COUNTERS_PATH = "/_demo/counters/"


class QueryCounter:
    """The outermost middleware; its own address is answered here and is not counted."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.lock = Lock()
        self.requests = 0
        self.queries = 0

    def __call__(self, request):
        if request.path == COUNTERS_PATH:
            return self.totals()

        queries = 0

        def count(execute, sql, params, many, context):
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)

        with self.lock:
            self.requests += 1
            self.queries += queries
        response["X-Demo-Queries"] = str(queries)
        return response

    def totals(self):
        with self.lock:
            totals = {"requests": self.requests, "queries": self.queries}
        return JsonResponse(totals, headers={"Cache-Control": "no-store"})
