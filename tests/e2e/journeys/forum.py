"""The forum: members write, and everybody reads it at once."""

import re

from house import log_in
from journeys.reading import THREAD

REPLY = "We keep ours in sand, and nobody has complained."
REPLIED = "Your reply was added, mara."
OPENED = "Your thread is open, nils."
DELETED = "The post was deleted, mara."
POST_ID = re.compile(r'id="post-(\d+)"')


def write_and_read(house):
    """A thread, a reply, a reaction and a deletion: the next guest sees each of them, and no member's page."""
    with house.visitors("mara", "nils", "guest") as (mara, nils, guest):
        log_in(mara, "mara")
        log_in(nils, "nils")
        for kept, owner in ((REPLIED, mara), (OPENED, nils), (DELETED, mara)):
            house.watch.keep(kept, owner)
        category, thread = open_thread(house, nils, guest)
        post = reply(house, mara, nils, guest, thread)
        react(house, nils, guest, thread, post)
        delete(house, mara, nils, guest, thread, post)
        expect(house, guest, "/forum/", "the index", "Where does sand come from?")
        expect(house, guest, category, "the category", "Where does sand come from?")


def open_thread(house, nils, guest):
    guest.go("/forum/")
    nils.go("/forum/")
    nils.click('main table a[href^="/forum/c/"]')
    category = nils.path
    guest.go(category)
    guest.go(category)
    nils.click('a[href$="/new/"]')
    nils.fill(title="Where does sand come from?", text="Our cellar has none.")
    nils.send()
    house.check("nils opens a thread and is told so once", nils.shows(OPENED), nils.page.url)
    thread = nils.path
    expect(house, guest, category, "the category", "Where does sand come from?")
    expect(house, guest, thread, "the thread", "Our cellar has none.")
    return category, thread


def reply(house, mara, nils, guest, thread):
    mara.go(thread)
    mara.click('a[href$="/reply/"]')
    mara.fill(text=REPLY)
    mara.send()
    house.check("mara replies and is told so once", mara.shows(REPLIED) and mara.shows(REPLY), mara.page.url)
    expect(house, guest, thread, "the thread", REPLY)
    expect(house, nils, thread, "nils' thread", REPLY)
    mara.reload()
    house.check("only once", not mara.shows(REPLIED), mara.page.url)
    return max(map(int, POST_ID.findall(mara.page.content())))


def react(house, nils, guest, thread, post):
    nils.go(f"/forum/p/{post}/react/")
    nils.page.check('[name="kind"][value="tried"]')
    nils.send()
    house.check(
        "nils reacts", nils.path == thread and "Tried it 1" in nils.page.inner_text(f"#post-{post}"), nils.page.url
    )
    expect(house, guest, thread, "the thread", "Tried it 1")


def delete(house, mara, nils, guest, thread, post):
    nils.go(f"/forum/p/{post}/delete/")
    house.check("nils may not delete mara's post", nils.answer.status == 403, nils.answer.status)
    mara.go(f"/forum/p/{post}/delete/")
    mara.send()
    house.check("mara deletes it", mara.shows(DELETED) and not mara.shows(REPLY), mara.page.url)
    house.watch.keep(REPLY)
    expect(house, guest, thread, "the thread", "deleted")
    nils.go(thread)


def expect(house, visitor, path, what, text):
    visitor.go(path)
    house.check(
        f"{visitor.name} sees in {what}: {text}", visitor.shows(text), f"{visitor.page.url} {visitor.cache_status}"
    )


def count_views(house):
    """A reader of a stored thread is counted all the same."""
    with house.visitors("guest", "another guest") as (guest, another):
        guest.go(THREAD)
        before = house.stand.counters()["requests"]
        another.go(THREAD)
        seen = house.stand.counters()["requests"] - before
        house.check(
            "a hit, and one request to count the reader",
            another.is_hit and seen == 1,
            f"{another.cache_status}, {seen} requests",
        )
