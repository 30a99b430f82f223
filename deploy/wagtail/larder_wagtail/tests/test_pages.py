"""What each change of a page purges: exactly these selectors, in one webhook."""

import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db.models.signals import post_delete
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from larder_wagtail.models import Purge
from pantry.models import IndexPage, Recipe

pytestmark = pytest.mark.django_db

ABOVE = {"path:/", "path:/recipes/"}


def shown(page, path):
    return {f"tag:page-{page.pk}", "tag:page-any", f"path:{path}"}


LISTS = {"tag:pantry.recipe", "tag:wagtailcore.page"}


def publish(page, **changes):
    page = page.specific
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_a_new_text_purges_the_page_and_what_is_above_it(site, commit):
    with commit() as purged:
        publish(site.soup, title="Broth", intro="hot")
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE
    assert purged.events == {"page.changed", "page.published"}
    assert len(purged.requests) == 1
    assert purged.requests[0]["mode"] == "hard"
    assert purged.requests[0]["refresh"] is True


def test_a_draft_purges_nothing(site, commit):
    with commit() as purged:
        site.soup.title = "Broth"
        site.soup.save_revision()
        new = site.recipes.add_child(instance=Recipe(title="Secret", slug="secret", live=False))
        new.save_revision()
    assert purged.requests == []


def test_a_new_page_purges_the_lists(site, commit):
    with commit() as purged:
        new = site.recipes.add_child(instance=Recipe(title="Jam", slug="jam"))
    assert purged.select == shown(new, "/recipes/jam/") | ABOVE | LISTS
    assert purged.events == {"page.published"}


def test_a_date_changes_the_order_of_lists(site, commit):
    with commit() as purged:
        publish(site.soup, date=datetime.date(2026, 5, 5))
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE | LISTS


def test_a_text_that_lists_are_ordered_by_is_named_in_the_settings(site, commit, settings):
    from larder_wagtail import page_events

    settings.LARDER_LIST_FIELDS = {"pantry.Recipe": ["title"]}
    page_events.fields_of_lists.cache_clear()
    try:
        with commit() as purged:
            publish(site.soup, title="Broth")
    finally:
        page_events.fields_of_lists.cache_clear()
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE | LISTS


def test_unpublished(site, commit):
    with commit() as purged:
        site.soup.unpublish()
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE | LISTS
    assert purged.events == {"page.unpublished"}


def test_deleted_with_its_address_taken_before(site, commit):
    pk = site.soup.pk
    with commit() as purged:
        site.soup.delete()
    wanted = {f"tag:page-{pk}", "tag:page-any", "path:/recipes/soup/", "prefix:/recipes/soup/"}
    assert purged.select == wanted | ABOVE | LISTS
    assert "page.deleted" in purged.events


def test_deleted_by_its_base_class_and_with_what_is_below(site, commit):
    with commit() as purged:
        Page.objects.get(pk=site.recipes.pk).delete()
    for page in (site.recipes, site.soup, site.bread):
        assert f"tag:page-{page.pk}" in purged.select
    assert {"prefix:/recipes/", "tag:pantry.recipe", "tag:pantry.indexpage", "tag:menu"} <= purged.select


def test_a_new_slug_purges_both_addresses_and_the_pages_below(site, commit):
    with commit() as purged:
        site.recipes.slug = "dishes"
        site.recipes.save()
    assert purged.select == shown(site.recipes, "/dishes/") | {
        "path:/recipes/",
        "prefix:/recipes/",
        "prefix:/dishes/",
        "path:/",
        f"tag:page-{site.soup.pk}",
        f"tag:page-{site.bread.pk}",
        "tag:pantry.indexpage",
        "tag:wagtailcore.page",
        "tag:menu",
    }
    assert purged.events == {"page.moved"}


def test_the_redirects_of_a_former_address_are_there_before_it_is_purged(site, commit, receiver):
    """A 404 that was fetched between the commit and the redirect must not stay."""
    former, seen = {"path:/recipes/", "prefix:/recipes/"}, []

    def redirects_at_purge(sender, instance, **kwargs):
        if former <= set(instance.selectors):
            seen.append(Redirect.objects.filter(old_path="/recipes").exists())

    post_delete.connect(redirects_at_purge, sender=Purge)  # once it is acknowledged
    try:
        with commit():
            site.recipes.slug = "dishes"
            site.recipes.save()
    finally:
        post_delete.disconnect(redirects_at_purge, sender=Purge)
    assert seen[-1:] == [True]


