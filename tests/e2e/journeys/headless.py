"""The API as a front end on another origin reads it."""

from house import log_in
from journeys.reading import OTHER_POST, POST
from markers import Somebody

from editor import Editor, page_id_at

POSTS = "/api/v2/blog-posts/"
DRAFT = "Apples, a draft for the front end alone"
FRONT_DRAFT = "Barley, a draft in the front end"
FRONT_PUBLISHED = "Barley keeps best where it is cold"
STRANGER = "https://stranger.example"


def cross_origin(house):
    """Preflights pass, and what one origin is allowed is not told to another."""
    front = house.stand.front_url
    for origin, wanted in ((front, front), (STRANGER, None)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "accept"}
        answers = [house.client.get(POSTS, headers=asked, method="OPTIONS") for _ in range(2)]
        house.check(
            f"preflights of {origin} are answered by the CMS",
            all(allowed_by(answer) == wanted and not answer.is_hit for answer in answers),
            [answer.fields for answer in answers],
        )
    for order in ((front, STRANGER, None), (None, STRANGER, front)):
        house.purge_all()
        for title in ("first", "again"):
            answers = [get_as(house, POSTS, origin) for origin in order]
            house.check(
                f"of {', '.join(map(str, order))} ({title}) only the front end is allowed",
                [allowed_by(answer) for answer in answers] == [origin if origin == front else None for origin in order],
                [answer.fields for answer in answers],
            )
        house.check(
            "the second time all were hits",
            all(answer.is_hit for answer in answers),
            [answer.fields for answer in answers],
        )


def allowed_by(answer):
    return answer.fields.get("access-control-allow-origin")


def get_as(house, path, origin):
    answer = house.client.get(path, headers={"Origin": origin} if origin else {})
    house.look_at(Somebody(f"a page of {origin}"), path, answer)
    return answer


def draft_by_token(house):
    """A draft is read by its token, and by nothing else; nothing of it is kept."""
    page_id = page_id_at(house.stand.url, POST)
    editor = Editor(house.stand.url)
    editor.save_draft(page_id, title=DRAFT)
    token = editor.get(f"{house.stand.url}/api/v2-tokens/?page={page_id}").json()["token"]
    holder, stranger = Somebody("who has the token"), Somebody("who has not")
    house.watch.keep(DRAFT, holder)

    by_token = f"/api/v2/page_preview/?token={token}"
    public = (f"/api/v2/pages/{page_id}/", f"/api/v2/blog-posts/{page_id}/", POSTS, POST)
    for path in public:
        house.look_at(stranger, path, house.client.get(path))
    for _ in range(2):
        answer = house.client.get(by_token, headers={"Origin": house.stand.front_url})
        house.look_at(holder, by_token, answer)
        passed = not answer.is_hit and "stored" not in answer.cache_status
        house.check(
            "the token brings the draft, past the cache",
            DRAFT in answer.text and passed,
            f"{answer.status} {answer.fields}",
        )
    for path in (*public, "/api/v2/page_preview/", by_token[:-1], f"{by_token}x"):
        answer = house.client.get(path)
        foreign = house.look_at(stranger, path, answer)
        house.check(f"{path.replace(token[:-1], '...')} without it does not", not foreign, foreign)


def front_end(house):
    """A front end of static files: the list, a post, a draft for who has its address, and what is published at once."""
    page_id = page_id_at(house.stand.url, OTHER_POST)
    draft_button = f"/admin/headless-preview/{page_id}/"
    with house.visitors("editor", "holder", "reader", "another reader") as (editor, holder, reader, another):
        for who in (reader, another):
            open_front(house, who)
        follow(reader, 'article a[href^="#/posts/"]')
        house.check(
            "a reader opens a post from the list", reader.holds('article[data-source="live"] h1'), reader.page.url
        )
        open_post(house, another, page_id)
        title = another.page.inner_text("h1")

        log_in(editor, "editor")
        house.watch.keep(FRONT_DRAFT, editor, holder)
        Editor(house.stand.url).save_draft(page_id, title=FRONT_DRAFT)
        editor.go(draft_button)
        shown(editor, "h1", FRONT_DRAFT)
        house.check(
            "the editor's button leads to the draft", editor.page.url.startswith(house.stand.front_url), editor.page.url
        )
        address = editor.page.url
        holder.go(address)
        shown(holder, "h1", FRONT_DRAFT)
        house.check("who was sent the draft's address sees it", holder.shows("Draft."), holder.page.url)
        for who in (reader, another):
            open_post(house, who, page_id)
            house.check(f"{who.name} sees the live post", who.page.inner_text("h1") == title, who.page.inner_text("h1"))
        another.go("about:blank")
        another.go(address[:-1])
        shown(another, ".failure", "Not available")
        house.check("a wrong token brings nothing", not another.holds("article"), another.page.url)

        house.watch.publish(FRONT_DRAFT)
        Editor(house.stand.url).publish(page_id, title=FRONT_PUBLISHED)
        for who in (reader, another):
            open_post(house, who, page_id)
            house.check(
                f"{who.name} sees what was published",
                who.page.inner_text("h1") == FRONT_PUBLISHED,
                who.page.inner_text("h1"),
            )


def open_front(house, visitor):
    visitor.go(house.stand.front_url)
    shown(visitor, "#popular", "views")
    house.check(
        f"{visitor.name} gets the list of posts",
        len(visitor.page.query_selector_all("main article")) == 10,
        visitor.page.url,
    )


def open_post(house, visitor, page_id):
    visitor.go("about:blank")
    visitor.go(f"{house.stand.front_url}/#/posts/{page_id}")
    shown(visitor, 'article[data-source="live"] h1', "")


def follow(visitor, selector):
    """Follows a link within the front end, which loads no new document."""
    visitor.page.click(selector)
    shown(visitor, 'article[data-source="live"] h1', "")


def shown(visitor, selector, text):
    visitor.page.locator(selector, has_text=text).first.wait_for()
    visitor.settle()
