"""The forms of HTML pages, as a browser would send them."""

import json
from html.parser import HTMLParser


class FormError(Exception):
    """The page has no such form."""


class Form(HTMLParser):
    """The fields of one form of an HTML page, filled in as the page has them.

    It is the first form with that id and that field, when they are asked for.
    """

    def __init__(self, html, form_id=None, holding=None):
        super().__init__()
        self.form_id = form_id
        self.holding = holding
        self.inside = False
        self.found = False
        self.fields = {}
        self.boxes = set()  # what may be ticked, and is no field until then
        self.textarea = None
        self.select = None
        self.feed(html)
        if not self.found:
            raise FormError(f"no form {form_id or holding or ''} in the page")

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and not self.found:
            self.inside = self.form_id in (None, attributes.get("id"))
        if not self.inside:
            return
        name, value = attributes.get("name"), attributes.get("value") or ""
        if tag == "input" and name:
            kind = attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                self.boxes.add(name)
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
        if tag == "form" and self.inside:
            self.inside = False
            self.found = self.holding is None or self.holding in self.fields
            if not self.found:
                self.fields = {}
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
