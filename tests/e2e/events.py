"""What editors and members do: each event says what has to be seen before and after it, and then does it.

An event is a generator: it prepares, yields its looks, and goes on to the act when it is resumed. Its `stage` has the
hands that act; the texts that it writes bear the name of the run, so that each run begins with something new.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawling import Client
from looks import (
    API,
    ELSEWHERE,
    Look,
    Seen,
    appears,
    changes,
    comes,
    goes,
    leads,
    stays,
    vanishes,
)

POSTS, INFO_PAGES = "/api/v2/blog-posts/?locale=en", "/api/v2/pages/?limit=100&type=home.InfoPage"
FORUM, SHELF_LIFE = "/forum/", "/shelf-life/"
EVENTS = {}


def event(name):
    def register(function):
        EVENTS[name] = function
        return function

    return register


@dataclass(frozen=True)
class Post:
    id: int
    title: str
    path: str
    category: dict
    image: dict
    card: str

    @property
    def slug(self):
        return self.path.strip("/").rpartition("/")[2]


class Stage:
    """The site as its owner knows it, and the hands: of a desk, or of a browser where it can do that."""

    def __init__(self, stand, desk, run, hands=None):
        self.stand = stand
        self.desk = desk
        self.hands = hands or desk
        self.run = run
        self.private = None  # the branch that was made private
        self.thread = None
        self.deleted = 0  # posts of that thread that keep their places
        self.cms = Client.of_cms(stand)

    def ask(self, path):
        return json.loads(self.cms.get(path).body)

    def posts(self):
        """The newest ten, as the lists have them."""
        return [
            Post(
                item["id"],
                item["title"],
                urlsplit(item["meta"]["html_url"]).path,
                item.get("category"),
                item.get("image"),
                urlsplit((item.get("image_card") or {}).get("url", "")).path,
            )
            for item in self.ask(f"{POSTS}&fields=category(name,slug),image")["items"]
        ]

    def page(self, kind, title=None):
        """(id, path) of the first page of a class, or of the one with this title."""
        for item in self.ask(f"/api/v2/pages/?limit=100&type={kind}&locale=en")["items"]:
            if title in (None, item["title"]):
                return item["id"], urlsplit(item["meta"]["html_url"]).path
        raise LookupError(f"no {kind} {title or ''}")

    @property
    def home(self):
        return self.page("home.HomePage")[0]


def detail(post, endpoint="blog-posts"):
    return f"/api/v2/{endpoint}/{post.id}/"


# --- Posts ------------------------------------------------------------------------------------------------------------


def everywhere(look, posts, place, *texts):
    """A post at this place of the list, seen wherever it is shown: on the lists and by its neighbour."""
    post = posts[place]
    shown = [("/", ELSEWHERE), ("/blog/", ELSEWHERE), (posts[place + 1].path, ELSEWHERE), (POSTS, API)]
    return [look(path, *texts, kind=kind) for path, kind in shown], post


@event("page published: a new title")
def publish_change(stage):
    posts = stage.posts()
    title = f"Pears in straw {stage.run}"
    elsewhere, post = everywhere(changes, posts, 2, posts[2].title, title)
    yield [
        appears(post.path, title),
        appears(detail(post), title, API),
        appears(detail(post, "pages"), title, API),
        *elsewhere,
        stays(SHELF_LIFE),
        stays(FORUM),
    ]
    stage.hands.publish(post.id, title=title)


@event("page unpublished")
def unpublish(stage):
    posts = stage.posts()
    elsewhere, post = everywhere(vanishes, posts, 3, posts[3].path)
    yield [goes(post.path, post.title), goes(detail(post), post.title, API), *elsewhere]
    stage.hands.unpublish(post.id)


@event("page published: one that was not live")
def publish(stage):
    posts = stage.posts()
    elsewhere, post = everywhere(appears, posts, 3, posts[3].path)
    stage.desk.unpublish(post.id)
    yield [comes(post.path, post.title), comes(detail(post), post.title, API), *elsewhere]
    stage.hands.publish(post.id)


@event("slug changed")
def change_slug(stage):
    posts = stage.posts()
    slug = f"{posts[4].slug.partition('-run-')[0]}-run-{stage.run}"
    path = f"/blog/{slug}/"
    elsewhere, post = everywhere(changes, posts, 4, posts[4].path, path)
    yield [
        leads(post.path, post.title, path),
        comes(path, post.title, ELSEWHERE),
        changes(detail(post), post.path, path, API),
        *elsewhere,
    ]
    stage.hands.publish(post.id, slug=slug)


@event("page deleted")
def delete(stage):
    posts = stage.posts()
    elsewhere, post = everywhere(vanishes, posts, 5, posts[5].path)
    yield [goes(post.path, post.title), goes(detail(post), post.title, API), *elsewhere]
    stage.hands.delete(post.id)


@event("scheduled publishing")
def publish_scheduled(stage):
    posts = stage.posts()
    elsewhere, post = everywhere(appears, posts, 6, posts[6].path)
    stage.desk.unpublish(post.id)
    stage.stand.manage("schedule", post.slug, 0)
    yield [comes(post.path, post.title), comes(detail(post), post.title, API), *elsewhere]
    stage.stand.manage("publish_scheduled")


@event("bulk publishing")
def publish_many(stage):
    posts = stage.posts()
    looks = []
    for place in (1, 7):
        title = f"Beans of jar {place} {stage.run}"
        elsewhere, post = everywhere(changes, posts, place, posts[place].title, title)
        stage.desk.save_draft(post.id, title=title)
        looks += [appears(post.path, title), appears(detail(post), title, API), *elsewhere]
    yield looks
    stage.hands.publish_many(posts[1].id, posts[7].id)


@event("workflow approved")
def approve(stage):
    posts = stage.posts()
    title = f"Approved plums {stage.run}"
    elsewhere, post = everywhere(changes, posts, 2, posts[2].title, title)
    stage.desk.submit(post.id, title=title)
    yield [appears(post.path, title), appears(detail(post), title, API), *elsewhere]
    stage.hands.approve(post.id)


@event("post made private")
def make_post_private(stage):
    posts = stage.posts()
    elsewhere, post = everywhere(vanishes, posts, 4, posts[4].path)
    yield [
        leads(post.path, post.title, "/_util/login/", 302),
        goes(detail(post), post.title, API),
        *elsewhere,
    ]
    stage.desk.set_privacy(post.id, "login")


# --- A branch of the tree ---------------------------------------------------------------------------------------------


@event("page with pages below it moved")
def move(stage):
    slug, title = f"cellar-{stage.run}", f"The cellar {stage.run}"
    desk = stage.desk
    desk.new_info_page(stage.home, title, slug, show_in_menus="on")
    page, old = stage.page("home.InfoPage", title)
    desk.new_info_page(page, f"Stairs of {slug}", "stairs")
    child, old_child = stage.page("home.InfoPage", f"Stairs of {slug}")
    about, above = stage.page("home.InfoPage", "About")
    new, new_child = f"{above}{slug}/", f"{above}{slug}/stairs/"
    host = stage.stand.host
    yield [
        leads(old, title, new),
        leads(old_child, f"Stairs of {slug}", new_child),
        comes(new, title, ELSEWHERE),
        comes(new_child, f"Stairs of {slug}", ELSEWHERE),
        vanishes("/", f'"{old}"', ELSEWHERE),
        changes(f"/api/v2/pages/{page}/", f'{host}{old}"', f'{host}{new}"', API),
        changes(f"/api/v2/pages/{child}/", f'{host}{old_child}"', f'{host}{new_child}"', API),
        changes(INFO_PAGES, f'{host}{old_child}"', f'{host}{new_child}"', API),
    ]
    stage.hands.move(page, about)


@event("slug changed of a page with pages below it")
def change_parent_slug(stage):
    title = f"The cellar {stage.run}"
    page, old = stage.page("home.InfoPage", title)
    child, old_child = stage.page("home.InfoPage", f"Stairs of cellar-{stage.run}")
    slug = f"vault-{stage.run}"
    new = f"{old.rstrip('/').rpartition('/')[0]}/{slug}/"
    new_child = f"{new}stairs/"
    yield [
        leads(old, title, new),
        leads(old_child, "Stairs", new_child),
        comes(new_child, "Stairs", ELSEWHERE),
        changes(f"/api/v2/pages/{child}/", old_child, new_child, API),
        changes(INFO_PAGES, f'{old}"', f'{new}"', API),
    ]
    stage.desk.publish(page, slug=slug)


PASSWORD_FORM = 'name="password"'


def branch(stage):
    """A page, the one below it, and where the API tells of them."""
    page, path = stage.page("home.InfoPage", f"The cellar {stage.run}")
    child, child_path = stage.page("home.InfoPage", f"Stairs of cellar-{stage.run}")
    return (page, path, f"About The cellar {stage.run}."), (child, child_path, f"About Stairs of cellar-{stage.run}.")


@event("page made private")
def make_private(stage):
    pages = stage.private = branch(stage)
    looks = [vanishes(INFO_PAGES, f'{pages[0][1]}"', API)]
    for page, path, text in pages:
        asks = Seen(holds=(PASSWORD_FORM,), lacks=(text,))
        looks += [Look(path, Seen(holds=(text,)), asks), goes(f"/api/v2/pages/{page}/", text, API)]
    yield looks
    stage.hands.set_privacy(pages[0][0], "password", "plum")


@event("password removed")
def remove_password(stage):
    pages = stage.private
    looks = [appears(INFO_PAGES, f'{pages[0][1]}"', API)]
    for page, path, text in pages:
        asks = Seen(holds=(PASSWORD_FORM,), lacks=(text,))
        looks += [
            Look(path, asks, Seen(holds=(text,)), is_stored=False),
            comes(f"/api/v2/pages/{page}/", text, API),
        ]
    yield looks
    stage.hands.set_privacy(pages[0][0], "none")


# --- What pages show --------------------------------------------------------------------------------------------------


@event("snippet edited")
def edit_snippet(stage):
    post = next(post for post in stage.posts() if post.category)
    old, name = post.category, f"Under {stage.run}"
    in_api = f"{detail(post)}?fields=category(name)"
    yield [
        changes(post.path, old["name"], name),
        changes(f"/blog/?category={old['slug']}", old["name"], name, ELSEWHERE),
        changes("/", old["name"], name, ELSEWHERE),
        changes(FORUM, old["name"], name, ELSEWHERE),
        changes(in_api, old["name"], name, API),
    ]
    stage.hands.edit(f"/admin/snippets/blog/category/edit/{old['id']}/", "slug", name=name)


@event("image replaced")
def replace_image(stage):
    post = next(post for post in stage.posts() if post.image)
    old, new = post.card.rpartition("/")[2].partition(".")[0], f"picture-{stage.run}"
    image = post.image["id"]
    yield [
        changes(post.path, f"{old}.", f"{new}."),
        changes("/", f"{old}.", f"{new}.", ELSEWHERE),
        changes("/blog/", f"{old}.", f"{new}.", ELSEWHERE),
        Look(post.card, Seen(), Seen(status=404), ELSEWHERE),
        changes(detail(post), f"{old}.", f"{new}.", API),
        changes(f"/api/v2/images/{image}/", f"{old}.", f"{new}.", API),
    ]
    stage.hands.replace_image(image, f"{new}.png", (40 + len(stage.run), 90, 120))


@event("setting edited")
def edit_setting(stage):
    post = stage.posts()[0]
    text = f"The cellar is locked: {stage.run}."
    yield [
        appears("/", text),
        appears(post.path, text, ELSEWHERE),
        appears(FORUM, text, ELSEWHERE),
        appears(SHELF_LIFE, text, ELSEWHERE),
        stays(POSTS),
    ]
    stage.hands.edit("/admin/settings/kitchen/announcement/", "text", text=text)


@event("redirect added")
def add_redirect(stage):
    path = f"/old-jam-{stage.run}"
    yield [Look(f"{path}/", Seen(status=404), Seen(status=301, holds=(SHELF_LIFE,))), stays("/"), stays(POSTS)]
    target = stage.stand.url + SHELF_LIFE
    stage.hands.edit("/admin/redirects/add/", "old_path", old_path=path, redirect_link=target, is_permanent="on")
