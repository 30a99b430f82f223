"""A site's tree, made once; a receiver for each test; and commits inside a test's transaction."""

import datetime
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from receiver import Receiver


def picture(colour="white"):
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (16, 16), colour).save(file, "PNG")
    return ContentFile(file.getvalue(), name="apple.png")


def plant():
    """The tree: / with /recipes/ and below it /recipes/soup/ and /recipes/bread/; and /de/."""
    from wagtail.documents.models import Document
    from wagtail.images.models import Image
    from wagtail.models import Collection, Locale, Page, Site

    from pantry.models import Category, HomePage, IndexPage, Recipe

    english, german = (Locale.objects.get_or_create(language_code=code)[0] for code in ("en", "de"))
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=english)
    root.get_children().delete()
    root = Page.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Home", slug="home", locale=english))
    Site.objects.all().delete()
    site = Site.objects.create(hostname="pantry.example", root_page=home, is_default_site=True)
    heim = root.add_child(
        instance=HomePage(title="Heim", slug="heim", locale=german, translation_key=home.translation_key)
    )
    recipes = home.add_child(instance=IndexPage(title="Recipes", slug="recipes", show_in_menus=True))
    category = Category.objects.create(name="Soups")
    image = Image.objects.create(title="Apple", file=picture())
    leaflet = Document.objects.create(title="Leaflet", file=ContentFile(b"text", name="leaflet.txt"))
    soup = recipes.add_child(
        instance=Recipe(
            title="Soup", slug="soup", date=datetime.date(2026, 1, 2), category=category, image=image, leaflet=leaflet
        )
    )
    bread = recipes.add_child(instance=Recipe(title="Bread", slug="bread", date=datetime.date(2026, 1, 3)))
    cache.clear()
    return SimpleNamespace(
        root=root,
        site=site,
        home=home,
        heim=heim,
        recipes=recipes,
        soup=soup,
        bread=bread,
        category=category,
        image=image,
        leaflet=leaflet,
        english=english,
        german=german,
    )


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """pytest-django's own makes a database only for tests with its mark, which hides commits."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        django_settings.LARDER_URL, url = "", django_settings.LARDER_URL
        plant()
        django_settings.LARDER_URL = url
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def site(db):
    """The tree, as the database has it."""
    from wagtail.documents.models import Document
    from wagtail.images.models import Image
    from wagtail.models import Locale, Page, Site

    from pantry.models import Category, HomePage, IndexPage, Recipe

    cache.clear()
    return SimpleNamespace(
        root=Page.get_first_root_node(),
        site=Site.objects.get(),
        home=HomePage.objects.get(slug="home"),
        heim=HomePage.objects.get(slug="heim"),
        recipes=IndexPage.objects.get(),
        soup=Recipe.objects.get(slug="soup"),
        bread=Recipe.objects.get(slug="bread"),
        category=Category.objects.get(),
        image=Image.objects.get(),
        leaflet=Document.objects.get(),
        english=Locale.objects.get(language_code="en"),
        german=Locale.objects.get(language_code="de"),
    )


@pytest.fixture
def receiver(settings):
    server = Receiver(settings.LARDER_SECRET)
    server.start()
    settings.LARDER_URL = server.url
    yield server
    server.stop()


@pytest.fixture
def commit(db, receiver):
    """with commit() as purged: ... ; then `purged` has what was sent after the block, as after a commit."""

    @contextmanager
    def block():
        purged = SimpleNamespace(select=set(), requests=[])
        connection.run_on_commit = []
        seen = len(receiver.requests)
        yield purged
        while connection.run_on_commit:
            functions, connection.run_on_commit = connection.run_on_commit, []
            for _, function, *_ in functions:
                function()
        purged.requests = [data for _, _, data in receiver.requests[seen:]]
        purged.select = {selector for data in purged.requests for selector in data["select"]}
        purged.events = {event for data in purged.requests for event in data["events"]}

    return block


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database with real commits, for tests that write nothing but the outbox and the forum."""
    from larder_wagtail.models import Lease, Purge
    from pantry.models import Board

    with django_db_blocker.unblock():
        try:
            yield
        finally:
            django_settings.LARDER_URL, url = "", django_settings.LARDER_URL
            Board.objects.all().delete()
            django_settings.LARDER_URL = url
            Purge.objects.all().delete()
            Lease.objects.all().delete()
            connection.close()
