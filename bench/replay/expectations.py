"""What was written, and what every page that is read afterwards must therefore show.

A write that has been acknowledged has also been purged: whoever asks after that must not see what was there before. Two
things are looked for: texts that a write took away, in every page at all; and texts that a write put somewhere, in the
pages where it belongs. A read that began before the write ended proves nothing either way and is left out.
"""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@dataclass(frozen=True)
class Shown:
    """A pattern that a page must match from now on, in the place of whatever was demanded for the same slot."""

    address: str
    slot: str
    pattern: re.Pattern
    is_soft: bool = False  # a soft purge: an answer that says it is stale may still be the old one


@dataclass
class Change:
    """What one write changed."""

    shown: list = field(default_factory=list)
    gone: list = field(default_factory=list)  # texts
    gone_slots: list = field(default_factory=list)  # pairs of address and slot


@dataclass(frozen=True)
class Look:
    """What was known when a read began."""

    sequence: int
    demands: dict


class Expectations:
    def __init__(self):
        self._lock = Lock()
        self._writers = Lock()
        self._sequence = 0
        self._gone = {}  # text -> the sequence of the write that took it away
        self._demands = {}  # address -> slot -> Shown
        self._is_writing = False
        self.checked = 0
        self.problems = []

    @contextmanager
    def writing(self):
        """One write at a time, so that what each page must show is known; it fills in the change that is yielded."""
        with self._writers:
            change = Change()
            self._is_writing = True
            try:
                yield change
                with self._lock:
                    self._apply(change)
            finally:
                self._is_writing = False

    def _apply(self, change):
        self._sequence += 1
        for text in change.gone:
            self._gone[text] = self._sequence
        for address, slot in change.gone_slots:
            self._demands.get(address, {}).pop(slot, None)
        for shown in change.shown:
            self._demands.setdefault(shown.address, {})[shown.slot] = shown

    def begin_read(self, address):
        with self._lock:
            demands = {} if self._is_writing else dict(self._demands.get(address, {}))
            return Look(self._sequence, demands)

    def end_read(self, look, address, text, is_stale):
        """Notes what is wrong with an answer to a read that began with this look."""
        with self._lock:
            gone = [known for known, sequence in self._gone.items() if sequence <= look.sequence]
            demands = {} if self._is_writing else self._demands.get(address, {})
            demands = [shown for slot, shown in look.demands.items() if demands.get(slot) is shown]
        wrong = [f"{address} still shows {known!r}" for known in gone if known in text]
        for shown in demands:
            if not shown.pattern.search(text) and not (shown.is_soft and is_stale):
                wrong.append(f"{address} does not show {shown.pattern.pattern!r}")
        with self._lock:
            self.checked += len(demands)
            self.problems += wrong
        return wrong
