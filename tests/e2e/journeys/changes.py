"""Everything that changes what visitors see, while readers hammer the pages that show it.

The editor's act has returned: from that moment no answer may be older, on whichever page and in the API.
"""

import time
import traceback

import forum_events  # noqa: F401  adds its events to the others
from desk import Desk
from documented import CHANGES_TABLE, cell, documented
from events import EVENTS, Stage
from hands import BrowserHands
from looks import API, ELSEWHERE, PAGE, text_of
from markers import Somebody
from reader import Readers

PROVEN_BY = ("setting edited", "page made private")  # a check that cannot fail proves nothing


def by_browser(house):
    """Events, by an editor in the browser where there is one: the next answer is right, and none after it is older."""
    with house.visitors("editor") as editor, Readers(house.stand) as readers:
        desk = Desk(house.stand.url)
        stage = Stage(house.stand, desk, "b1", BrowserHands(editor, desk))
        each_event(house, stage, lambda change: change.check_with(readers))


def with_atomic_requests(house):
    """The same with ATOMIC_REQUESTS: each request of an editor is one transaction."""
    with house.stand.another_site(is_atomic=True, wants_refresh=True), Readers(house.stand) as readers:
        stage = Stage(house.stand, Desk(house.stand.url), "a1")
        each_event(house, stage, lambda change: change.check_with(readers))


def by_stock_wagtail(house):
    """Without the app, by wagtail.contrib.frontend_cache alone: what is old then is what the documents say."""
    table = documented()
    house.check(f"{CHANGES_TABLE.name} has each event", list(table) == list(EVENTS), list(table))
    with house.stand.another_site(purges="stock"), Readers(house.stand) as readers:
        stage = Stage(house.stand, Desk(house.stand.url), "s1")
        each_event(house, stage, lambda change: change.check_documented(table.get(change.name), readers))


def each_event(house, stage, check):
    """One that cannot go on is a failed check, and does not hide the others."""
    for name, event in EVENTS.items():
        try:
            check(Change(house, stage, name, event(stage)))
        except Exception as error:
            lines = traceback.format_exception_only(error) + traceback.format_tb(error.__traceback__)[::-1]
            house.check(f"{name}: goes on to its end", False, "".join(lines))


class Change:
    """One event, and what is seen of it."""

    def __init__(self, house, stage, name, steps):
        self.house = house
        self.stage = stage
        self.name = name
        self.steps = steps
        self.looks = next(steps)

    def check_with(self, readers):
        self.prime()
        passed = len(self.house.stand.tap.passed)
        readers.begin(self.looks)
        self.act()
        acknowledged = time.monotonic()
        answers = self.next_answers()
        unsent = self.house.stand.unsent()
        history = readers.end()
        sent = self.house.stand.tap.since(passed)
        self.house.check(f"{self.name}: Larder has acknowledged it", not unsent, [f"{unsent} wait", *sent])
        wrong = self.wrong_answers(answers)
        api = sum(look.kind == API for look in self.looks)
        self.house.check(
            f"{self.name}: the next answers are right, {len(answers) - api} in HTML and {api} in the API",
            not wrong,
            [*wrong, *sent],
        )
        count, wrong = self.wrong_history(history, acknowledged)
        self.house.check(
            f"{self.name}: of {len(history)} answers to readers {count} came after it, and none is older",
            not wrong,
            [*wrong, *sent],
        )

    def check_documented(self, row, readers):
        """What stock Wagtail leaves old; some of it also with readers, who have to notice."""
        self.prime()
        if self.name in PROVEN_BY:
            readers.begin(self.looks)
        self.act()
        acknowledged = time.monotonic()
        answers = self.next_answers()
        is_right = {look: look.after.is_in(answer.status, text_of(answer)) for look, answer in zip(self.looks, answers)}
        cells = [
            cell([right for look, right in is_right.items() if look.kind == kind and look.is_stored and not look.stays])
            for kind in (PAGE, ELSEWHERE, API)
        ]
        self.house.check(f"{self.name}: page, elsewhere, API: {', '.join(cells)}", row == [*cells, "yes"], row)
        if self.name in PROVEN_BY:
            _, wrong = self.wrong_history(readers.end(), acknowledged)
            self.house.check(f"{self.name}: the readers notice that it is old", len(wrong) > 1, wrong)

    def next_answers(self):
        answers = [self.house.client.get(look.path) for look in self.looks]
        for look, answer in zip(self.looks, answers):
            self.house.look_at(Somebody(f"a visitor after: {self.name}"), look.path, answer)
        return answers

    def prime(self):
        """Everything is stored as it was, and nothing is older than this event."""
        self.house.purge_all()
        for look in self.looks:
            self.house.client.get(look.path)
        wrong = []
        for look in self.looks:
            answer = self.house.client.get(look.path)
            if not look.before.is_in(answer.status, text_of(answer)) or answer.is_hit != look.is_stored:
                wrong.append(f"{look.path}: {answer.status} {answer.fields.get('cache-status')}, not {look.before}")
        self.house.check(f"{self.name}: {len(self.looks)} addresses are hits as it was before", not wrong, wrong)

    def act(self):
        for _ in self.steps:
            raise AssertionError(f"{self.name} yields once")

    def wrong_answers(self, answers):
        return [
            f"{look.path}: {answer.status} {answer.fields.get('cache-status')}, not {look.after}"
            for look, answer in zip(self.looks, answers)
            if not look.after.is_in(answer.status, text_of(answer)) or (look.stays and not answer.is_hit)
        ]

    def wrong_history(self, history, acknowledged):
        """The readers' word: it was the old one that was in the cache, and none was answered after it."""
        old_hits = {one.look for one in history if one.is_before and one.is_hit and one.sent < acknowledged}
        after = [one for one in history if one.sent > acknowledged]
        wrong = [
            f"{self.looks[one.look].path} {one.sent - acknowledged:+.3f} s: {one.said}"
            for one in after
            if not one.is_after
        ]
        wrong += [f"{self.looks[one.look].path}: {one.said}" for one in history if one.failed]
        asked_after = {one.look for one in after}
        for number, look in enumerate(self.looks):
            if look.is_stored and number not in old_hits:
                wrong.append(f"{look.path}: no hit with what was before")
            if number not in asked_after:
                wrong.append(f"{look.path}: not asked for afterwards")
        return len(after), wrong
