"""The whole site, as somebody without a past finds it."""

from collections import Counter

from crawling import Client, Crawl, kind_of
from markers import Somebody
from sameness import difference

PAGE_HITS_MIN = 0.95
REFRESHES_MAX = 3
ALL_HITS = ("image", "static file")


def crawl_twice(house):
    """Twice through Larder and once past it: the second walk is hits, the third the same site."""
    house.purge_all()
    first = Crawl(house.client, house.stand.host)
    house.remember(first)
    house.check(
        f"the first walk ends by itself after {len(first.answers)} addresses",
        not first.reached_its_bound,
        first.came_from,
    )
    broken = [
        f"{answer.status} {path}, linked from {first.came_from[path]}"
        for path, answer in first.answers.items()
        if answer.status >= 400 and answer.status != 401
    ]
    house.check("no link is broken", not broken, broken)

    second = Crawl(house.client, house.stand.host)
    check_hits(house, second)
    check_cost(house, second)
    look_at_all(house, "first walk", first)
    look_at_all(house, "second walk", second)
    check_same(house, "the second walk", second, first)
    check_same(house, "a walk straight to the CMS", Crawl(Client.of_cms(house.stand), house.stand.host), second)


def look_at_all(house, title, crawl):
    """Each request was somebody's first: none may get what another was given."""
    for path, answer in crawl.answers.items():
        house.look_at(Somebody(f"who asked for {path} in the {title}"), path, answer)


def check_hits(house, crawl):
    """Prints the figures, and why each page that is no hit is none."""
    kinds = {path: kind_of(path, answer) for path, answer in crawl.answers.items()}
    asked = Counter(kinds.values())
    hits = Counter(kinds[path] for path, answer in crawl.answers.items() if answer.is_hit)
    for kind, count in asked.most_common():
        house.report.note(f"{kind:12} {count:5} asked {hits[kind]:5} hits {hits[kind] / count:7.1%}")
    house.check(
        f"{hits['page'] / asked['page']:.1%} of the pages are hits (at least {PAGE_HITS_MIN:.0%})",
        hits["page"] >= PAGE_HITS_MIN * asked["page"],
    )
    for kind in ALL_HITS:
        misses = [
            f"{path}: {answer.cache_status}"
            for path, answer in crawl.answers.items()
            if kinds[path] == kind and not answer.is_hit
        ]
        house.check(f"each {kind} is a hit", asked[kind] > 0 and not misses, misses)
    for path, answer in crawl.answers.items():
        if kinds[path] == "page" and not answer.is_hit:
            house.report.note(f"no hit: {answer.status} {path} {answer.fields.get('cache-status')}")


def check_cost(house, crawl):
    """Asks for the hits once more: the CMS must not hear of it."""
    paths = [path for path, answer in crawl.answers.items() if answer.is_hit]
    for _ in range(REFRESHES_MAX):
        before = house.stand.counters()
        answers = house.client.get_all(paths)
        after = house.stand.counters()
        # What was past its time is refreshed behind the answer, and fresh when it is asked for again.
        stale = [path for path, answer in zip(paths, answers) if int(answer.cache_status.get("ttl", -1)) <= 0]
        if not stale:
            break
    seen = {name: after[name] - before[name] for name in after}
    house.check(
        f"these {len(paths)} hits, asked for again, cost the CMS {seen['requests']} requests and {seen['queries']} queries",
        not stale and set(seen.values()) == {0},
        stale,
    )


def check_same(house, title, crawl, other):
    """The same addresses, and the same answers, apart from what sameness.py lists."""
    only_here = [f"only {title}: {path}" for path in crawl.answers.keys() - other.answers.keys()]
    only_there = [f"not {title}: {path}" for path in other.answers.keys() - crawl.answers.keys()]
    different = [
        found
        for path in crawl.answers.keys() & other.answers.keys()
        if (found := difference(path, crawl.answers[path], other.answers[path]))
    ]
    house.check(
        f"{title} gives the same {len(other.answers)} answers",
        not (only_here or only_there or different),
        sorted(only_here + only_there + different),
    )
