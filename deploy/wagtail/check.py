"""Walks the demo's story against a running site and says of each step whether it held.

    check.py --site URL --upstream SOCKET

A visitor's first request is a MISS, the second a HIT that costs the CMS nothing; an editor publishes through the
Wagtail admin; the very next visitor sees the new text. Exit code 0 when every step held, else 1.
"""

import argparse
import http.client
import json
import sys
import time
from dataclasses import dataclass, field

import requests

from editor import AdminError, Editor, page_id_at
from forms import FormError
from sessions import LoginError
from visits import Site

POST_PATH = "/blog/how-long-will-apples-really-keep/"
NEIGHBOUR_PATH = "/blog/the-best-place-for-barley/"  # links to the post by its title
OTHER_PATH = "/blog/lentils-seven-ways/"
QUERIES_OF_A_PAGE_MIN = 15
POPULAR_COST_S_MIN = 0.15  # 300 ms by design, measured when the site was seeded; another machine load is allowed for

# What ends the walk before its end: the site or Larder answers otherwise than they may.
BREAKDOWNS = (
    AdminError,
    FormError,
    LoginError,
    requests.RequestException,
    OSError,
    http.client.HTTPException,
    json.JSONDecodeError,
)


@dataclass
class Report:
    failures: list = field(default_factory=list)

    def step(self, title, holds, seen):
        print(f"{'ok  ' if holds else 'FAIL'} {title}\n     {seen}", flush=True)
        if not holds:
            self.failures.append(title)

    def section(self, title):
        print(f"\n{title}", flush=True)


def is_first_visit(visit):
    return visit.status == 200 and visit.forward_reason == "uri-miss" and visit.was_stored and not visit.is_hit


def is_fetched_anew(visit):
    """After a purge a cache may call it any kind of miss, but not a hit, nor an answer that it kept back."""
    return visit.status == 200 and visit.forward_reason and visit.was_stored and not visit.is_hit


def is_free_hit(visit):
    lifetime = str(visit.cache_status.get("ttl", ""))
    return (
        visit.status == 200
        and visit.is_hit
        and lifetime.isdigit()
        and int(lifetime) > 0
        and visit.requests == visit.queries == 0
    )


def check_visits(site, report, api_path):
    report.section("A visitor comes")
    first = site.visit(POST_PATH)
    report.step("the first visit to a post is a MISS and is stored", is_first_visit(first), first)
    report.step(
        f"it costs the CMS at least {QUERIES_OF_A_PAGE_MIN} queries", first.queries >= QUERIES_OF_A_PAGE_MIN, first
    )
    second = site.visit(POST_PATH)
    report.step("the second is a HIT: not one query to the CMS", is_free_hit(second), second)
    report.step("and the same page", second.text == first.text, f"{len(second.text)} characters")

    seen = site.visit(POST_PATH + "?utm_source=letter", cookies={"_ga": "GA1.1.2", "csrftoken": "x" * 32})
    report.step("a campaign's link and a statistics cookie change nothing", is_free_hit(seen), seen)

    first = site.visit(api_path)
    report.step("its API representation: first a MISS, stored", is_first_visit(first), first)
    second = site.visit(api_path)
    report.step("then a HIT: not one query", is_free_hit(second) and second.text == first.text, second)


def check_popular(site, report):
    report.section("Something slow")
    first = site.visit("/blog/popular/")
    slow = is_first_visit(first) and first.seconds >= POPULAR_COST_S_MIN
    report.step("the popular posts take their time once", slow, first)
    second = site.visit("/blog/popular/?days=30&limit=5")
    quick = is_free_hit(second) and second.seconds < first.seconds / 2
    report.step("and none when asked for again, the defaults written out", quick, second)


def check_publishing(site, report, page_id, api_path):
    report.section("An editor publishes")
    for path in ("/", "/blog/", "/blog/?page=2", NEIGHBOUR_PATH, OTHER_PATH):
        site.visit(path)
    title = f"Apples keep until {time.strftime('%H:%M:%S')}"
    intro = f"Published by the editor, {time.time_ns()}."

    editor = Editor(site.url)
    report.step("logs in to the Wagtail admin", True, f"{site.url}/admin/")
    start = time.monotonic()
    editor.publish(page_id, title=title, intro=intro)
    report.step("publishes by the page's own form", True, f"{(time.monotonic() - start) * 1000:.0f} ms")

    def shows_new_text(visit):
        return title in visit.text and intro in visit.text

    for name, path in (("page", POST_PATH), ("API representation", api_path)):
        first = site.visit(path)
        new = is_fetched_anew(first) and shows_new_text(first)
        report.step(f"the very next visitor sees the new {name}", new, first)
        second = site.visit(path)
        report.step("the one after gets it as a HIT", is_free_hit(second) and shows_new_text(second), second)

    index = site.visit("/blog/")
    report.step("the blog's list has the new title", is_fetched_anew(index) and title in index.text, index)
    front = site.visit("/")
    report.step("so has the front page", is_fetched_anew(front) and title in front.text, front)
    older = site.visit("/blog/?page=2")
    report.step("the list's other pages went with it", is_fetched_anew(older), older)
    neighbour = site.visit(NEIGHBOUR_PATH)
    report.step(
        "the next post links to the new title", is_fetched_anew(neighbour) and title in neighbour.text, neighbour
    )
    other = site.visit(OTHER_PATH)
    report.step("another post stayed: a HIT", is_free_hit(other), other)
    return editor


def check_privacy(site, report, editor):
    report.section("The editor looks at the site")
    own = site.visit(POST_PATH, cookies=editor.cookies)
    passed = own.status == 200 and own.requests == 1 and not own.is_hit and not own.was_stored
    report.step("a logged-in request goes to the CMS and is not stored", passed, own)
    report.step("it has the editor's toolbar", "wagtail-userbar" in own.text, f"{len(own.text)} characters")
    anonymous = site.visit(POST_PATH)
    clean = is_free_hit(anonymous) and "wagtail-userbar" not in anonymous.text
    report.step("the next visitor gets the page for everybody", clean, anonymous)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", required=True, help="URL of the site, as visitors reach it through Larder")
    parser.add_argument("--upstream", required=True, help="path of the CMS's unix socket")
    arguments = parser.parse_args()
    site = Site(arguments.site.rstrip("/"), arguments.upstream)
    report = Report()
    try:
        page_id = page_id_at(site.url, POST_PATH)
        api_path = f"/api/v2/pages/{page_id}/"
        check_visits(site, report, api_path)
        check_popular(site, report)
        editor = check_publishing(site, report, page_id, api_path)
        check_privacy(site, report, editor)
    except BREAKDOWNS as error:
        report.step("the walk goes on", False, f"{type(error).__name__}: {error}")

    print(f"\n{'the story holds' if not report.failures else f'{len(report.failures)} steps failed'}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
