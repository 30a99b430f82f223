"""The people who log in: editors and members. They use the site's own forms, through Larder like everybody else."""

import re
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from threading import Condition, Lock

from day import LANGUAGES, NAME
from expectations import Shown

from editor import Editor
from forms import Form, stream_fields
from sessions import UserSession

LOGIN = "/accounts/login/"
WAIT_SECONDS_MAX = 60
FIRST_DATE = date(2026, 11, 17)  # a day after the newest post of the seed


class Names:
    """What the day's new things are called: the log knows them by names, the site by ids."""

    def __init__(self):
        self._condition = Condition()
        self._known = {}
        self._is_over = False

    def give(self, name, value):
        with self._condition:
            self._known[name] = str(value)
            self._condition.notify_all()

    def end(self):
        """Nothing more will get a name; who waits for one must not."""
        with self._condition:
            self._is_over = True
            self._condition.notify_all()

    def of(self, text):
        """The text with ids for names; waits for those who are making what it speaks of."""
        return NAME.sub(lambda match: self._wait(match[1]), text)

    def _wait(self, name):
        with self._condition:
            if not self._condition.wait_for(lambda: name in self._known or self._is_over, WAIT_SECONDS_MAX):
                raise TimeoutError(f"nobody made {name}")
            if name not in self._known:
                raise RuntimeError(f"{name} will not be made")
            return self._known[name]


def recorded(kind):
    """A session whose requests are noted in the ledger. Its browser speaks the language of most visitors, so that what
    must be kept apart is told apart by nothing but the session.
    """

    class Recorded(kind):
        def __init__(self, ledger, flow, *arguments):
            self.ledger, self.flow = ledger, flow
            self.lock = Lock()  # one person does one thing at a time
            super().__init__(*arguments)

        def get(self, url):
            return self._timed(super().get, url)

        def post(self, url, fields):
            return self._timed(super().post, url, fields)

        def _timed(self, send, *arguments):
            self.session.headers["Accept-Language"] = LANGUAGES[0][0]
            began = time.perf_counter()
            answer = send(*arguments)
            self.ledger.note(self.flow, answer.headers, (time.perf_counter() - began) * 1000)
            return answer

    return Recorded


