"""Surrogate-Key: what a response says of its content, so that each change finds it."""

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.test import AsyncClient
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import PageViewRestriction

import larder_wagtail as larder
from conftest import picture
from larder_wagtail import collect, middleware
from pantry.models import Announcement, Banner, Board, Category, Recipe, Thread

pytestmark = pytest.mark.django_db

HOST = "pantry.example"


def tags(client, path, **headers):
    answer = client.get(path, HTTP_HOST=HOST, **headers)
    return set(answer.get("Surrogate-Key", "").split())


def test_a_page_is_tagged_by_what_it_shows_and_not_by_how_it_was_found(site, client):
    site.soup.body = [("text", f'<p><a linktype="page" id="{site.bread.pk}">bread</a></p>')]
    site.soup.save()
    announcement = Announcement.for_site(site.site)
    assert tags(client, "/recipes/soup/") == {
        f"page-{site.soup.pk}",
        f"page-{site.bread.pk}",
        f"pantry.category-{site.category.pk}",
        f"image-{site.image.pk}",
        f"pantry.announcement-{announcement.pk}",
        "pantry.announcement",
    }


def test_a_list_is_tagged_by_its_query_and_by_what_it_found(site, client):
    found = {f"page-{page.pk}" for page in (site.recipes, site.soup, site.bread)}
    assert tags(client, "/recipes/") == found | {"pantry.recipe"}
    Recipe.objects.update(live=False)
    assert tags(client, "/recipes/") == {f"page-{site.recipes.pk}", "pantry.recipe"}


def test_the_api_is_tagged(site, client):
    detail = tags(client, f"/api/v2/pages/{site.soup.pk}/")
    assert {f"page-{site.soup.pk}", f"pantry.category-{site.category.pk}"} <= detail
    assert "wagtailcore.page" not in detail
    listing = tags(client, "/api/v2/pages/?type=pantry.Recipe")
    assert {f"page-{site.soup.pk}", f"page-{site.bread.pk}", "pantry.recipe"} <= listing


def test_what_was_asked_for_and_not_found_is_a_tag_too(site, client):
    Recipe.objects.filter(pk=site.soup.pk).update(live=False)
    answer = client.get(f"/api/v2/pages/{site.soup.pk}/", HTTP_HOST=HOST)
    assert answer.status_code == 404
    assert f"page-{site.soup.pk}" in answer["Surrogate-Key"].split()


@pytest.mark.parametrize(
    "address, make",
    [
        ("/api/v2/images/4711/", lambda: Image.objects.create(pk=4711, title="Pear", file=picture())),
        (
            "/api/v2/documents/4711/",
            lambda: Document.objects.create(pk=4711, title="Note", file=ContentFile(b"text", name="note.txt")),
        ),
        ("/categories/4711/", lambda: Category.objects.create(pk=4711, name="Breads")),
        ("/threads/4711/", lambda: Thread.objects.create(pk=4711, board=Board.objects.create(slug="jars"))),
    ],
)
def test_what_was_asked_for_too_early_is_purged_when_it_comes(site, client, commit, address, make):
    answer = client.get(address, HTTP_HOST=HOST)
    assert answer.status_code == 404
    (tag,) = [tag for tag in answer["Surrogate-Key"].split() if tag.endswith("-4711")]  # beside the error page's
    with commit() as purged:
        make()
    assert f"tag:{tag}" in purged.select


def test_values_and_counts_are_lists(site, client):
    assert tags(client, "/categories/") == {"pantry.category"}


def test_a_plain_view_and_a_model_of_the_project(db, client):
    thread = Thread.objects.create(board=Board.objects.create(slug="jars"), title="Lids")
    assert tags(client, f"/threads/{thread.pk}/") == {f"pantry.thread-{thread.pk}"}
    assert tags(client, "/threads/") == {f"pantry.thread-{thread.pk}", "pantry.thread"}


def test_a_template_adds_a_tag(site, client):
    assert "front" in tags(client, "/")


def test_a_view_adds_tags_and_objects(site, rf):
    def view(request):
        from django.http import HttpResponse

        larder.add_tags("footer", "two words", site.category)
        return HttpResponse(headers={"Surrogate-Key": "own"})

    answer = middleware.SurrogateKeyMiddleware(view)(rf.get("/"))
    assert answer["Surrogate-Key"] == f"own footer pantry.category-{site.category.pk} two-words"


def test_outside_a_request_a_tag_is_for_nobody(db):
    larder.add_tags("footer")


def test_a_post_has_no_tags(site, client):
    answer = client.post("/recipes/soup/", HTTP_HOST=HOST)
    assert "Surrogate-Key" not in answer


def test_without_a_url_there_are_no_tags(site, client, settings):
    settings.LARDER_URL = ""
    assert tags(client, "/recipes/") == set()


def test_a_private_page_is_tagged(site, client):
    PageViewRestriction.objects.create(page=site.soup, restriction_type="password", password="x")
    assert f"page-{site.soup.pk}" in tags(client, "/recipes/soup/")


def test_many_objects_become_one_tag(db, client):
    board = Board.objects.create(slug="jars")
    Thread.objects.bulk_create(Thread(board=board, title=str(number)) for number in range(collect.TAGS_MAX + 1))
    assert tags(client, "/threads/") == {"pantry.thread-any", "pantry.thread"}


