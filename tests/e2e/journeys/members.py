"""Members: they log in and out, change their notes, and are told once that it worked."""

from house import log_in, log_out
from journeys.reading import POST

NEW_NOTE = "note-of-mara: the plums are behind the beans"
SAVED = "Your note was saved, mara."


def log_in_and_out(house):
    """Pages are the member's after the log-in and nobody's after the log-out, on the way back too."""
    with house.visitors("mara", "nils", "visitor") as (mara, nils, visitor):
        for path in ("/", POST):
            mara.go(path)
        log_in(mara, "mara")
        log_in(nils, "nils")
        for path in ("/", POST, "/forum/", "/accounts/profile/"):
            for member in (mara, nils):
                member.go(path)
                house.check(f"{path} is {member.name}'s", member.shows(f"note-of-{member.name}"), member.page.url)
        private = f"note-of-{mara.name}"
        log_out(mara)
        for path in ("/", POST, "/forum/"):
            mara.go(path)
            house.check(f"after the log-out {path} is nobody's", not mara.shows(private), mara.page.url)
        mara.back()
        mara.reload()
        house.check("so it is after going back and reloading", not mara.shows(private), mara.page.url)
        mara.go("/accounts/profile/")
        house.check("the profile asks for a log-in again", mara.path == "/accounts/login/", mara.page.url)
        nils.go(POST)
        house.check("nils is still logged in", nils.shows("note-of-nils"), nils.page.url)

        log_in(mara, "nils")
        mara.go(POST)
        house.check("another member may come in by the same browser", mara.shows("note-of-nils"), mara.page.url)
        visitor.go(POST)
        house.check("who has no part in it gets a hit", visitor.is_hit, visitor.cache_status)


def change_note(house):
    """A changed note is seen at once, by its owner; that it was saved is said once."""
    with house.visitors("mara", "nils", "visitor") as (mara, nils, visitor):
        log_in(mara, "mara")
        log_in(nils, "nils")
        house.watch.keep(NEW_NOTE, mara)
        house.watch.keep(SAVED, mara)
        for other in (nils, visitor):
            other.go(POST)
        mara.go("/accounts/profile/")
        mara.fill(note=NEW_NOTE)
        mara.send()
        house.check("the page after the form says that the note was saved", mara.shows(SAVED), mara.page.url)
        for other in (nils, visitor):
            other.go("/accounts/profile/")
            other.go(POST)
        mara.go(POST)
        house.check("the next page has the new note", mara.shows(NEW_NOTE), mara.page.url)
        house.check("and does not say it again", not mara.shows(SAVED), mara.page.url)
        mara.go("/accounts/profile/")
        house.check("nor does the profile", not mara.shows(SAVED) and mara.shows(NEW_NOTE), mara.page.url)


def contact_form(house):
    """The contact form: everybody's has a token of their own, and each sender is thanked once."""
    with house.visitors("visitor", "another visitor", "mara") as (visitor, another, mara):
        log_in(mara, "mara")
        for who in (visitor, another, mara):
            who.go("/contact/")
        for who in (visitor, another, mara):
            name = f"The sender {who.name}"
            house.watch.keep(name, who)
            who.fill(name=name, email=f"{who.name.replace(' ', '.')}@example.com", message="Which jar?")
            who.send()
            house.check(f"{who.name} is led on and thanked", who.shows(name) and who.path != "/contact/", who.page.url)
        for who in (mara, another, visitor):
            there = who.path
            who.go(there)
            house.check(f"{who.name} is not thanked again", not who.shows("The sender"), who.page.url)
        visitor.go("/")
        visitor.go("/")
        house.check("then the visitor gets hits again", visitor.is_hit, visitor.cache_status)
