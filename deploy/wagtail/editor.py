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
        fields = self.edited_fields(page_id, changes)
        fields["action-publish"] = "action-publish"
        answer = self.post(self.edit_url(page_id), fields)
        if answer.status_code != 302 or answer.headers["Location"].rstrip("/").endswith("/edit"):
            raise AdminError(f"publishing page {page_id}: status {answer.status_code}, {form_errors(answer.text)}")

    def save_draft(self, page_id, **changes):
        """Opens the page's edit form, changes the named fields and saves them as a draft."""
        answer = self.post(self.edit_url(page_id), self.edited_fields(page_id, changes))
        if answer.status_code != 302:
            raise AdminError(f"saving page {page_id}: status {answer.status_code}, {form_errors(answer.text)}")

    def edit_url(self, page_id):
        return f"{self.site_url}/admin/pages/{page_id}/edit/"

    def edited_fields(self, page_id, changes):
        """The fields of the page's edit form, with these changed."""
        fields = Form(self.get(self.edit_url(page_id)).text, "page-edit-form").fields
        unknown = changes.keys() - fields.keys()
        if unknown:
            raise AdminError(f"the edit form of page {page_id} has no field {', '.join(sorted(unknown))}")
        fields.update(changes)
        # Drawn by the comments' JavaScript, also when there are none.
        fields.update({f"comments-{total}_FORMS": "0" for total in ("TOTAL", "INITIAL", "MIN_NUM")})
        fields["comments-MAX_NUM_FORMS"] = ""
        return fields


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
