"""Larder is killed while editors publish: the admin does not notice, and no purge is lost."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from desk import Desk
from events import POSTS, Stage
from looks import Seen, text_of
from markers import Somebody

from editor import AdminError
from forms import FormError
from sessions import LoginError

PUBLISHES = 200
EDITORS = 4
KILLS = 8
# Longer than the app's longest pause between two attempts.
DELIVERY_TIMEOUT_S = 60
ERRORS = (AdminError, FormError, LoginError, requests.RequestException)

# What the outbox was told, in the order of the commits, whatever became of it.
JOURNAL = """
CREATE TABLE e2e_journal AS SELECT id, batch, selectors, created_at FROM larder_wagtail_purge WHERE 0;
CREATE TRIGGER e2e_journal AFTER INSERT ON larder_wagtail_purge BEGIN
  INSERT INTO e2e_journal SELECT NEW.id, NEW.batch, NEW.selectors, NEW.created_at;
END;
"""


def kill_larder(house):
    """200 publications while Larder is killed (-9) again and again: no error, every purge arrives, in order."""
    stand = house.stand
    stand.prepare(JOURNAL)
    posts = Stage(stand, None, "").posts()
    work = Work(stand, [post.id for post in posts])
    work.open_forms()
    passed = len(stand.tap.passed)
    with ThreadPoolExecutor(EDITORS) as pool:
        editors = [pool.submit(work.publish_in_turn, number) for number in range(EDITORS)]
        kill_again_and_again(stand, work)
        for editor in editors:
            editor.result()
    seconds = sorted(work.seconds)
    house.report.note(f"{len(seconds)} publications, the slowest took {seconds[-1]:.2f} s; {KILLS} kills")
    house.check(
        f"{PUBLISHES} publications by {EDITORS} editors, and the admin never errs",
        not work.errors and len(seconds) == PUBLISHES,
        work.errors,
    )
    waited = wait_for_delivery(stand)
    house.check("then nothing waits in the outbox, and nothing was set aside", waited == 0, f"{waited} rows")
    check_arrivals(house, stand.tap.passed[passed:])
    check_pages(house, posts, work)


class Work:
    """What there is to do for all editors, who do it at once: each has pages of their own."""

    def __init__(self, stand, pages):
        self.stand = stand
        self.pages = pages
        self.titles = {}
        self.seconds = []
        self.errors = []
        self.lock = threading.Lock()

    def open_forms(self):
        """Past Larder, as through another entrance: the admin has to work while it is gone.

        One after the other: Wagtail's editor of rich text has one parser for all threads, which fails when two forms
        are drawn at once.
        """
        self.desks = [Desk(self.stand.cms_url) for _ in range(EDITORS)]
        for number, desk in enumerate(self.desks):
            for page in self.pages[number::EDITORS]:
                desk.open(page)

    def publish_in_turn(self, number):
        desk, own = self.desks[number], self.pages[number::EDITORS]
        for turn in range(PUBLISHES // EDITORS):
            page = own[turn % len(own)]
            title = f"Edition {turn} of editor {number}"
            began = time.monotonic()
            try:
                desk.publish_opened(page, title=title)
            except ERRORS as error:
                self.errors.append(f"{title}: {error!r}")
                continue
            with self.lock:
                self.seconds.append(time.monotonic() - began)
                self.titles[page] = title


def kill_again_and_again(stand, work):
    """After every so many publications; it is gone for a moment and comes back with nothing in its memory."""
    for number in range(1, KILLS + 1):
        while len(work.seconds) + len(work.errors) < number * PUBLISHES // (KILLS + 2):
            time.sleep(0.005)
        stand.kill_larder()
        done = len(work.seconds)
        # At least one begins and ends while there is no Larder.
        while len(work.seconds) + len(work.errors) < done + EDITORS + 1:
            time.sleep(0.005)
        stand.start_larder(stand.config)


def wait_for_delivery(stand):
    deadline = time.monotonic() + DELIVERY_TIMEOUT_S
    while stand.unsent() and time.monotonic() < deadline:
        time.sleep(0.05)
    return stand.unsent()


def check_arrivals(house, passed):
    """The journal's batches against what Larder acknowledged."""
    batches = list(
        dict.fromkeys(f"msg_{batch}" for (batch,) in house.stand.query("SELECT batch FROM e2e_journal ORDER BY id"))
    )
    taken = [one.id for one in passed if one.status == 200]
    failed = sum(one.status == 0 for one in passed)
    first = list(dict.fromkeys(taken))
    missing = [one for one in batches if one not in set(first)]
    house.check(
        f"all {len(batches)} purges arrived, {failed} attempts found no Larder",
        not missing and len(batches) >= PUBLISHES and failed,
        missing,
    )
    position = {one: number for number, one in enumerate(batches)}
    order = [position[one] for one in first if one in position]
    wrong = [f"{later} before {sooner}" for sooner, later in zip(order[1:], order) if sooner < later]
    again = len(taken) - len(first)
    house.check(f"in the order of their commits, {again} of them more than once", not wrong, wrong)


def check_pages(house, posts, work):
    """Everybody sees the last edition, twice: as it comes, and as it is kept."""
    wrong = []
    for post in posts:
        wanted = Seen(holds=(work.titles[post.id],))
        for path in (post.path, f"/api/v2/blog-posts/{post.id}/", "/blog/", POSTS):
            for _ in range(2):
                answer = house.client.get(path)
                house.look_at(Somebody("a visitor after the outage"), path, answer)
                if not wanted.is_in(answer.status, text_of(answer)):
                    wrong.append(f"{path}: {answer.status} {answer.fields.get('cache-status')}, not {wanted}")
            if not answer.is_hit:
                wrong.append(f"{path}: {answer.fields.get('cache-status')}")
    house.check(f"{len(posts)} pages, the lists and the API show the last editions", not wrong, wrong)
