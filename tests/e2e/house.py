"""The running site, and the visitors who come to it."""

from contextlib import contextmanager

from browsing import LOOKED_INTO, Visitor
from crawling import STARTS, Client, Crawl

from editor import PASSWORD as EDITOR_PASSWORD
from editor import Editor
from sessions import UserSession

MEMBERS = ("mara", "nils")
EDITOR = "editor"
LOGIN = "/accounts/login/"


def password_of(username):
    return EDITOR_PASSWORD if username == EDITOR else f"{username}-password"


class House:
    """What a journey works with: the stand, the browser, the watch, the report."""

    def __init__(self, stand, browser, watch, report):
        self.stand = stand
        self.browser = browser
        self.watch = watch
        self.report = report
        self.client = Client.of_larder(stand)
        self._addresses = None

    def check(self, title, holds, seen=""):
        self.report.check(title, holds, seen)

    @contextmanager
    def visitors(self, *names):
        """New browsers of these names, who are nobody yet; they leave together."""
        visitors = [Visitor(self.browser, self.watch, name, self.stand.url) for name in names]
        try:
            yield visitors if len(visitors) > 1 else visitors[0]
        finally:
            for visitor in visitors:
                visitor.leave()

    def look_at(self, somebody, path, answer, watch=None):
        """Has a watch (the house's) look at an answer that came without a browser; what it found."""
        text = answer.text if answer.content_type.startswith(LOOKED_INTO) else ""
        is_page = answer.content_type == "text/html" and not 300 <= answer.status < 400
        return (watch or self.watch).look(somebody, path, text, is_page, answer.cookies)

    def session(self, username):
        """The user's session without a browser: only its cookies."""
        if username == EDITOR:
            return Editor(self.stand.url)
        return UserSession(self.stand.url, LOGIN, username, password_of(username))

    @property
    def addresses(self):
        """Every address that an anonymous visitor finds; they are looked for once."""
        if self._addresses is None:
            self.remember(Crawl(self.client, self.stand.host, STARTS))
        return self._addresses

    def remember(self, crawl):
        self._addresses = list(crawl.answers)

    def purge_all(self):
        self.stand.forget_everything()


def log_in(visitor, username):
    """By the members' form, or by the admin's for the editor."""
    visitor.go("/admin/login/" if username == EDITOR else LOGIN)
    visitor.fill(username=username, password=password_of(username))
    visitor.user = username  # the answer to the form is already theirs
    visitor.send('form:has([name="password"])')


def log_out(visitor):
    """By the button at the head of every page."""
    visitor.user = None
    visitor.send('form[action="/accounts/logout/"]')
