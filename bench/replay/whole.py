"""A day of the whole site as browsers see it, for config/wagtail.yaml: `profile: wagtail` and a few routes of its own.

- Half of the visits come to a post, the others to the front page, the blog's lists and the other pages, or to the forum,
  whose visitors and members are those of forum.py: three visits in ten.
- A page brings what a browser asks for with it: the most read posts beside each post, pictures once in a visit, and
  style and scripts unless the visitor was here before.
- One visit in twenty searches, one in twenty is in German.
- Editors and the crawler are those of blog.py; they work on the pages themselves.
"""

import forum
from blog import NewPost, by_liking, editors
from day import Visit, Zipf, crawl, in_order, landing, new_visitor
from inventory import POSTS_PER_LIST, pages_of

# Rows of the table, with while_revalidate of their routes in seconds: the blog's is its lists', since posts live for a day.
FLOWS = {"blog": 60, "popular": 60, "forum": 60, "forum's counter": 0, "other pages": 60, "files": 0}
POPULAR = "/blog/popular/"
FORUM_SHARE = 0.3
OTHER_PAGES = ["/about/", "/contact/", "/shelf-life/", "/blog/?tag=autumn"]


def listing(page=1, category=""):
    query = [f"category={category}"] * bool(category) + [f"page={page}"] * (page > 1)
    return "/blog/" + "?" * bool(query) + "&".join(query)


def log(rng, count, inventory):
    liked = Zipf(by_liking(rng, inventory.posts))
    steps, published = editors(rng, liked, address_of=lambda post: post.path, lists=["/blog/", "/"])
    lists = pages_of(len(inventory.posts), POSTS_PER_LIST)
    walk = [("blog", listing(page)) for page in range(1, lists + 1)] + [("blog", p.path) for p in inventory.posts]
    steps += crawl(walk, begin_s=2 * 3600, every_s=30)
    steps += crawl(forum.walk(inventory), begin_s=2.5 * 3600, every_s=25)
    forums = forum.Visits(rng, inventory)
    while len(steps) < count:
        steps += forums.new() if rng.random() < FORUM_SHARE else Reader(rng, inventory, liked, published).steps
    return in_order(steps)


class Reader(Visit):
    """One visit to the blog and what is around it."""

    def __init__(self, rng, inventory, liked, published):
        super().__init__(rng, new_visitor(rng))
        self.inventory, self.liked = inventory, liked
        self.news = [name for at_s, name in published if at_s + 60 < self.at_s]
        self.files = set()
        place = self.enter()
        if not self.visitor.cookie:  # its first visit: nothing of the site is in the browser yet
            for name in ("css/site.css", "js/popular.js", "images/jar.svg"):
                self.file(inventory.static[name])
        while place:
            self.pause()
            place = self.go_on(place)

    def enter(self):
        chance = self.rng.random()
        if chance < 0.05:
            return self.other(self.rng.choice(self.inventory.german_paths))
        if chance < 0.1:
            return self.other(f"/search/?query={self.rng.choice(self.liked.items).path.strip('/').rpartition('-')[2]}")
        if chance < 0.3:
            return self.other("/")
        if chance < 0.4:
            return self.list(1)
        if chance < 0.5:
            return self.other(self.rng.choice(OTHER_PAGES))
        return self.post(is_first=True)

    def go_on(self, place):
        chance = self.rng.random()
        if chance < 0.4:
            return ""
        if chance < 0.5:
            return self.list(1, self.rng.choice(self.inventory.categories))
        if chance < 0.6:
            return self.list(2 if place == "list" else 1)
        return self.post()

    def other(self, address):
        self.look("other pages", address)
        return "other"

    def list(self, page, category=""):
        self.look("blog", listing(page, category))
        for post in self.inventory.posts[:POSTS_PER_LIST]:
            self.file(post.card)
        return "list"

    def post(self, is_first=False):
        if self.news and is_first and self.rng.random() < 1 / 12:
            self.look("blog", NewPost(self.news[-1]).path)
        else:
            post = self.liked.draw(self.rng)
            self.look("blog", post.path, spelling=landing(self.rng, post.path) if is_first else "")
            self.file(post.picture)
        self.look("popular", POPULAR)
        return "post"

    def file(self, address):
        if address not in self.files:
            self.files.add(address)
            self.look("files", address)
