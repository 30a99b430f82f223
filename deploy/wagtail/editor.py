"""Publishes a page as an editor does: logs in to the Wagtail admin and sends its forms.

    editor.py SITE_URL PATH TITLE    gives the page at that path a new title
"""

import json
import sys
from html.parser import HTMLParser
from urllib.parse import urlsplit

import requests

USERNAME = "editor"
PASSWORD = "pantry-notes"  # blog/management/commands/seed.py
TIMEOUT_S = 30


class AdminError(Exception):
    """The admin did not do what it was asked for."""


class Form(HTMLParser):
    """The fields of one form of an HTML page, filled in as the page has them."""

    def __init__(self, html, form_id=None):
        super().__init__()
        self.form_id = form_id
        self.inside = False
        self.found = False
        self.fields = {}
        self.textarea = None
        self.select = None
        self.feed(html)
        if not self.found:
            raise AdminError(f"no form {form_id or ''} in the page")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and not self.found:
            self.inside = self.found = self.form_id in (None, attributes.get("id"))
        if not self.inside:
            return
        name, value = attributes.get("name"), attributes.get("value") or ""
        if tag == "input" and name:
            kind = attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in attributes:
                    self.fields[name] = value or "on"
            elif kind not in ("submit", "button", "image", "file", "reset"):
                self.fields[name] = value
        elif tag == "textarea" and name:
            self.textarea = name
            self.fields[name] = ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in attributes or self.select not in self.fields):
            self.fields[self.select] = value
        elif tag == "div" and "data-w-block-arguments-value" in attributes:
            value, _error = json.loads(attributes["data-w-block-arguments-value"])
            self.fields.update(stream_fields(attributes["id"], value))

    def handle_data(self, data):
        if self.textarea:
            # A browser drops the line feed that Django writes after the tag.
            self.fields[self.textarea] += data.removeprefix("\n") if not self.fields[self.textarea] else data

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.textarea = None
        elif tag == "select":
            self.select = None


def stream_fields(name, blocks):
    """The inputs that Wagtail's JavaScript draws for a StreamField, of which the page has only the value."""
    fields = {f"{name}-count": str(len(blocks))}
    for order, block in enumerate(blocks):
        prefix = f"{name}-{order}"
        value = block["value"]
        fields[f"{prefix}-deleted"] = ""
        fields[f"{prefix}-order"] = str(order)
        fields[f"{prefix}-type"] = block["type"]
        fields[f"{prefix}-id"] = block.get("id") or ""
        fields[f"{prefix}-value"] = str(value["id"]) if isinstance(value, dict) else value
    return fields


def new_session():
    """HTTP without what the environment says of proxies: the site is on this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


class Editor:
    """A browser session of an editor who is logged in."""

    def __init__(self, site_url, username=USERNAME, password=PASSWORD):
        self.site_url = site_url.rstrip("/")
        self.session = new_session()
        login_url = f"{self.site_url}/admin/login/"
        fields = Form(self.get(login_url).text).fields
        fields.update(username=username, password=password)
        answer = self.post(login_url, fields)
        if answer.status_code != 302 or "sessionid" not in self.session.cookies:
            raise AdminError(f"login of {username}: status {answer.status_code}")

    def get(self, url):
        answer = self.session.get(url, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer

    def post(self, url, fields):
        # A browser names the form's page; Django's protection against forged requests looks at both fields.
        headers = {"Origin": self.site_url, "Referer": url}
        return self.session.post(url, data=fields, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)

    def publish(self, page_id, **changes):
        """Opens the page's edit form, changes the named fields and publishes."""
        edit_url = f"{self.site_url}/admin/pages/{page_id}/edit/"
        fields = Form(self.get(edit_url).text, "page-edit-form").fields
        unknown = changes.keys() - fields.keys()
        if unknown:
            raise AdminError(f"the edit form of page {page_id} has no field {', '.join(sorted(unknown))}")
        fields.update(changes)
        # Drawn by the comments' JavaScript, also when there are none.
        fields.update({f"comments-{total}_FORMS": "0" for total in ("TOTAL", "INITIAL", "MIN_NUM")})
        fields["comments-MAX_NUM_FORMS"] = ""
        fields["action-publish"] = "action-publish"
        answer = self.post(edit_url, fields)
        if answer.status_code != 302 or answer.headers["Location"].rstrip("/").endswith("/edit"):
            raise AdminError(f"publishing page {page_id}: status {answer.status_code}, {form_errors(answer.text)}")


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
    except (AdminError, requests.RequestException) as error:
        sys.exit(f"not published: {error}")
    print(f'published "{title}" at {site_url.rstrip("/")}{path}')


if __name__ == "__main__":
    main()