def test_moved_purges_the_old_prefix_and_the_new(site, commit):
    with commit():
        cellar = site.home.add_child(instance=IndexPage(title="Cellar", slug="cellar"))
    with commit() as purged:
        site.soup.move(cellar, pos="last-child")
    assert {
        "path:/recipes/soup/",
        "prefix:/recipes/soup/",
        "path:/cellar/soup/",
        "prefix:/cellar/soup/",
        "path:/recipes/",
        "path:/cellar/",
        f"tag:page-{site.soup.pk}",
        *LISTS,
    } <= purged.select
    assert f"tag:page-{site.bread.pk}" not in purged.select
    assert purged.events == {"page.moved"}


def test_a_new_order_purges_lists_and_no_prefix(site, commit):
    with commit() as purged:
        site.bread.move(site.soup, pos="left")
    assert LISTS | ABOVE <= purged.select
    assert not [selector for selector in purged.select if selector.startswith("prefix:")]


def test_a_page_of_two_sites_is_purged_on_both(site, commit):
    from wagtail.models import Site

    with commit():
        Site.objects.create(hostname="recipes.example", root_page=site.recipes)
    with commit() as purged:
        publish(site.soup, title="Broth")
    assert {"path:/recipes/soup/", "path:/soup/", "path:/recipes/", "path:/"} <= purged.select


def test_an_alias_goes_with_its_original(site, commit):
    alias = site.soup.create_alias(parent=site.home, update_slug="soup-of-the-day")
    with commit() as purged:
        publish(site.soup, title="Broth")
    assert shown(alias, "/soup-of-the-day/") | shown(site.soup, "/recipes/soup/") <= purged.select
    with commit() as purged:
        site.soup.refresh_from_db()
        site.soup.unpublish()
    assert shown(alias, "/soup-of-the-day/") | shown(site.soup, "/recipes/soup/") <= purged.select


def test_translations_are_told_of_one_that_comes_or_goes(site, commit):
    with commit() as purged:
        draft = site.recipes.copy_for_translation(site.german)
    with commit() as purged:
        draft.slug = "rezepte"
        draft.save_revision().publish()
    assert shown(draft, "/de/rezepte/") | shown(site.recipes, "/recipes/") <= purged.select
    with commit() as purged:
        site.recipes.refresh_from_db()
        publish(site.recipes, title="All recipes")
    assert f"tag:page-{draft.pk}" not in purged.select


def test_a_copy_that_is_live(site, commit):
    with commit() as purged:
        copy = site.soup.copy(update_attrs={"slug": "soup-2"}, keep_live=True)
    assert shown(copy, "/recipes/soup-2/") | LISTS | ABOVE <= purged.select


def test_scheduled_publishing_purges_when_it_happens(site, commit):
    with commit():
        publish(site.soup)
    site.soup.refresh_from_db()
    with commit() as purged:
        site.soup.title = "Broth"
        site.soup.go_live_at = timezone.now() + datetime.timedelta(hours=1)
        site.soup.save_revision().publish()
    assert purged.requests == []
    from wagtail.models import Revision

    Revision.objects.filter(object_id=str(site.soup.pk)).update(approved_go_live_at=timezone.now())
    revision = site.soup.get_latest_revision()
    revision.content["go_live_at"] = None
    revision.save(update_fields=["content"])
    with commit() as purged:
        call_command("publish_scheduled")
    assert shown(site.soup, "/recipes/soup/") <= purged.select
    assert "page.published" in purged.events


def test_an_expired_page_is_unpublished_by_the_schedule(site, commit):
    Page.objects.filter(pk=site.soup.pk).update(expire_at=timezone.now() - datetime.timedelta(hours=1))
    with commit() as purged:
        call_command("publish_scheduled")
    assert shown(site.soup, "/recipes/soup/") | LISTS | ABOVE == purged.select


def test_bulk_publishing_is_one_webhook(site, commit, client):
    for page in (site.soup, site.bread):
        page.title += "!"
        page.save_revision()
    client.force_login(User.objects.create_superuser("editor"))
    with commit() as purged:
        answer = client.post(f"/admin/bulk/wagtailcore/page/publish/?id={site.soup.pk}&id={site.bread.pk}")
    assert answer.status_code == 302
    assert len(purged.requests) == 1
    assert purged.select == shown(site.soup, "/recipes/soup/") | shown(site.bread, "/recipes/bread/") | ABOVE


def test_approval_by_a_workflow_publishes(site, commit):
    from wagtail.models import GroupApprovalTask, Workflow, WorkflowTask

    editor = User.objects.create_superuser("editor")
    workflow = Workflow.objects.create(name="Four eyes")
    task = GroupApprovalTask.objects.create(name="Look")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=1)
    with commit() as purged:
        site.soup.title = "Broth"
        site.soup.save_revision()
        state = workflow.start(site.soup, editor)
    assert purged.requests == []
    with commit() as purged:
        state.current_task_state.approve(user=editor)
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE


