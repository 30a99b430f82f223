"""The day's clock for what is stored: the replay takes minutes, so nothing would ever grow old by itself.

Every answer says in Cache-Status how long it stays fresh. When the log's clock has passed that moment and somebody asks
for the page again, it is purged just before: softly while the route's grace would still have served it stale, and hard
after that. So an entry lives as long as its route says, by the clock of the log. A purge takes all variants of the
address along, some of them a little early, which costs hits and never gives any.
"""

from threading import Lock


class Lifetimes:
    def __init__(self, larder, site_url, grace_s):
        self._larder, self._site_url, self._grace_s = larder, site_url, grace_s
        self._lock = Lock()
        self._ends = {}  # address -> variant -> when it is no longer fresh
        self._lifetimes_s = {}
        self.expired = 0

    def before(self, step, address):
        """Lets what is too old for this step grow old."""
        with self._lock:
            variants = self._ends.get(address)
            end_s = variants.get(step.visitor.variant) if variants else None
            if end_s is None or step.at_s < end_s:
                return
            is_in_grace = step.at_s < end_s + self._grace_s[step.flow]
            self._larder.purge([f"url:{self._site_url}{address}"], "soft" if is_in_grace else "hard")
            self.expired += 1
            if is_in_grace:  # this request has it made anew
                variants[step.visitor.variant] = step.at_s + self._lifetimes_s[address]
            else:
                variants.clear()

    def after(self, step, address, cache_status):
        if "ttl" not in cache_status or ("hit" in cache_status and "detail" in cache_status):
            return
        left_s = float(cache_status["ttl"])
        with self._lock:
            variants = self._ends.setdefault(address, {})
            if "stored" in cache_status or step.visitor.variant not in variants:
                self._lifetimes_s[address] = left_s
                variants[step.visitor.variant] = step.at_s + left_s
