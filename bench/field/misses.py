"""What goes upstream: pages that nobody asked for before, and what is never stored. The upstream is on the load's core."""
from itertools import count

import wrk
from hits import page
from rounds import interleaved, summary
from stand import Stand

FIRST = 10_000_000         # numbers of pages have eight digits
PER_SECOND_MAX = 200_000   # that a run may ask for
PASSED = "/_demo/private-1-1024/"


def rounds_of_fetches(stand, path, pattern_for, title):
    """Each request is one request upstream; wrk does not count the last ones, under way when it ended, nor its first."""
    def ask(server, seconds=stand.options.seconds):
        asked = stand.origin.pages_asked()
        told = wrk.run(server, stand.load_core, seconds, path, {}, pattern_for())
        fetched = stand.origin.pages_asked() - asked
        if not told["requests"] <= fetched <= told["requests"] + 2 * wrk.CONNECTIONS:
            raise RuntimeError(f"{title}: {server.name} fetched {fetched} times for {told['requests']} requests")
        return told
    for server in stand.servers.values():
        ask(server, 1)
    return summary(title, interleaved(stand.servers, ask, stand.options, title))


def miss(options, run_dir):
    numbers = count(FIRST, options.seconds * PER_SECOND_MAX)
    with Stand(options, run_dir, relays=True) as stand:
        for server in stand.servers.values():  # such a page is stored
            if server is not stand.servers.get("ceiling"):
                path = page(next(numbers), stand.size)
                stand.require(server, path, {}, from_memory=False)
                stand.require(server, path, {}, from_memory=True)
        return {"cases": {"miss": rounds_of_fetches(stand, page(1, stand.size),
                                                    lambda: ("fresh", page("%", stand.size), next(numbers)),
                                                    "misses, 1 KiB, each stored")}}


def passed(options, run_dir):
    with Stand(options, run_dir, relays=True) as stand:
        for server in stand.servers.values():
            for _ in range(2):
                stand.require(server, PASSED, {}, from_memory=False)
        return {"cases": {"pass": rounds_of_fetches(stand, PASSED, lambda: (), "passes, 1 KiB, never stored")}}
