"""What there is on the seeded site: read from its database, so that the log can name it."""

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

POSTS_PER_LIST = 12  # BlogIndexPage.POSTS_PER_PAGE
POSTS_PER_THREAD_PAGE = 10  # forum.models.POSTS_PER_PAGE
THREADS_PER_LIST = 15  # forum.views.THREADS_PER_PAGE


@dataclass(frozen=True)
class Post:
    id: int
    title: str
    path: str
    category: str
    tags: tuple
    card: str  # the rendition that lists show
    picture: str  # the one on its own page


@dataclass(frozen=True)
class Thread:
    id: int
    category: str
    pages: int


class Inventory:
    """Posts newest first, threads with the latest activity first, as the site lists them."""

    def __init__(self, state):
        state = Path(state)
        with closing(sqlite3.connect(f"file:{state / 'site.sqlite3'}?mode=ro", uri=True)) as database:
            self.posts = posts_of(database)
            self.german_paths = german_paths_of(database)
            self.threads = threads_of(database)
            self.index_id = database.execute(
                "SELECT id FROM wagtailcore_page WHERE url_path = '/home/blog/'"
            ).fetchone()[0]
        self.categories = sorted({post.category for post in self.posts})
        self.tags = sorted({tag for post in self.posts for tag in post.tags})
        self.forum_categories = sorted({thread.category for thread in self.threads})
        names = json.loads((state / "static/staticfiles.json").read_text())["paths"]
        self.static = {name: f"/static/{names[name]}" for name in ("css/site.css", "js/popular.js", "images/jar.svg")}

    def threads_in(self, category):
        return [thread for thread in self.threads if thread.category == category]

    def category_pages(self, category):
        return pages_of(len(self.threads_in(category)), THREADS_PER_LIST)


def pages_of(count, per_page):
    return max(1, -(-count // per_page))


def posts_of(database):
    tags = defaultdict(list)
    for post, tag in database.execute(
        "SELECT content_object_id, slug FROM blog_blogpagetag JOIN taggit_tag ON taggit_tag.id = tag_id ORDER BY slug"
    ):
        tags[post].append(tag)
    rows = database.execute(
        """
        SELECT page.id, page.title, page.slug, category.slug, card.file, picture.file
        FROM wagtailcore_page page
        JOIN blog_blogpage post ON post.page_ptr_id = page.id
        JOIN blog_category category ON category.id = post.category_id
        JOIN wagtailimages_rendition card ON card.image_id = post.image_id AND card.filter_spec = 'fill-640x400'
        JOIN wagtailimages_rendition picture
             ON picture.image_id = post.image_id AND picture.filter_spec = 'fill-1200x600'
        WHERE page.live AND page.url_path LIKE '/home/blog/%'
        ORDER BY post.date DESC, page.id DESC
        """
    )
    return [
        Post(page, title, f"/blog/{slug}/", category, tuple(tags[page]), f"/media/{card}", f"/media/{picture}")
        for page, title, slug, category, card, picture in rows
    ]


def german_paths_of(database):
    rows = database.execute(
        """
        SELECT url_path FROM wagtailcore_page page JOIN wagtailcore_locale locale ON locale.id = page.locale_id
        WHERE live AND language_code = 'de' ORDER BY url_path
        """
    )
    # Below the root of its language, which is /home-de/ in the tree and /de/ on the site.
    return ["/de/" + path.removeprefix("/").partition("/")[2] for (path,) in rows]


def threads_of(database):
    rows = database.execute(
        """
        SELECT thread.id, category.slug, COUNT(post.id)
        FROM forum_thread thread
        JOIN forum_category category ON category.id = thread.category_id
        JOIN forum_post post ON post.thread_id = thread.id
        GROUP BY thread.id ORDER BY thread.last_post_at DESC, thread.id DESC
        """
    )
    return [Thread(id, category, pages_of(posts, POSTS_PER_THREAD_PAGE)) for id, category, posts in rows]
