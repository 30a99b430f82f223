"""Fills the site: pages, posts, pictures, readers, members and a forum. Run again, it only adds what is missing."""

import random
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from time import thread_time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.models import Max
from PIL import Image as PillowImage
from PIL import ImageDraw
from taggit.models import Tag
from wagtail.images.models import Image
from wagtail.models import Locale, Page, Site

from blog.models import BlogIndexPage, BlogPage, BlogPageTag, Category, ViewEvent
from forum.models import Thread
from home.models import HomePage

from ._forum import add_forum
from ._members import add_members, let_editors_edit_snippets
from ._surroundings import add_surroundings
from ._texts import CATEGORIES, HEADINGS, INTROS, PICTURES, QUOTES, SENTENCES, TAGS, post_titles

POST_COUNT = 300
NEWEST_POST = date(2026, 11, 16)
NEWEST_VIEW = datetime(2026, 11, 16, 12, tzinfo=timezone.utc)
AUTHORS = ["Mara Lindqvist", "Tobias Okafor", "Ines Carvalho", "Ruth Abernathy"]

POPULAR_MS = 300
VIEW_EVENTS_FIRST = 100_000
VIEW_EVENTS_MAX = 3_000_000
VIEW_DAYS = 90


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        with transaction.atomic():
            home = self.home_page()
            self.site(home)
            add_members()
            let_editors_edit_snippets()
            blog = self.blog_index(home)
            if BlogPage.objects.child_of(blog).count() < POST_COUNT:
                self.posts(blog, self.categories(), self.pictures())
            add_surroundings(home, blog)
            add_forum(newest=NEWEST_VIEW)
        self.view_events()
        self.stdout.write(
            f"{BlogPage.objects.count()} posts, {ViewEvent.objects.count()} views, {Thread.objects.count()} threads"
        )

    def home_page(self):
        home = HomePage.objects.filter(locale=Locale.get_default()).first()
        if home:
            return home
        root = Page.objects.get(depth=1)
        root.get_children().delete()  # the welcome page of a new Wagtail
        return Page.objects.get(depth=1).add_child(
            instance=HomePage(
                title="Home",
                slug="home",
                heading="Keep it cool, keep it dry, keep it labelled.",
                intro="<p>Notes from a working pantry: what lasts, what does not, and how to tell.</p>",
                search_description="Notes from a working pantry.",
            )
        )

    def site(self, home):
        """The address that Wagtail puts into its purges: it has to be the one that visitors use."""
        address = urlsplit(settings.SITE_URL)
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={
                "hostname": address.hostname,
                "port": address.port or 80,
                "root_page": home,
                "site_name": settings.WAGTAIL_SITE_NAME,
            },
        )

    def blog_index(self, home):
        return BlogIndexPage.objects.child_of(home).first() or home.add_child(
            instance=BlogIndexPage(
                title="Blog",
                slug="blog",
                show_in_menus=True,
                intro="<p>Three hundred ways to waste less.</p>",
            )
        )

    def categories(self):
        return {
            slug: Category.objects.get_or_create(slug=slug, defaults={"name": name, "description": description})[0]
            for slug, name, description in CATEGORIES
        }

    def pictures(self):
        """A few still lifes, with the renditions that the templates ask for."""
        pictures = list(Image.objects.order_by("pk"))
        for number in range(len(pictures), len(PICTURES)):
            title, colours = PICTURES[number]
            file = ContentFile(still_life(number, colours), name=f"still-life-{number + 1}.jpg")
            pictures.append(Image.objects.create(title=title, file=file, width=1600, height=1000))
        for picture in pictures:
            picture.get_renditions("fill-640x400", "fill-1200x600", "width-1200")
        return pictures

    def posts(self, index, categories, pictures):
        tags = [Tag.objects.get_or_create(slug=name.replace(" ", "-"), defaults={"name": name})[0] for name in TAGS]
        present = set(BlogPage.objects.values_list("slug", flat=True))
        for number, (slug, title, category) in enumerate(post_titles(POST_COUNT)):
            if slug in present:
                continue
            rng = random.Random(number)
            post = BlogPage(
                title=title,
                slug=slug,
                date=NEWEST_POST - timedelta(days=2 * number),
                author=AUTHORS[number % len(AUTHORS)],
                intro=rng.choice(INTROS),
                body=post_body(rng, index, pictures),
                image=pictures[number % len(pictures)],
                category=categories[category],
                search_description=title,
            )
            post.set_url_path(index)
            index.add_child(instance=post)
            BlogPageTag.objects.bulk_create(
                BlogPageTag(tag=tag, content_object=post) for tag in rng.sample(tags, rng.randint(2, 4))
            )

    def view_events(self):
        """The same ones in every seed, as many of them as make the popular posts cost POPULAR_MS on this machine."""
        if ViewEvent.objects.exists():
            return
        count, wanted = 0, VIEW_EVENTS_FIRST
        while count < wanted:
            add_view_events(count, wanted)
            count, cost_ms = wanted, popular_cost_ms()
            # The cost does not grow quite in proportion, so the first step goes only part of the way.
            step = 0.7 if count == VIEW_EVENTS_FIRST else 1
            if cost_ms < 0.95 * POPULAR_MS:
                wanted = min(int(count * max(1.05, step * POPULAR_MS / cost_ms)), VIEW_EVENTS_MAX)
        self.stdout.write(f"popular posts: {cost_ms:.0f} ms")


