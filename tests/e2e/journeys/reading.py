"""Each kind of page, read by each kind of visitor."""

from dataclasses import dataclass

from house import EDITOR, log_in
from markers import STAFF_SECRET

POST = "/blog/how-long-will-apples-really-keep/"
OTHER_POST = "/blog/the-best-place-for-barley/"
THREAD = "/forum/t/1/"


@dataclass(frozen=True)
class Page:
    """One page of its kind, and whether the anonymous one is kept for the next visitor."""

    path: str
    kept: bool = True


PAGES = (
    Page("/"),
    Page("/blog/"),
    Page("/blog/?page=2"),
    Page("/blog/?category=cellar"),
    Page(POST),
    Page("/blog/popular/?limit=3&days=7"),
    Page("/api/v2/blog-posts/?page=2"),
    Page("/de/"),
    Page("/shelf-life/"),
    Page("/forum/"),
    Page("/forum/c/jars/"),
    Page(THREAD),
    Page("/no-such-page/"),
    Page("/old-home/"),
    Page("/search/?query=apples", kept=False),
    Page("/contact/", kept=False),
    Page("/accounts/login/", kept=False),
    Page("/accounts/profile/", kept=False),
    Page("/language/", kept=False),
    Page("/recipes-club/", kept=False),
    Page("/staff-room/", kept=False),
)


def anonymous_first(house):
    """Every kind of page, opened by an anonymous visitor before anybody else."""
    with house.visitors("visitor", "mara", "nils", "editor") as (visitor, *users):
        for user in users:
            log_in(user, user.name)
        house.watch.keep(STAFF_SECRET, *users)
        house.purge_all()
        for page in PAGES:
            visitor.go(page.path)
            own = [look_as_user(user, page) for user in users]
            visitor.go(page.path)
            house.check(
                f"{page.path}: theirs for each user, {'then a hit' if page.kept else 'never kept'} for the visitor",
                all(own) and visitor.is_hit == page.kept,
                [f"{user.name}: {user.cache_status} {user.page.url}" for user in (*users, visitor)],
            )


def logged_in_first(house):
    """Every kind of page, opened by people who are logged in before anybody else."""
    with house.visitors("editor", "mara", "visitor") as (editor, mara, visitor):
        log_in(editor, "editor")
        log_in(mara, "mara")
        house.watch.keep(STAFF_SECRET, editor, mara)
        house.purge_all()
        for page in PAGES:
            own = [look_as_user(editor, page), look_as_user(mara, page)]
            visitor.go(page.path)
            fetched = not visitor.is_hit
            own.append(look_as_user(mara, page))
            house.check(
                f"{page.path}: fetched for the visitor, though users had it",
                all(own) and fetched and ("stored" in visitor.cache_status) == page.kept,
                [f"{one.name}: {one.cache_status} {one.page.url}" for one in (editor, mara, visitor)],
            )


def look_as_user(visitor, page):
    """Opens it; whether what came was made for this request alone. The watch says whose it is."""
    visitor.go(page.path)
    is_html = (visitor.answer.header_value("content-type") or "").startswith("text/html")
    passed = not visitor.is_hit and "stored" not in visitor.cache_status
    has_bar = visitor.holds("wagtail-userbar")
    return passed and (has_bar or visitor.name != EDITOR or not is_html or visitor.answer.status != 200)
