"""An editor's desk: what the Wagtail admin, the forum and Django's admin can be told by their forms."""

import json
import re
import struct
import zlib
from functools import cached_property

import paths  # noqa: F401  the demo's modules

from editor import AdminError, Editor, form_errors
from forms import Form
from sessions import TIMEOUT_S, UserSession

STAFF = "inga"  # of the forum
MEMBER = "mara"


class Member(UserSession):
    """Somebody of the forum; its staff may use Django's admin."""

    def __init__(self, site_url, username, login_path="/accounts/login/"):
        super().__init__(site_url, login_path, username, f"{username}-password")

    def send(self, path, holding, **fields):
        """Opens the form that holds this field, fills it in and sends it; where that leads."""
        url = self.site_url + path
        answer = self.post(url, Form(self.get(url).text, holding=holding).fields | fields)
        if answer.status_code != 302:
            raise AdminError(f"the form at {path}: status {answer.status_code}, {form_errors(answer.text)}")
        return answer.headers["Location"]


class Desk:
    """Sessions that are logged in, and the acts of editors by name."""

    def __init__(self, site_url):
        self.site_url = site_url
        self.opened = {}  # the fields of forms, by page
        self.editor = Editor(site_url)

    @cached_property
    def member(self):
        return Member(self.site_url, MEMBER)

    @cached_property
    def staff(self):
        return Member(self.site_url, STAFF, "/django-admin/login/")

    # --- Pages --------------------------------------------------------------------------------------------------------

    def publish(self, page_id, **changes):
        self.editor.publish(page_id, **changes)

    def open(self, page_id):
        self.opened[page_id] = self.editor.edited_fields(self.editor.edit_url(page_id), {})

    def publish_opened(self, page_id, **changes):
        """Sends the form that was opened, with these fields changed."""
        fields = self.opened[page_id] | changes | {"action-publish": "action-publish"}
        answer = self.editor.post(self.editor.edit_url(page_id), fields)
        if answer.status_code != 302 or answer.headers["Location"].rstrip("/").endswith("/edit"):
            raise AdminError(f"publishing page {page_id}: status {answer.status_code}, {form_errors(answer.text)}")

    def save_draft(self, page_id, **changes):
        self.editor.save_draft(page_id, **changes)

    def new_info_page(self, parent_id, title, slug, **fields):
        self.editor.publish_new(
            parent_id, "home/infopage", title=title, slug=slug, body=rich_text(f"About {title}."), **fields
        )

    def submit(self, page_id, **changes):
        """To the moderators."""
        url = self.editor.edit_url(page_id)
        fields = self.editor.edited_fields(url, changes) | {"action-submit": "action-submit"}
        self.expect_redirect(url, self.editor.post(url, fields))

    def approve(self, page_id):
        url = self.editor.edit_url(page_id)
        fields = self.editor.edited_fields(url, {})
        fields |= {"action-workflow-action": "true", "workflow-action-name": "approve"}
        self.expect_redirect(url, self.editor.post(url, fields))

    def unpublish(self, page_id):
        self.confirm(f"/admin/pages/{page_id}/unpublish/")

    def delete(self, page_id):
        self.confirm(f"/admin/pages/{page_id}/delete/")

    def move(self, page_id, parent_id):
        self.confirm(f"/admin/pages/{page_id}/move/{parent_id}/confirm/")

    def publish_many(self, *page_ids):
        query = "&".join(f"id={page_id}" for page_id in page_ids)
        self.confirm(f"/admin/bulk/wagtailcore/page/publish/?{query}&next=/admin/")

    def set_privacy(self, page_id, kind, password=""):
        path = f"/admin/pages/{page_id}/privacy/"
        fields = {"restriction_type": kind, "password": password, "csrfmiddlewaretoken": self.token()}
        answer = self.editor.post(self.site_url + path, fields)
        if answer.status_code != 200 or "set_privacy_done" not in answer.text:
            raise AdminError(f"the privacy of page {page_id}: status {answer.status_code}, {answer.text[:300]}")

    # --- What is around pages -----------------------------------------------------------------------------------------

    def edit(self, path, holding, **changes):
        """A form of the admin that holds this field: a snippet, a setting, a redirect."""
        url = self.site_url + path
        page = self.editor.session.get(url, timeout=TIMEOUT_S)  # the form of a setting is led to
        fields = Form(page.text, holding=holding).fields | changes
        self.expect_redirect(page.url, self.editor.post(page.url, fields))

    def replace_image(self, image_id, name, colour):
        """Another picture in the place of this one."""
        url = f"{self.site_url}/admin/images/{image_id}/"
        fields = Form(self.editor.get(url).text, holding="title").fields
        headers = {"Origin": self.site_url, "Referer": url}
        files = {"file": (name, picture(1600, 1000, colour), "image/png")}
        answer = self.editor.session.post(
            url, data=fields, files=files, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
        self.expect_redirect(url, answer)

    # --- The forum's staff --------------------------------------------------------------------------------------------

    def move_thread(self, thread_id, category_slug):
        path = f"/django-admin/forum/thread/{thread_id}/change/"
        category = self.category_id(category_slug)
        self.staff.send(path, "title", category=category)

    def rename_category(self, slug, title):
        self.staff.send(f"/django-admin/forum/category/{self.category_id(slug)}/change/", "slug", title=title)

    def category_id(self, slug):
        listed = self.staff.get(f"{self.site_url}/django-admin/forum/category/").text
        row = re.search(
            rf'/django-admin/forum/category/(\d+)/change/"[^>]*>[^<]*</a></th><td class="field-slug">{slug}<', listed
        )
        return row[1]

    # --- Forms that only ask whether it shall be so -------------------------------------------------------------------

    def confirm(self, path):
        url = self.site_url + path
        fields = {"csrfmiddlewaretoken": self.token()}
        self.expect_redirect(url, self.editor.post(url, fields))

    def token(self):
        return self.editor.cookies["csrftoken"]

    @staticmethod
    def expect_redirect(url, answer):
        if answer.status_code != 302:
            raise AdminError(f"{url}: status {answer.status_code}, {form_errors(answer.text)}")


def rich_text(text):
    """What Draftail would send."""
    block = {"key": "abcde", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    return json.dumps({"blocks": [block], "entityMap": {}})


def picture(width, height, colour):
    """A PNG of one colour."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
