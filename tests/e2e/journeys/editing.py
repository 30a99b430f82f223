"""An editor at work in the Wagtail admin."""

from house import log_in
from journeys.reading import POST

from editor import page_id_at

DRAFT = "Apples, a draft that nobody has read"
PUBLISHED = "Apples keep until the first strawberries"
SAVE_DRAFT = "#page-edit-form .action-save"
MORE_ACTIONS = "footer .w-dropdown__toggle"
EDIT_FORM = 'form:has([name="text"])'
PUBLISH = '[name="action-publish"]'
ANNOUNCEMENT = "Closed on Sunday: the cellar is being whitewashed."
FOOTER = "What keeps, and what does not."
SCHEDULED, SCHEDULED_TITLE = "/blog/a-year-of-jars/", "A year of jars"
PREVIEW = '[data-side-panel-toggle="preview"]'
PREVIEW_FRAME = "#w-preview-iframe"


def preview_and_publish(house):
    """A draft is the editor's alone until it is published, and then everybody's at once."""
    page_id = page_id_at(house.stand.url, POST)
    edit, api = f"/admin/pages/{page_id}/edit/", f"/api/v2/pages/{page_id}/"
    with house.visitors("editor", "visitor", "another visitor") as (editor, visitor, another):
        log_in(editor, "editor")
        for path in (POST, "/", "/blog/", api):
            visitor.go(path)
            visitor.go(path)

        house.watch.keep(DRAFT, editor)
        editor.go(edit)
        preview(house, editor, DRAFT)
        editor.click(SAVE_DRAFT)
        house.check(
            "the editor saves a draft", editor.path == edit and editor.shows("has been updated"), editor.page.url
        )
        editor.go(f"/admin/pages/{page_id}/view_draft/")
        house.check("and sees it as a page", editor.shows(DRAFT), editor.page.url)
        check_draft_is_hidden(house, visitor, another, page_id, (POST, "/", "/blog/", api))

        editor.go(edit)
        editor.fill(title=PUBLISHED)
        editor.page.click(MORE_ACTIONS)
        editor.click(PUBLISH)
        house.check("the editor publishes", editor.shows("has been published"), editor.page.url)
        check_published(house, another, visitor, (POST, "/", "/blog/", api))


def preview(house, editor, title):
    """Types a title and opens the preview beside the form."""
    editor.fill(title=title)
    editor.page.click(PREVIEW)
    shown = editor.page.frame_locator(PREVIEW_FRAME).locator("h1", has_text=title)
    shown.wait_for()
    editor.settle()
    previews = [path for path, text in editor.bodies if path.endswith("/edit/preview/") and title in text]
    house.check("the preview beside the form shows what is typed", bool(previews), [path for path, _ in editor.bodies])


def check_draft_is_hidden(house, visitor, another, page_id, paths):
    """The watch keeps the draft's title; here the pages are asked for."""
    for path in paths:
        visitor.reload() if visitor.path == path else visitor.go(path)
        house.check(f"{path}: still a hit, without the draft", visitor.is_hit, visitor.cache_status)
    for path in (
        f"/admin/pages/{page_id}/view_draft/",
        f"/admin/pages/{page_id}/edit/preview/",
        f"/admin/pages/{page_id}/edit/",
    ):
        another.go(path)
        house.check(f"{path} leads others to the log-in", another.path == "/admin/login/", another.page.url)


def check_published(house, first, second, paths):
    for path in paths:
        first.go(path)
        house.check(
            f"{path}: the next visitor sees it", not first.is_hit and PUBLISHED in text_of(first), first.cache_status
        )
        second.go(path)
        house.check(
            f"{path}: the one after as a hit", second.is_hit and PUBLISHED in text_of(second), second.cache_status
        )


def text_of(visitor):
    """What the page's own answer holds."""
    return visitor.page.content()


def surroundings(house):
    """What is around every page, a site setting and a snippet: changed in the admin, seen everywhere at once."""
    pages = ("/", POST, "/forum/", "/about/")
    with house.visitors("editor", "visitor", "another visitor") as (editor, visitor, another):
        log_in(editor, "editor")
        for path in pages:
            visitor.go(path)
        editor.go("/admin/settings/kitchen/announcement/")
        editor.fill(text=ANNOUNCEMENT)
        editor.send(EDIT_FORM)
        check_everywhere(house, another, pages, ANNOUNCEMENT)
        editor.go("/admin/snippets/kitchen/footer/")
        editor.click('main a:has-text("Footer (English)")')
        write_rich_text(editor, FOOTER)
        editor.send(EDIT_FORM)
        check_everywhere(house, visitor, pages, FOOTER)


def write_rich_text(editor, text):
    """The editor's JavaScript brings what is typed into the form's field a moment later."""
    editor.page.fill(".public-DraftEditor-content", text)
    editor.page.wait_for_function('text => document.querySelector("[name=text]").value.includes(text)', arg=text)


def check_everywhere(house, visitor, paths, text):
    for path in paths:
        visitor.go(path)
        fresh = not visitor.is_hit and visitor.shows(text)
        visitor.go(path)
        house.check(
            f"{path} has it at once, then as a hit: {text}",
            fresh and visitor.is_hit and visitor.shows(text),
            visitor.cache_status,
        )


def schedule(house):
    """A post goes live at its hour, though the address was asked for before."""
    with house.visitors("visitor", "another visitor") as (visitor, another):
        visitor.go(SCHEDULED)
        visitor.go(SCHEDULED)
        missing = visitor.answer.status == 404 and visitor.is_hit
        house.check("before its hour the post is missing, and that is remembered", missing, visitor.cache_status)
        visitor.go("/blog/")
        house.stand.manage("schedule", SCHEDULED.strip("/").rpartition("/")[2], 0)
        house.stand.manage("publish_scheduled")
        another.go(SCHEDULED)
        house.check(
            "then the next visitor gets it",
            another.answer.status == 200 and another.shows(SCHEDULED_TITLE),
            another.cache_status,
        )
        another.go("/blog/")
        house.check(
            "and finds it in the list", another.shows(SCHEDULED_TITLE) and not another.is_hit, another.cache_status
        )