class People:
    """Everyone's session, opened when it is first needed, and what they write."""

    def __init__(self, site_url, ledger, expectations, names, inventory, database):
        self.site_url, self.ledger, self.expectations, self.names = site_url, ledger, expectations, names
        self.index_id, self.database = inventory.index_id, database
        self.titles = {post.id: post.title for post in inventory.posts}
        self._sessions = {}
        self._lock = Lock()
        self._new_posts = 0
        self._editions = 0
        self._replies = {}  # id of the post -> its slot, its page, its text

    def session(self, user, flow):
        with self._lock:
            if user not in self._sessions:
                if user == "editor":
                    self._sessions[user] = recorded(Editor)(self.ledger, flow, self.site_url)
                else:
                    arguments = (self.site_url, LOGIN, user, f"{user}-password")
                    self._sessions[user] = recorded(UserSession)(self.ledger, flow, *arguments)
            return self._sessions[user]

    def read(self, step, address):
        """A page as its reader gets it, who must be the one that it was made for."""
        session = self.session(step.user, step.flow)
        with session.lock:
            text = session.get(self.site_url + address).text
        return text

    def act(self, step):
        """Does what the step says; the addresses that show it."""
        about = [self.names.of(part) if step.act != "new post" else part for part in map(str, step.about)]
        session = self.session(step.user, step.flow)
        doing = getattr(self, "_" + step.act.replace(" ", "_"))
        with self.expectations.writing() as change, session.lock:
            return doing(session, change, step.name, *about)

    # --- Editors -------------------------------------------------------------------------------------------------------

    def _new_title(self):
        self._editions += 1
        return f"Edition {self._editions:04} of the pantry"

    def _edit_post(self, editor, change, _name, post_id, own, *lists):
        title, before = self._new_title(), self.titles[int(post_id)]
        editor.publish(int(post_id), title=title)
        self.titles[int(post_id)] = title
        # Only where it is a title: the seed repeats it in the description.
        change.gone += [f'"title": "{before}"', f'"title":"{before}"', f">{before}<"]
        change.shown.append(Shown(own, "title", re.compile(title)))
        return [own, *lists]

    def _new_post(self, editor, change, name, _id, own, *lists):
        self._new_posts += 1
        title = self._new_title()
        fields = {
            "title": title,
            "slug": name,
            "date": (FIRST_DATE + timedelta(days=self._new_posts)).isoformat(),
            "author": "Edda Torp",
            "intro": "What came in today.",
            "image": "1",
            **stream_fields("body", [{"type": "quote", "value": "A second jar is a second chance."}]),
        }
        editor.publish_new(self.index_id, "blog/blogpage", **fields)
        with closing(sqlite3.connect(self.database)) as database:
            (post_id,) = database.execute("SELECT id FROM wagtailcore_page WHERE slug = ?", [name]).fetchone()
        self.titles[post_id] = title
        self.names.give(name, post_id)
        self.names.give(f"slug-of-{name}", name)
        addresses = [self.names.of(own), *lists]
        change.shown += [Shown(address, f"title of {name}", re.compile(title)) for address in addresses]
        return addresses

    # --- Members -------------------------------------------------------------------------------------------------------

    def _send(self, session, path, field, changes):
        """Fills in the form with that field at a path; where it led, and the page there as the writer sees it."""
        url = self.site_url + path
        page = session.get(url).text
        fields = {**Form(page, holding=field).fields, **(changes(page) if callable(changes) else changes)}
        answer = session.post(url, fields)
        if answer.status_code != 302:
            raise RuntimeError(f"the form at {path}: status {answer.status_code}")
        led_to = answer.headers["Location"]
        return led_to, session.get(self.site_url + led_to).text

    def _reply(self, session, change, name, thread_id):
        text = f"Tried again, and noted as {name}."
        led_to, page = self._send(session, f"/forum/t/{thread_id}/reply/", "text", {"text": text})
        address, _, anchor = led_to.partition("#")
        change.shown.append(Shown(address, name, re.compile(re.escape(text))))
        post_id = anchor.removeprefix("post-")
        self._replies[post_id] = (name, address, text)
        self.names.give(name, post_id)
        return self._newest_in(change, page, article_of(page, anchor), address)

    def _open_thread(self, session, change, name, slug):
        title = f"A question noted as {name}"
        text = "How long does it keep?"
        led_to, page = self._send(session, f"/forum/c/{slug}/new/", "title", {"title": title, "text": text})
        self.names.give(name, led_to.strip("/").rpartition("/")[2])
        change.shown.append(Shown(led_to, "title", re.compile(title)))
        return self._newest_in(change, page, page, led_to)

    def _newest_in(self, change, page, article, address):
        """The thread is now first in its category, by the moment of its newest post."""
        category = re.search(r'href="(/forum/c/[\w-]+/)"', page)[1]
        moment = re.compile(re.escape(re.search(r'<time datetime="[^"]+', article)[0].removeprefix("<time ")))
        change.shown += [Shown(category, "newest", moment), Shown("/forum/", f"newest in {category}", moment)]
        return [address, category, "/forum/"]

    def _delete(self, session, change, name, _thread_id, post_id):
        reply, address, text = self._replies.pop(post_id)
        self._send(session, f"/forum/p/{post_id}/delete/", "csrfmiddlewaretoken", {})
        change.gone.append(text)
        change.gone_slots.append((address, reply))
        return [address]

    def _react(self, session, change, _name, thread_id):
        """To the first post that is there; the same member's second reaction takes the place of the first."""
        page = session.get(f"{self.site_url}/forum/t/{thread_id}/").text
        found = re.search(r"/forum/p/(\d+)/react/", page)
        if not found:
            return []
        led_to, page = self._send(session, found[0], "csrfmiddlewaretoken", another_reaction)
        address, _, anchor = led_to.partition("#")
        counts = re.search(r"Thanks \d+ · Tried it \d+ · I doubt it \d+", article_of(page, anchor))[0]
        pattern = re.compile(rf'id="{anchor}"(?:(?!</article>).)*{counts}\b', re.DOTALL)
        change.shown.append(Shown(address, f"reactions to {anchor}", pattern, is_soft=True))
        return [address]


def another_reaction(page):
    """Not the one that the form has checked, which would take it back."""
    own = re.search(r'name="kind" value="(\w+)"[^>]*\bchecked', page)
    return {"kind": "tried" if own and own[1] == "thanks" else "thanks"}


def article_of(page, anchor):
    """The post of that anchor in a thread's page."""
    found = re.search(rf'<article[^>]* id="{anchor}">.*?</article>', page, re.DOTALL)
    if not found:
        raise RuntimeError(f"the thread does not show {anchor}")
    return found[0]
