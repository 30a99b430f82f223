"""What each request of the replay was to the cache, how long it took, and the table of it."""

from dataclasses import dataclass, field
from threading import Lock

from visits import parse_cache_status


@dataclass
class Row:
    requests: int = 0
    hits: int = 0
    stale: int = 0  # of the hits: served within grace while the page is made anew
    queries: int = 0
    hit_ms: list = field(default_factory=list)
    other_ms: list = field(default_factory=list)

    @property
    def hit_ratio(self):
        return self.hits / self.requests if self.requests else 0.0


class Ledger:
    def __init__(self, flows):
        self._lock = Lock()
        self.rows = {flow: Row() for flow in flows}
        self.queries_saved = 0

    def note(self, flow, fields, ms):
        """One answer; its Cache-Status as parsed."""
        cache_status = parse_cache_status(fields.get("Cache-Status", ""))
        queries = int(fields.get("X-Demo-Queries", 0))  # of the answer when it was made
        with self._lock:
            row = self.rows[flow]
            row.requests += 1
            if "hit" in cache_status:
                row.hits += 1
                row.stale += is_stale(cache_status)
                row.hit_ms.append(ms)
                self.queries_saved += queries
            else:
                row.other_ms.append(ms)
                row.queries += 0 if "collapsed" in cache_status else queries
        return cache_status


def is_stale(cache_status):
    return "hit" in cache_status and "detail" in cache_status


def percentile(values, share):
    """The least value that is not exceeded by this share of them."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def milliseconds(value):
    if value is None:
        return ""
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def pair(values):
    return f"{milliseconds(percentile(values, 0.5))} / {milliseconds(percentile(values, 0.99))}" if values else ""


HEAD = ["flow", "requests", "hits", "of them stale", "hit ratio", "hit ms", "miss or pass ms", "queries at the CMS"]
CMS_HEAD = ["CMS alone ms", "CMS alone, all at once ms"]


def table(rows, alone=None):
    """Markdown. `alone` has for each flow the times of the CMS without Larder: one by one, and all clients at once."""
    head = HEAD + (CMS_HEAD if alone else [])
    lines = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for flow, row in rows.items():
        ratio = f"{row.hit_ratio:.1%}"
        cells = [flow, row.requests, row.hits, row.stale, ratio, pair(row.hit_ms), pair(row.other_ms), row.queries]
        lines.append(cells + [pair(times) for times in (alone or {}).get(flow, ([], []) if alone else [])])
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
