"""Pages and documents that are not for everybody."""

import re

from house import log_in
from markers import CLUB_SECRET, ROTA_SECRET, STAFF_SECRET

CLUB = "/recipes-club/"
STAFF_ROOM = "/staff-room/"
ROTA = re.compile(r'href="(/documents/\d+/rota\.txt)"')
LABELS = re.compile(r'href="(/documents/\d+/labels\.txt)"')


def password_page(house):
    """A page with a password: its text is for those who gave it, in both orders."""
    with house.visitors("visitor", "guesser", "mara", "late visitor") as (visitor, guesser, mara, late):
        log_in(mara, "mara")
        house.watch.keep(CLUB_SECRET, visitor, mara)
        late.go(CLUB)
        asks_for_password(house, late)
        give_password(visitor, "larder")
        house.check(
            "who knows the password reads the page",
            visitor.path == CLUB and visitor.shows(CLUB_SECRET),
            visitor.page.url,
        )
        for who in (late, guesser, mara):
            who.go(CLUB)
            asks_for_password(house, who)
        give_password(guesser, "lardon")
        house.check("a wrong password opens nothing", guesser.holds('main [name="password"]'), guesser.page.url)
        give_password(mara, "larder")
        house.check("a member gives it, too", mara.shows(CLUB_SECRET), mara.page.url)
        visitor.go(CLUB)
        house.check("the page stays open to who gave it", visitor.shows(CLUB_SECRET), visitor.page.url)
        late.go(CLUB)
        asks_for_password(house, late)


def asks_for_password(house, visitor):
    house.check(f"{visitor.name} is asked for the password", visitor.holds('main [name="password"]'), visitor.page.url)


def give_password(visitor, password):
    visitor.go(CLUB)
    visitor.fill(password=password)
    visitor.send()


def login_page(house):
    """A page for who is logged in: others are led to the log-in, in both orders."""
    with house.visitors("visitor", "mara", "nils") as (visitor, mara, nils):
        house.watch.keep(STAFF_SECRET, mara, nils)
        visitor.go(STAFF_ROOM)
        house.check(
            "an anonymous visitor is led to the log-in", visitor.holds('main [name="password"]'), visitor.page.url
        )
        log_in(mara, "mara")
        mara.go(STAFF_ROOM)
        house.check("a member reads the page", mara.path == STAFF_ROOM and mara.shows(STAFF_SECRET), mara.page.url)
        visitor.go(STAFF_ROOM)
        house.check("the visitor still does not", visitor.path != STAFF_ROOM, visitor.page.url)
        nils.go(STAFF_ROOM)
        nils.user = "nils"
        nils.fill(username="nils", password="nils-password")
        nils.send()
        back = nils.path == STAFF_ROOM and nils.shows(STAFF_SECRET)
        house.check("the log-in leads back to the page that was asked for", back, nils.page.url)


def documents(house):
    """A document for who is logged in, and one for everybody."""
    with house.visitors("visitor", "mara", "another visitor") as (visitor, mara, another):
        house.watch.keep(ROTA_SECRET, mara)
        log_in(mara, "mara")
        mara.go("/about/")
        html = mara.page.content()
        rota, labels = ROTA.search(html)[1], LABELS.search(html)[1]
        for who in (visitor, mara, another):
            who.go("/about/")
            document = who.fetch(rota)
            has_it = ROTA_SECRET in document["text"]
            house.check(
                f"{who.name} {'gets' if who is mara else 'does not get'} the rota", has_it == (who is mara), document
            )
            document = who.fetch(labels)
            house.check(
                f"{who.name} gets the labels", document["status"] == 200 and "Made on:" in document["text"], document
            )
