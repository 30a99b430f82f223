"""What changes beside pages: files, snippets, settings, redirects, sites; and the project's own models."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, CollectionViewRestriction, Locale, Site

import larder_wagtail as larder
from conftest import picture
from larder_wagtail import depends
from pantry.models import Announcement, Banner, Board, Brand, Category, Footer, Notice, Post, Reaction, Thread

pytestmark = pytest.mark.django_db


def uses(page, path):
    return {f"tag:page-{page.pk}", f"path:{path}"}


# --- Files -----------------------------------------------------------------------------------------------------------


def image_tags(image):
    return {f"tag:image-{image.pk}", "tag:image-any", "tag:wagtailimages.image"}


def test_an_image_replaced_purges_its_renditions_and_who_shows_it(site, commit):
    rendition = site.image.get_rendition("width-8")
    former = {f"path:{site.image.file.url}", f"path:{rendition.file.url}"}
    with commit() as purged:
        site.image.file = picture("black")
        site.image.save()
        site.image.renditions.all().delete()
    assert purged.select == former | image_tags(site.image) | uses(site.soup, "/recipes/soup/") | {
        f"path:{site.image.file.url}"
    }
    # At the commit, and again when Wagtail has removed the file.
    assert [data["events"][0] for data in purged.requests] == ["image.changed", "file.removed"]
    assert purged.requests[1]["select"] == [f"path:{rendition.file.url}"]


def test_a_removed_file_is_purged_once_it_is_gone(site, commit, receiver):
    rendition = site.image.get_rendition("width-8")
    address, was_there = f"path:{rendition.file.url}", []
    receiver.on_request = lambda data: was_there.append(
        rendition.file.storage.exists(rendition.file.name) if address in data["select"] else None
    )
    with commit():
        rendition.delete()
    assert was_there == [True, False]


def test_an_image_deleted(site, commit):
    pk, address = site.image.pk, site.image.file.url
    with commit() as purged:
        site.image.delete()
    assert {f"tag:image-{pk}", f"path:{address}"} | uses(site.soup, "/recipes/soup/") <= purged.select


def test_an_image_uploaded(site, commit):
    from wagtail.images.models import Image

    with commit() as purged:
        new = Image.objects.create(title="Pear", file=picture("green"))
    assert purged.select == {
        f"tag:image-{new.pk}",
        "tag:image-any",
        "tag:wagtailimages.image",
        f"path:{new.file.url}",
    }


def test_what_wagtail_works_out_of_a_file_purges_nothing(site, commit):
    with commit() as purged:
        site.image.file_hash = "0" * 40
        site.image.save(update_fields=["file_hash"])
    assert purged.requests == []


def test_an_image_in_a_body(site, commit):
    with commit():
        site.bread.body = [("image", site.image)]
        site.bread.save()
    with commit() as purged:
        site.image.title = "Red apple"
        site.image.save()
    assert uses(site.bread, "/recipes/bread/") <= purged.select


def test_a_document_replaced_and_deleted(site, commit):
    address, file = site.leaflet.url, site.leaflet.file.url
    with commit() as purged:
        site.leaflet.file = ContentFile(b"another", name="other.txt")
        site.leaflet.save()
    pk = site.leaflet.pk
    own = {f"tag:document-{pk}", "tag:document-any", "tag:wagtaildocs.document"} | uses(site.soup, "/recipes/soup/")
    now = {f"path:{site.leaflet.url}", f"path:{site.leaflet.file.url}"}
    assert purged.select == own | now | {f"path:{address}", f"path:{file}"}
    with commit() as purged:
        site.leaflet.delete()
    assert purged.select == own | now


def test_a_collection_made_private(site, commit):
    with commit():
        cellar = Collection.get_first_root_node().add_child(name="Cellar")
        below = cellar.add_child(name="Shelf")
        site.leaflet.collection = below
        site.leaflet.save()
    wanted = {
        f"tag:document-{site.leaflet.pk}",
        "tag:document-any",
        "tag:wagtaildocs.document",
        f"path:{site.leaflet.url}",
        f"path:{site.leaflet.file.url}",
    }
    with commit() as purged:
        restriction = CollectionViewRestriction.objects.create(collection=cellar, restriction_type="login")
    assert purged.select == wanted
    assert purged.requests[0]["mode"] == "hard"
    for change in (
        lambda: restriction.groups.add(Group.objects.create(name="cooks")),
        lambda: Group.objects.create(name="bakers").collectionviewrestriction_set.add(restriction),
        lambda: Group.objects.get(name="bakers").collectionviewrestriction_set.clear(),
    ):
        with commit() as purged:
            change()
        assert purged.select == wanted
    with commit() as purged:
        restriction.delete()
    assert purged.select == wanted
    with commit() as purged:
        below.move(Collection.get_first_root_node(), "sorted-child")
        Collection.objects.get(pk=below.pk).save()
    assert purged.select == wanted


def test_a_large_collection_becomes_everything(site, commit, monkeypatch):
    from larder_wagtail import media_events

    monkeypatch.setattr(media_events, "FILES_MAX", 0)
    with commit() as purged:
        CollectionViewRestriction.objects.create(collection=site.image.collection, restriction_type="login")
    assert purged.select == {"all"}


# --- Snippets and settings -------------------------------------------------------------------------------------------


def test_a_snippet_renamed_purges_who_shows_it(site, commit):
    with commit() as purged:
        site.category.name = "Stews"
        site.category.save()
    own = {f"tag:pantry.category-{site.category.pk}", "tag:pantry.category-any"}
    assert purged.select == own | uses(site.soup, "/recipes/soup/")
    assert purged.events == {"snippet.changed"}


def test_a_snippet_shown_by_a_snippet(site, commit):
    with commit():
        other = Category.objects.create(name="Breads")
        banner = Banner.objects.create(text="Fresh", category=other)
        site.bread.body = [("banner", banner)]
        site.bread.save()
    with commit() as purged:
        other.name = "Loaves"
        other.save()
    assert uses(site.bread, "/recipes/bread/") | {f"tag:pantry.banner-{banner.pk}"} <= purged.select


def test_snippets_that_refer_to_each_other_come_to_an_end(site, commit):
    from wagtail.models import ReferenceIndex

    with commit():
        banner = Banner.objects.create(text="Fresh", category=site.category)
    with commit():
        row = ReferenceIndex.get_references_to(site.category).filter(object_id=str(banner.pk)).get()
        row.pk, row.to_content_type, row.to_object_id = None, row.content_type, str(banner.pk)
        row.content_path_hash = "00000000-0000-0000-0000-000000000000"
        row.save()
    with commit() as purged:
        site.category.name = "Stews"
        site.category.save()
    assert f"tag:pantry.banner-{banner.pk}" in purged.select


def test_too_many_users_become_everything(site, commit, monkeypatch):
    from larder_wagtail import references

    monkeypatch.setattr(references, "USERS_MAX", 0)
    with commit() as purged:
        site.category.name = "Stews"
        site.category.save()
    assert purged.select == {"all"}


def test_a_snippet_comes_changes_its_place_and_goes(site, commit):
    with commit() as purged:
        new = Category.objects.create(name="Breads")
    own = {f"tag:pantry.category-{new.pk}", "tag:pantry.category-any", "tag:pantry.category"}
    assert purged.select == own
    with commit() as purged:
        new.position = 5
        new.save()
    assert purged.select == own
    with commit() as purged:
        new.delete()
    assert purged.select == own


def test_a_snippets_relation_changes_from_either_side(site, commit):
    with commit():
        banner = Banner.objects.create(text="Fresh")
        board = Board.objects.create(slug="jars")
    own = {f"tag:pantry.banner-{banner.pk}", "tag:pantry.banner-any", "tag:pantry.banner"}
    for change in (
        lambda: banner.places.add(board),
        lambda: banner.places.clear(),
        lambda: board.banners.add(banner),
        lambda: board.banners.remove(banner),
        lambda: board.banners.set([banner]),
        lambda: board.banners.clear(),
    ):
        with commit() as purged:
            change()
        assert purged.select == own
    with commit() as purged:
        board.banners.clear()
    assert purged.requests == []


def test_a_snippets_draft_purges_nothing_and_its_publication_does(site, commit):
    with commit() as purged:
        notice = Notice.objects.create(text="Soon", live=False)
        notice.text = "Now"
        revision = notice.save_revision()
    assert purged.requests == []
    own = {f"tag:pantry.notice-{notice.pk}", "tag:pantry.notice-any", "tag:pantry.notice"}
    with commit() as purged:
        revision.publish()
    assert purged.select == own
    notice.refresh_from_db()
    with commit() as purged:
        notice.text = "Later"
        notice.save_revision()
    assert purged.requests == []
    with commit() as purged:
        notice.unpublish()
    assert purged.select == own


def test_a_translated_snippet(site, commit):
    with commit():
        footer = Footer.objects.create(text="Bye", locale=site.english)
    with commit() as purged:
        translation = footer.copy_for_translation(site.german)
        translation.save()
    own = {f"tag:pantry.footer-{translation.pk}", "tag:pantry.footer-any"}
    assert purged.select == own | {"tag:pantry.footer"}
    with commit() as purged:
        translation.text = "Ade"
        translation.save()
    assert purged.select == own


def test_a_setting_edited(site, commit):
    with commit():
        announcement = Announcement.for_site(site.site)
        brand = Brand.load()
    with commit() as purged:
        announcement.text = "Closed"
        announcement.save()
    assert purged.select == {f"tag:pantry.announcement-{announcement.pk}", "tag:pantry.announcement-any"}
    assert purged.events == {"setting.changed"}
    with commit() as purged:
        brand.name = "Larder"
        brand.save()
    assert purged.select == {f"tag:pantry.brand-{brand.pk}", "tag:pantry.brand-any"}


# --- Redirects, sites, locales ---------------------------------------------------------------------------------------


def test_a_redirect_comes_changes_and_goes(site, commit):
    with commit() as purged:
        redirect = Redirect.add_redirect("/old-soup/", site.soup, is_permanent=False)
    assert purged.select == {"path:/old-soup"}
    with commit() as purged:
        redirect.old_path = "/older-soup"
        redirect.save()
    assert purged.select == {"path:/old-soup", "path:/older-soup"}
    with commit() as purged:
        redirect.delete()
    assert purged.select == {"path:/older-soup"}


def test_a_redirect_of_one_query_purges_the_path(site, commit):
    with commit() as purged:
        Redirect.objects.create(old_path="/old?a=1", redirect_link="http://pantry.example/")
    assert purged.select == {"path:/old"}


@pytest.mark.parametrize("model", [Site, Locale])
def test_a_site_or_a_language_changes_everything(site, commit, model):
    with commit() as purged:
        model.objects.first().save()
    assert purged.select == {"all"}


def test_loaded_data_changes_everything(site, commit, tmp_path):
    from django.core.management import call_command

    call_command("dumpdata", "pantry.Category", output=str(tmp_path / "data.json"))
    with commit() as purged:
        call_command("loaddata", str(tmp_path / "data.json"), verbosity=0)
    assert purged.select == {"all"}
    assert purged.events == {"data.loaded"}


# --- The project's own terms -----------------------------------------------------------------------------------------


@pytest.fixture
def forum(commit):
    with commit():
        jars, tins = Board.objects.create(slug="jars", title="Jars"), Board.objects.create(slug="tins", title="Tins")
        thread = Thread.objects.create(board=jars, title="Lids")
        post = Post.objects.create(thread=thread, text="Which?")
    return jars, tins, thread, post


def of_thread(thread):
    """LARDER_TRACK names threads, so that their objects are tags as well."""
    return {f"tag:thread:{thread.pk}", f"tag:pantry.thread-{thread.pk}", "tag:pantry.thread-any"}


def test_a_post_added_deleted_softly_and_deleted(forum, commit):
    jars, _, thread, post = forum
    wanted = {f"tag:thread:{thread.pk}", "tag:board:jars"}
    with commit() as purged:
        Post.objects.create(thread=thread, text="Those.")
    assert purged.select == wanted
    assert purged.events == {"pantry.post.created"}
    with commit() as purged:
        post.deleted_at = "2026-01-01T00:00:00Z"
        post.save(update_fields=["deleted_at"])
    assert purged.select == wanted
    with commit() as purged:
        post.delete()
    assert purged.select == wanted
    assert purged.events == {"pantry.post.deleted"}


def test_a_thread_moved_purges_both_boards(forum, commit):
    _, tins, thread, _ = forum
    with commit() as purged:
        thread.board = tins
        thread.save()
    assert purged.select == of_thread(thread) | {"tag:board:jars", "tag:board:tins", "tag:pantry.thread"}


def test_a_board_renamed_purges_its_subtree(forum, commit):
    with commit() as purged:
        forum[0].slug = "glasses"
        forum[0].save()
    assert purged.select == {"tag:forum-index", "prefix:/forum/c/jars/", "prefix:/forum/c/glasses/"}


def test_a_reaction_purges_its_thread_only_and_softly(forum, commit):
    with commit() as purged:
        Reaction.objects.create(post=forum[3], kind="thanks")
    assert purged.select == {f"tag:thread:{forum[2].pk}"}
    assert (purged.requests[0]["mode"], purged.requests[0]["refresh"]) == ("soft", False)


def test_a_view_counter_purges_nothing(forum, commit, django_assert_num_queries):
    board = forum[0]
    with commit() as purged:
        Board.objects.filter(pk=board.pk).update(visits=F("visits") + 1)
        board.visits = F("visits") + 1
        board.save()
        board.refresh_from_db()
        board.visits += 1
        with django_assert_num_queries(1):
            board.save(update_fields=["visits"])
    assert purged.requests == []


def test_saved_as_it_was_purges_nothing(forum, commit):
    with commit() as purged:
        forum[0].save()
        forum[3].save()
    assert purged.requests == []


def test_the_board_of_a_deleted_thread(forum, commit):
    with commit() as purged:
        forum[0].delete()
    assert {"tag:board:jars", f"tag:thread:{forum[2].pk}", "tag:forum-index", "prefix:/forum/c/jars/"} <= purged.select


def test_a_template_that_is_wrong_fails_no_save(forum, commit, monkeypatch, caplog):
    rule = depends.Rule(tags=("post:{nothing_of_the_kind}",))
    monkeypatch.setitem(depends.rules, Post, [rule])
    with commit() as purged:
        Post.objects.create(thread=forum[2], text="Those.")
    assert purged.select == {"all"}
    assert "could not be told" in caplog.text


def test_a_settings_table_of_tags_and_of_rules(forum, commit, settings, monkeypatch):
    monkeypatch.setitem(depends.rules, Post, [])
    settings.LARDER_DEPENDS = {"pantry.Post": ["post:{pk}", "posts", {"tags": ["texts"], "fields": ["text"]}]}
    depends.register_settings()
    post = forum[3]
    with commit() as purged:
        post.text = "These."
        post.save()
    assert purged.select == {f"tag:post:{post.pk}", "tag:posts", "tag:texts"}
    with commit() as purged:
        post.deleted_at = timezone.now()
        post.save()
    assert purged.select == {f"tag:post:{post.pk}", "tag:posts"}


@pytest.mark.parametrize(
    "entries",
    [
        "posts",
        {"tags": ["posts"]},
        [{"tags": "posts"}],
        [{"tags": ["posts"], "fields": "text"}],
        [{"tags": ["posts"], "fields": ["txt"]}],
        [{"tags": ["posts"], "colour": "red"}],
        [{"tags": ["posts"], "mode": "harder"}],
        [{"tags": ["posts"], "on": ["saved"]}],
        [7],
    ],
)
def test_a_settings_table_that_is_wrong(settings, monkeypatch, entries):
    monkeypatch.setitem(depends.rules, Post, [])
    settings.LARDER_DEPENDS = {"pantry.Post": entries}
    with pytest.raises(ImproperlyConfigured):
        depends.register_settings()
    assert depends.rules[Post] == []


def test_purge_says_what_the_database_did_not(site, commit):
    with commit() as purged:
        larder.purge(
            "host:pantry.example",
            tags=["footer", "blog-*", "with space"],
            paths=["/äpfel/"],
            prefixes=["/forum/"],
            urls=["http://pantry.example/a?b=1", "http://pantry.example/c"],
            mode="soft",
            refresh=False,
        )
    assert purged.requests[0] == {
        "select": [
            "host:pantry.example",
            "tag:footer",
            "tag:blog-*",
            "tag:with-space",
            "path:/%C3%A4pfel/",
            "prefix:/forum/",
            "url:http://pantry.example/a?b=1",
            "path:http://pantry.example/c",
        ],
        "mode": "soft",
        "refresh": False,
        "events": ["purge"],
    }


def test_purge_refuses_what_is_no_selector(site):
    with pytest.raises(ValueError, match="expected a kind"):
        larder.purge("blog")
    with pytest.raises(TypeError, match="tags must be a list"):
        larder.purge(tags="blog")
    with pytest.raises(ValueError, match="mode"):
        larder.purge(tags=["blog"], mode="harder")
