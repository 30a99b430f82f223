"""A watch that finds nothing proves nothing: here it is given what it has to find."""

from house import EDITOR, MEMBERS
from journeys.private import CLUB
from journeys.reading import POST
from markers import Somebody, Watch


def found_by_the_watch(house):
    """One visitor's pages, handed to another, are known for what they are."""
    visitor = Somebody("visitor")
    for name in (*MEMBERS, EDITOR):
        wanted = {f"a page for user:{name} (and is anonymous)", f"the note of {name}"}
        wanted |= {f"the form token of {name}", f"the cookie csrftoken of {name}"}
        if name == EDITOR:
            wanted.add("the editor's user bar")
        check_found(house, POST, Somebody(name, name), visitor, house.session(name).cookies, wanted)
    another = Somebody("another visitor")
    wanted = {"the form token of another visitor", "the cookie csrftoken of another visitor"}
    check_found(house, CLUB, another, visitor, {}, wanted)
    check_kept(house, visitor, another)


def check_found(house, path, owner, stranger, cookies, wanted):
    """The page as its owner gets it: right for the owner, and each marker wrong for the stranger."""
    answer = house.client.get(path, cookies)
    watch = Watch()
    right = house.look_at(owner, path, answer, watch)
    wrong = house.look_at(stranger, path, answer, watch)
    house.look_at(owner, path, answer)
    expected = {f"{stranger.name} got {thing} at {path}" for thing in wanted}
    house.check(
        f"{owner.name}'s page at {path}, handed to {stranger.name}",
        not right and set(wrong) == expected,
        [*right, *wrong],
    )


def check_kept(house, stranger, owner):
    watch = Watch()
    watch.keep("for one alone", owner)
    right, wrong = watch.look(owner, "/", "for one alone"), watch.look(stranger, "/", "for one alone")
    house.check(
        "a kept text, and a page that names no viewer",
        not right and wrong and watch.look(owner, "/", "", is_page=True),
        wrong,
    )
