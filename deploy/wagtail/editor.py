"""Publishes a page as an editor does: logs in to the Wagtail admin and sends its forms.

editor.py SITE_URL PATH TITLE    gives the page at that path a new title
"""

import sys
from urllib.parse import urlsplit

import requests

from forms import Form, FormError
from sessions import TIMEOUT_S, LoginError, UserSession, new_session

USERNAME = "editor"
PASSWORD = "pantry-notes"  # blog/management/commands/seed.py


class AdminError(Exception):
    """The admin did not do what it was asked for."""


class Editor(UserSession):
    """An editor who is logged in to the admin."""

    def __init__(self, site_url, username=USERNAME, password=PASSWORD):
        super().__init__(site_url, "/admin/login/", username, password)

    def publish(self, page_id, **changes):
        """Opens the page's edit form, changes the named fields and publishes."""
        self._publish_by(self.edit_url(page_id), changes)

    def publish_new(self, parent_id, model, **fields):
        """Opens the form for a new page of a model, such as "blog/blogpage", fills it in and publishes."""
        self._publish_by(f"{self.site_url}/admin/pages/add/{model}/{parent_id}/", fields)

    def save_draft(self, page_id, **changes):
        """Opens the page's edit form, changes the named fields and saves them as a draft."""
        url = self.edit_url(page_id)
        answer = self.post(url, self.edited_fields(url, changes))
        if answer.status_code != 302:
            raise AdminError(f"saving page {page_id}: status {answer.status_code}, {form_errors(answer.text)}")

    def edit_url(self, page_id):
        return f"{self.site_url}/admin/pages/{page_id}/edit/"

    def edited_fields(self, url, changes):
        """The fields of a page's form, with these changed; a StreamField's may be more than there were."""
        form = Form(self.get(url).text, "page-edit-form")
        fields = form.fields
        streams = tuple(name.removesuffix("count") for name in fields if name.endswith("-count"))
        known = fields.keys() | form.boxes
        unknown = [name for name in changes if name not in known and not name.startswith(streams)]
        if unknown:
            raise AdminError(f"the form at {url} has no field {', '.join(sorted(unknown))}")
        fields.update(changes)
        # Drawn by the comments' JavaScript, also when there are none.
        fields.update({f"comments-{total}_FORMS": "0" for total in ("TOTAL", "INITIAL", "MIN_NUM")})
        fields["comments-MAX_NUM_FORMS"] = ""
        return fields

    def _publish_by(self, url, changes):
        fields = self.edited_fields(url, changes)
        fields["action-publish"] = "action-publish"
        answer = self.post(url, fields)
        # What could only be saved leads back to the form.
        if answer.status_code != 302 or answer.headers["Location"].rstrip("/").endswith("/edit"):
            raise AdminError(f"publishing at {url}: status {answer.status_code}, {form_errors(answer.text)}")


def form_errors(html):
    """What the form complains of, as far as it can be told from the page."""
    lines = [line.strip() for line in html.splitlines()]
    marks = [number for number, line in enumerate(lines) if "error-message" in line or "messages__item" in line]
    return " | ".join(line for mark in marks for line in lines[mark : mark + 6] if line)[:600] or "no reason given"


def page_id_at(site_url, path):
    """The id of the page at a path, asked of the Wagtail API."""
    url = f"{site_url.rstrip('/')}/api/v2/pages/find/"
    answer = new_session().get(url, params={"html_path": path}, timeout=TIMEOUT_S, allow_redirects=False)
    if answer.status_code != 302:
        raise AdminError(f"no page at {path}: status {answer.status_code}")
    return int(urlsplit(answer.headers["Location"]).path.rstrip("/").rpartition("/")[2])


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    site_url, path, title = sys.argv[1:]
    try:
        Editor(site_url).publish(page_id_at(site_url, path), title=title)
    except (AdminError, FormError, LoginError, requests.RequestException) as error:
        sys.exit(f"not published: {error}")
    print(f'published "{title}" at {site_url.rstrip("/")}{path}')


if __name__ == "__main__":
    main()