def test_a_page_made_private_purges_all_below_it_hard(site, commit):
    with commit() as purged:
        restriction = PageViewRestriction.objects.create(page=site.recipes, restriction_type="password", password="x")
    wanted = shown(site.recipes, "/recipes/") | {
        "prefix:/recipes/",
        "path:/",
        f"tag:page-{site.soup.pk}",
        f"tag:page-{site.bread.pk}",
        "tag:menu",
        "tag:pantry.indexpage",
        *LISTS,
    }
    assert purged.select == wanted
    assert purged.requests[0]["mode"] == "hard"
    assert purged.requests[0]["refresh"] is False
    with commit() as purged:
        restriction.restriction_type = "groups"
        restriction.save()
    assert purged.select == wanted
    with commit() as purged:
        restriction.groups.add(Group.objects.create(name="cooks"))
    assert purged.select == wanted
    restrictions = Group.objects.create(name="bakers").pageviewrestriction_set
    for change in (restrictions.add, restrictions.remove):
        with commit() as purged:
            change(restriction)
        assert purged.select == wanted
    with commit():
        restrictions.add(restriction)
    with commit() as purged:
        restrictions.clear()
    assert purged.select == wanted
    with commit() as purged:
        restriction.delete()
    assert purged.select == wanted


def test_a_tag_is_written_after_the_page(site, commit):
    with commit() as purged:
        site.soup.tags.add("winter")
        site.soup.save()
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE | LISTS


def test_the_same_tags_written_anew_are_no_other_tags(site, commit):
    with commit():
        site.soup.tags.add("winter", "hot")
        site.soup.save()
    with commit() as purged:
        site.soup.tags.set(["hot", "winter"], clear=True)
        publish(site.soup, title="Broth")
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE
    with commit() as purged:
        site.soup.refresh_from_db()
        site.soup.tags.set(["hot"], clear=True)
        publish(site.soup)
    assert purged.select == shown(site.soup, "/recipes/soup/") | ABOVE | LISTS


def test_a_page_that_links_to_it(site, commit):
    site.bread.body = [("page", site.soup)]
    site.bread.save()
    with commit() as purged:
        publish(site.soup, title="Broth")
    assert {f"tag:page-{site.bread.pk}", "path:/recipes/bread/"} <= purged.select


def test_featured_is_a_list_of_the_projects_own(site, commit):
    with commit() as purged:
        publish(site.soup, featured=True)
    assert "tag:featured-recipes" in purged.select
    with commit() as purged:
        site.soup.refresh_from_db()
        publish(site.soup, title="Broth")
    assert "tag:featured-recipes" not in purged.select


def test_what_is_below_an_unlimited_tree_becomes_everything(site, commit, monkeypatch):
    from larder_wagtail import tree

    monkeypatch.setattr(tree, "DESCENDANTS_MAX", 1)
    with commit() as purged:
        site.recipes.slug = "dishes"
        site.recipes.save()
    assert purged.requests[0]["select"] == ["all"]


def test_an_address_that_cannot_be_told_fails_no_save(site, commit, monkeypatch, caplog):
    def fail(*arguments, **named):
        raise RuntimeError("an address of the project's own")

    monkeypatch.setattr(Recipe, "get_url_parts", fail)
    with commit() as purged:
        site.soup.title = "Broth"
        site.soup.save()
    assert purged.select == {"all"}
    assert "could not be told" in caplog.text


def test_a_locked_page_purges_nothing(site, commit):
    with commit() as purged:
        site.soup.locked = True
        site.soup.save(update_fields=["locked", "locked_at", "locked_by"])
    assert purged.requests == []


def test_the_first_webhook_of_a_change_asks_for_the_refresh(site, commit, settings):
    """Without a transaction the row is told of before its publication, which finds nothing left to fetch again."""
    with commit() as purged:
        site.soup.title = "Broth"
        site.soup.save()
    assert (purged.events, purged.requests[0]["refresh"]) == ({"page.changed"}, True)
    settings.LARDER_REFRESH = False
    with commit() as purged:
        site.soup.title = "Soup"
        site.soup.save()
    assert purged.requests[0]["refresh"] is False
    settings.LARDER_REFRESH = True
    with commit() as purged:
        site.soup.unpublish()
    assert purged.requests[0]["refresh"] is False


def test_saved_as_it_was_purges_nothing(site, commit):
    with commit() as purged:
        site.soup.save()
        site.recipes.save()
    assert purged.requests == []