def test_of_several_kinds_the_largest_gives_way():
    collector = collect.Collector()
    collector.objects = {"page": set(range(150)), "image": set(range(40)), "x.y": set(range(60))}
    names = collector.tags()
    assert "page-any" in names
    assert "page-1" not in names
    assert {"image-1", "x.y-1"} <= set(names)


def test_the_field_stays_below_what_servers_take():
    collector = collect.Collector()
    collector.objects = {"page": {f"{'x' * 40}{number}" for number in range(190)}}
    assert collector.tags() == ["page-any"]


@pytest.mark.parametrize("names", [[f"t{number}" for number in range(201)], ["x" * 8000]])
def test_a_response_whose_tags_cannot_all_be_told_is_not_kept(db, rf, names, caplog):
    def view(request):
        from django.http import HttpResponse

        larder.add_tags(*names)
        return HttpResponse()

    answer = middleware.SurrogateKeyMiddleware(view)(rf.get("/"))
    assert "Surrogate-Key" not in answer
    assert answer["Larder-Cache-Control"] == "no-store"
    assert "too many tags" in caplog.text


def test_an_asynchronous_server(site):
    answer = async_to_sync(AsyncClient().get)("/recipes/")
    assert {"pantry.recipe", f"page-{site.soup.pk}"} <= set(answer["Surrogate-Key"].split())


def test_a_connection_opened_inside_anothers_wrapper_keeps_both_apart(db):
    from django.db import connection

    def another(execute, sql, params, many, context):
        return execute(sql, params, many, context)

    connection.execute_wrappers.remove(collect.note_query)
    with connection.execute_wrapper(another):
        collect.listen(connection)
    assert collect.note_query in connection.execute_wrappers
    assert another not in connection.execute_wrappers


def test_two_requests_do_not_mix(site, client):
    first, token = collect.begin()
    try:
        Category.objects.get(pk=site.category.pk)
        second, inner = collect.begin()
        Banner.objects.count()
        collect.end(inner)
    finally:
        collect.end(token)
    assert first.tags() == [f"pantry.category-{site.category.pk}"]
    assert second.tags() == ["pantry.banner"]


PAGE = '"wagtailcore_page"'


@pytest.mark.parametrize(
    "sql, lists, kind",
    [
        ('SELECT 1 FROM "pantry_category" WHERE "pantry_category"."id" = %s LIMIT 21', set(), "pantry.category"),
        ("SELECT 1 FROM `pantry_category` WHERE `pantry_category`.`id` = %s", set(), "pantry.category"),
        ('SELECT 1 FROM "pantry_category" WHERE "pantry_category"."id" IN (%s, %s)', set(), ""),
        ('SELECT 1 FROM "pantry_category" WHERE "pantry_category"."name" = %s', {"pantry.category"}, ""),
        (
            '(SELECT 1 FROM "pantry_category") UNION (SELECT 1 FROM "pantry_banner")',
            {"pantry.category", "pantry.banner"},
            "",
        ),
        ('SELECT COUNT(*) AS "__count" FROM "pantry_category"', {"pantry.category"}, ""),
        ('SELECT 1 FROM "auth_user" WHERE "auth_user"."id" = %s', set(), ""),
        (
            'SELECT 1 FROM "auth_user" INNER JOIN "pantry_category" ON ("auth_user"."id" = "pantry_category"."id")',
            {"pantry.category"},
            "",
        ),
        (
            f'SELECT 1 FROM "pantry_recipe" INNER JOIN {PAGE} ON ("pantry_recipe"."page_ptr_id" = {PAGE}."id") '
            f'WHERE {PAGE}."live"',
            {"pantry.recipe"},
            "",
        ),
        (f'SELECT 1 FROM {PAGE} WHERE {PAGE}."depth" = %s', {"wagtailcore.page"}, ""),
        (f'SELECT 1 FROM {PAGE} WHERE ({PAGE}."depth" = %s AND {PAGE}."show_in_menus")', {"menu"}, ""),
        (f'SELECT 1 FROM {PAGE} WHERE {PAGE}."path" IN (%s, %s)', set(), ""),
        (f'SELECT 1 FROM {PAGE} WHERE ({PAGE}."live" AND {PAGE}."id" = %s) LIMIT 21', set(), "page"),
        (f'SELECT 1 FROM {PAGE} WHERE {PAGE}."id" IN (SELECT U0."id" FROM "x" U0)', {"wagtailcore.page"}, ""),
        ('SELECT 1 FROM "wagtailcore_site" INNER JOIN "wagtailcore_page" ON (1)', set(), ""),
    ],
)
def test_what_a_statement_looks_for(sql, lists, kind):
    reading = collect.read(sql)
    assert (set(reading.lists), reading.kind) == (lists, kind)


def test_statements_are_remembered_up_to_a_bound(db, monkeypatch):
    monkeypatch.setattr(collect, "STATEMENTS_MAX", 10)
    collect._known.clear()
    for number in range(50):
        collect.reading_of(f"SELECT {number} FROM x")
    assert len(collect._known) <= 10
