"""What members write in the forum, and what its staff does to it: events as in events.py, which come before these."""

import re

from events import FORUM, event
from looks import ELSEWHERE, Look, Seen, appears, changes, stays, turns, vanishes

ROW = r"{title}</a><br><span class=\"count\">[^<]*</span></td>\s*"
POST_ID = re.compile(r'id="post-(\d+)"')


class ForumThread:
    """A thread of the run, and how the lists count it."""

    def __init__(self, stage, path, category):
        self.stage = stage
        self.path = path
        self.id = int(path.strip("/").rpartition("/")[2])
        self.category = category
        self.title = f"A thread of {stage.run}"

    @classmethod
    def open(cls, stage, category):
        path = stage.desk.staff.send(
            f"/forum/c/{category}/new/", "text", title=f"A thread of {stage.run}", text="Where to begin?"
        )
        return cls(stage, path, category)

    def posts(self):
        return [int(one) for one in POST_ID.findall(self.stage.cms.get(self.path).text)]

    def row(self, posts):
        """As its category's list has it."""
        return ROW.format(title=re.escape(self.title)) + f"<td>{posts}</td>"

    def index_row(self, more_threads=0, more_posts=0, category=None):
        """As the forum's index has its category, with so many more."""
        category = category or self.category
        row = (
            rf"/forum/c/{category}/\">[^<]*</a><br><span class=\"count\">[^<]*</span></td>\s*<td>(\d+)</td>\s*<td>(\d+)"
        )
        threads, posts = map(int, re.search(row, self.stage.cms.get(FORUM).text).groups())
        return row.replace(r"(\d+)", str(threads + more_threads), 1).replace(r"(\d+)", str(posts + more_posts)) + "<"

    def reply(self, text):
        self.stage.desk.member.send(f"{self.path}reply/", "text", text=text)


def forum_thread(stage):
    """The run's thread: opened by whoever needs it first."""
    if stage.thread is None:
        stage.thread = ForumThread.open(stage, "jars")
    return stage.thread


def counted(thread, fewer_or_more):
    """The lists that tell how many posts there are."""
    now = len(thread.posts()) - thread.stage.deleted
    return [
        turns(f"/forum/c/{thread.category}/", thread.row(now), thread.row(now + fewer_or_more), ELSEWHERE),
        turns(FORUM, thread.index_row(), thread.index_row(0, fewer_or_more), ELSEWHERE),
    ]


@event("forum post added")
def add_post(stage):
    thread = forum_thread(stage)
    text = f"In sand, of course, {stage.run}."
    yield [appears(thread.path, text), *counted(thread, +1), stays("/"), stays("/forum/t/1/")]
    thread.reply(text)


@event("forum post soft-deleted")
def delete_post_softly(stage):
    thread = forum_thread(stage)
    text = f"Something hasty, {stage.run}."
    thread.reply(text)
    post = max(thread.posts())
    yield [
        Look(thread.path, Seen(holds=(text,)), Seen(holds=(">deleted<",), lacks=(text,))),
        *counted(thread, -1),
        stays("/forum/t/1/"),
    ]
    stage.desk.member.send(f"/forum/p/{post}/delete/", "csrfmiddlewaretoken")
    stage.deleted += 1


@event("forum post deleted")
def delete_post(stage):
    thread = forum_thread(stage)
    text = f"Something unkind, {stage.run}."
    thread.reply(text)
    post = max(thread.posts())
    yield [vanishes(thread.path, text), *counted(thread, -1), stays("/forum/t/1/")]
    stage.desk.staff.send(f"/django-admin/forum/post/{post}/delete/", "post")


@event("reaction to a forum post")
def react(stage):
    thread = forum_thread(stage)
    post = min(thread.posts())
    yield [
        appears(thread.path, "Tried it 1 ·"),
        stays(f"/forum/c/{thread.category}/"),
        stays(FORUM),
        stays("/forum/t/1/"),
    ]
    stage.desk.member.send(f"/forum/p/{post}/react/", "csrfmiddlewaretoken", kind="tried")


@event("thread moved between categories")
def move_thread(stage):
    thread = forum_thread(stage)
    target = next(
        slug for slug in re.findall(r'href="/forum/c/([a-z-]+)/"', stage.cms.get(FORUM).text) if slug != thread.category
    )
    now = len(thread.posts()) - stage.deleted
    yield [
        changes(thread.path, f'"/forum/c/{thread.category}/"', f'"/forum/c/{target}/"'),
        vanishes(f"/forum/c/{thread.category}/", thread.title, ELSEWHERE),
        appears(f"/forum/c/{target}/", thread.title, ELSEWHERE),
        turns(FORUM, thread.index_row(), thread.index_row(-1, -now), ELSEWHERE),
        stays("/"),
    ]
    stage.desk.move_thread(thread.id, target)
    thread.category = target


@event("forum category renamed")
def rename_category(stage):
    thread = forum_thread(stage)
    shown = re.search(rf'"/forum/c/{thread.category}/">([^<]*)<', stage.cms.get(thread.path).text)[1]
    title = f"Renamed {stage.run}"
    yield [
        changes(f"/forum/c/{thread.category}/", shown, title),
        changes(thread.path, shown, title, ELSEWHERE),
        changes(FORUM, shown, title, ELSEWHERE),
    ]
    stage.desk.rename_category(thread.category, title)
