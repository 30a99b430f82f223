"""Whose is what, and the rule that nobody else gets it.

Each page of the site names its viewer and shows a logged-in user's own note. Beyond that a response may hold the token
of somebody's forms, the editor's user bar, a cookie given to one visitor, or a text that is kept for some visitors.
"""

import re
import string
from dataclasses import dataclass

VIEWER = re.compile(r'<meta name="viewer" content="([^"]*)">')
NOTE = re.compile(r"note-of-([a-z]+)")
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')
USER_BAR = "wagtail-userbar"
EDITOR = "editor"

# What the seeded site tells only behind its doors.
CLUB_SECRET = "The secret of the recipes club"
STAFF_SECRET = "The secret of the staff room"
ROTA_SECRET = "The secret of the rota"

# Not pages of the site: they are made by other templates, and name no viewer.
WITHOUT_VIEWER = re.compile(r"/(admin|django-admin|_util)/")

OWNED_COOKIES = ("sessionid", "csrftoken")
TOKEN_LETTERS = string.ascii_letters + string.digits


def viewer_of(user):
    """What a page says of its viewer."""
    return f"user:{user}" if user else "anonymous"


def secret_of(token):
    """The secret inside the token of a form, which Django masks anew for each page (django.middleware.csrf)."""
    mask, masked = token[:32], token[32:]
    pairs = zip((TOKEN_LETTERS.index(letter) for letter in masked), (TOKEN_LETTERS.index(letter) for letter in mask))
    return "".join(TOKEN_LETTERS[letter - shift] for letter, shift in pairs)


@dataclass(eq=False)
class Somebody:
    """A visitor, as far as the watch is concerned: a browser or a session, and who is logged in there now."""

    name: str
    user: str | None = None


class Watch:
    """Remembers what was given to whom, and finds what went to somebody else."""

    def __init__(self):
        self.owners = {}  # a secret that a response handed out -> the visitor who got it first
        self.begin_part()

    def begin_part(self):
        # A text -> the visitors who may see it.
        self.kept = {secret: () for secret in (CLUB_SECRET, STAFF_SECRET, ROTA_SECRET)}
        self.looked_at = 0
        self.found = []

    def keep(self, text, *visitors):
        """From now on only these visitors may get this text."""
        self.kept[text] = visitors

    def publish(self, text):
        """From now on everybody may."""
        del self.kept[text]

    def look(self, visitor, path, text, is_page=False, given_cookies=()):
        """Looks for what is not this visitor's; whatever is found is kept in `found`, too.

        A page of the site has to name its viewer; whatever else names one has to be right.
        """
        wanted = viewer_of(visitor.user)
        viewers = VIEWER.findall(text)
        foreign = [f"a page for {viewer} (and is {wanted})" for viewer in viewers if viewer != wanted]
        if is_page and not viewers and not WITHOUT_VIEWER.match(path):
            foreign.append("a page that names no viewer")
        foreign += [f"the note of {name}" for name in set(NOTE.findall(text)) if name != visitor.user]
        if USER_BAR in text and visitor.user != EDITOR:
            foreign.append("the editor's user bar")
        for token in FORM_TOKEN.findall(text):
            foreign += self.claim(visitor, "form token", secret_of(token))
        for name, value in given_cookies:
            if name in OWNED_COOKIES and value.strip('"'):
                foreign += self.claim(visitor, f"cookie {name}", value)
        foreign += [
            f"the kept text '{kept}'"
            for kept, owners in self.kept.items()
            if kept in text and all(visitor is not owner for owner in owners)
        ]
        self.looked_at += 1
        found = [f"{visitor.name} got {thing} at {path}" for thing in foreign]
        self.found += found
        return found

    def claim(self, visitor, what, secret):
        """The first to be given a secret owns it; a complaint when that was somebody else."""
        owner = self.owners.setdefault(secret, visitor)
        return [] if owner is visitor else [f"the {what} of {owner.name}"]