def post_body(rng, index, pictures):
    """A stream of a dozen blocks; its links are to pages, as editors make them, and each is a query when rendered."""

    def paragraph():
        return " ".join(rng.sample(SENTENCES, rng.randint(3, 5)))

    body = [("paragraph", f"<p>{paragraph()}</p>")]
    for heading in rng.sample(HEADINGS, 3):
        link = f'<a linktype="page" id="{index.pk}">More from the blog</a>'
        body.append(("heading", heading))
        body.append(("paragraph", f"<p>{paragraph()}</p><p>{paragraph()} {link}.</p>"))
    body.insert(3, ("quote", rng.choice(QUOTES)))
    body.insert(6, ("image", rng.choice(pictures)))
    return body


def still_life(number, colours):
    """A JPEG of 1600 x 1000: jars on a shelf before a wall."""
    wall, shelf, jar, lid = colours
    rng = random.Random(number)
    picture = PillowImage.new("RGB", (1600, 1000), wall)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 820, 1600, 1000), fill=shelf)
    left = 90
    while left < 1400:
        width, height = rng.randint(120, 240), rng.randint(220, 520)
        top = 820 - height
        draw.rounded_rectangle((left, top, left + width, 820), radius=36, fill=jar)
        level = top + height * rng.uniform(0.25, 0.6)
        draw.rounded_rectangle((left + 12, level, left + width - 12, 808), radius=26, fill=lid)
        draw.rectangle((left + 16, top - 34, left + width - 16, top + 8), fill=shelf)
        left += width + rng.randint(30, 90)
    data = BytesIO()
    picture.save(data, "JPEG", quality=82)
    return data.getvalue()


def add_view_events(first, last):
    """Rows first to last - 1, made inside the database; the n-th row is the same in every seed."""
    posts = list(BlogPage.objects.filter(live=True, locale=Locale.get_default()).order_by("-date").values_list("pk", flat=True))
    newest = NEWEST_VIEW.strftime("%Y-%m-%d %H:%M:%S")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE ranked (place INTEGER PRIMARY KEY, post INTEGER)")
        cursor.executemany("INSERT INTO ranked VALUES (%s, %s)", list(enumerate(posts)))
        # Multiplying by large odd numbers spreads the views; the product of two places makes newer posts more popular.
        cursor.execute(
            """
            WITH RECURSIVE event(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM event WHERE n + 1 < %s)
            INSERT INTO blog_viewevent (post_id, visitor, viewed_at)
            SELECT ranked.post,
                   event.n * 7919 %% 40009,
                   datetime(%s, '-' || (event.n * 104729 %% (%s * 86400)) || ' seconds')
            FROM event
            JOIN ranked ON ranked.place = (event.n * 48271 %% 10007) * (event.n * 69621 %% 10009) * %s / (10007 * 10009)
            """,
            [first, last, newest, VIEW_DAYS, len(posts)],
        )
        cursor.execute("DROP TABLE ranked")


def popular_cost_ms():
    """What the popular posts of 30 days cost: the least of five measurements, which other work disturbed least.

    Processor time: SQLite works in this thread, and a busy machine must not make the query seem slower than it is.
    """
    costs_ms = []
    for _ in range(5):
        start = thread_time()
        newest = ViewEvent.objects.aggregate(newest=Max("viewed_at"))["newest"]
        list(ViewEvent.most_viewed(since=newest - timedelta(days=30))[:5])
        costs_ms.append((thread_time() - start) * 1000)
    return min(costs_ms)
