"""Whether two answers are the same, apart from what differs from one rendering to the next."""

import re


def in_order(link):
    """A link to the page itself with its parameters sorted."""
    return link[1] + "&amp;".join(sorted(link[2].split("&amp;")))


# Whatever differs and is not listed here is a wrong page.
DYNAMIC = (
    (
        re.compile(r'(name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}'),
        r"\1",
        "Django masks the token of a form anew each time",
    ),
    (
        re.compile(r'(<span data-dynamic="views">)[^<]*'),
        r"\1",
        "readers are counted without a purge of the thread's pages",
    ),
    (
        re.compile(r'(href="\?)([^"]*)'),
        in_order,
        "{% querystring %} keeps the order of the request's parameters; a page is fetched in the order of its key",
    ),
)


def difference(path, one, other):
    """What is not the same in two answers to a request, or an empty text."""
    for name, value, wanted in (
        ("status", one.status, other.status),
        ("type", one.content_type, other.content_type),
        ("location", one.fields.get("location"), other.fields.get("location")),
    ):
        if value != wanted:
            return f"{path}: {name} {value}, not {wanted}"
    lines, wanted_lines = static_part(one).splitlines(), static_part(other).splitlines()
    if lines == wanted_lines:
        return ""
    pairs = enumerate(zip(lines, wanted_lines))
    at = next((number for number, (line, wanted) in pairs if line != wanted), min(len(lines), len(wanted_lines)))
    return f"{path}: line {at + 1}: {lines[at:at + 1]}, not {wanted_lines[at:at + 1]}"


def static_part(answer):
    """The body, or its text without what the dynamic parts hold."""
    if not answer.content_type.startswith(("text/", "application/json")):
        return answer.body
    text = answer.text
    for pattern, kept, _reason in DYNAMIC:
        text = pattern.sub(kept, text)
    return text
